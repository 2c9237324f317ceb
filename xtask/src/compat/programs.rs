//! Our own programs on the crates of others, in the workspace `compat/`.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use xtask_shell::{Step, root};

use super::table::{End, Row};
use super::verdict::Counts;
use crate::libtest::Results;
use crate::metadata::Metadata;

/// The workspace with the patch.
const WORKSPACE: &str = "compat";
/// The folder of our mio, from the root of the repository.
const FACADE: &str = "compat/mio";

/// Runs the guard, then the tests of the programs.
pub(crate) fn run() -> Result<Row> {
    let folder = root().join(WORKSPACE);
    let version = guard(&Metadata::of(&folder.join("Cargo.toml"))?)?;
    println!("mio {version} is the façade");
    let outcome = Step::cargo(&["test", "--workspace"]).dir(&folder).target("compat").run()?;
    let results = Results::of_success(&outcome)?;
    let counts = Counts { passed: results.passed_count, bad: 0, ignored: results.ignored };
    Ok(row(End::Ran(counts)))
}

/// Their line of the table.
pub(crate) fn row(end: End) -> Row {
    Row { suite: "our programs".to_owned(), end, note: "" }
}

/// The version of the only mio, which is our façade.
fn guard(metadata: &Metadata) -> Result<String> {
    let all: Vec<_> = metadata.named("mio").collect();
    let [mio] = all[..] else {
        let versions: Vec<_> = all.iter().map(|mio| mio.version()).collect();
        bail!("the tree holds {} packages called mio: {}", all.len(), versions.join(", "));
    };
    if let Some(source) = mio.source() {
        bail!("mio {} comes from {source}: the patch did not take", mio.version());
    }
    let folder = mio.manifest().parent().unwrap_or_else(|| Path::new(""));
    ensure!(folder.ends_with(FACADE), "mio comes from {}, not from {FACADE}", folder.display());
    Ok(mio.version().to_owned())
}

#[cfg(test)]
mod tests {
    use super::guard;
    use crate::metadata::Metadata;

    const OURS: &str =
        r#"{"name":"mio","version":"1.2.4","source":null,"manifest_path":"/f/compat/mio/Cargo.toml"}"#;
    const REAL: &str = r#"{"name":"mio","version":"1.2.4","source":"registry+https://example.org"}"#;

    fn judge(packages: &[&str]) -> Result<String, String> {
        let text = format!(r#"{{"packages":[{}]}}"#, packages.join(","));
        guard(&Metadata::parse(&text).expect("JSON")).map_err(|error| error.to_string())
    }

    #[test]
    fn ours_alone_is_fine() {
        let other = r#"{"name":"tokio","version":"1.0.0"}"#;
        assert_eq!(judge(&[other, OURS]), Ok("1.2.4".to_owned()));
    }

    #[test]
    fn the_published_mio_is_refused() {
        assert!(judge(&[REAL]).expect_err("not ours").contains("did not take"));
    }

    #[test]
    fn a_second_mio_beside_ours_is_refused() {
        assert!(judge(&[OURS, REAL]).expect_err("two").contains("2 packages"));
    }

    #[test]
    fn no_mio_at_all_is_refused() {
        assert!(judge(&[]).expect_err("none").contains("0 packages"));
    }

    #[test]
    fn another_folder_is_refused() {
        let other = OURS.replace("compat/mio", "elsewhere/mio");
        assert!(judge(&[&other]).expect_err("elsewhere").contains("elsewhere"));
    }
}
