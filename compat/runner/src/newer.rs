//! Whether the registry has a newer mio than the façade claims to be.

use anyhow::{Context, Result};
use cargo_metadata::Metadata;
use semver::{BuildMetadata, Version};
use xtask_shell::{Step, registry};

/// Asks the registry; in words, if it has.
pub(crate) fn look(metadata: &Metadata) -> Result<Option<String>> {
    let facade = &registry::only(metadata, "mio")?.version;
    let info = Step::cargo(&["info", "mio", "--registry", "crates-io"]);
    let outcome = registry::succeed(info.quiet())?;
    let newest = newest(&outcome.stdout).context("cargo info names no version of mio")?;
    Ok(is_newer(&newest, facade).then(|| format!("mio {newest} is newer than the facade, {facade}")))
}

/// The newest version in `version: 1.2.4 (latest 1.3.0)`, whose end may be missing.
fn newest(info: &str) -> Option<Version> {
    let line = info.lines().find_map(|line| line.strip_prefix("version: "))?;
    line.split([' ', '(', ')']).filter_map(|word| word.parse().ok()).max()
}

/// What stands behind the `+` of the façade is Ferrio's own version.
fn is_newer(newest: &Version, facade: &Version) -> bool {
    *newest > Version { build: BuildMetadata::EMPTY, ..facade.clone() }
}

#[cfg(test)]
mod tests {
    use super::{is_newer, newest};

    #[test]
    fn a_newer_mio_is_noticed() {
        let facade = "1.2.4+ferrio.0.1.0".parse().expect("a version");
        let is_newer = |info: &str| is_newer(&newest(info).expect("a version"), &facade);
        assert!(!is_newer("mio #io\nversion: 1.2.4\nlicense: MIT\n"));
        assert!(is_newer("version: 1.2.4 (latest 1.2.5)\n") && is_newer("version: 1.10.0\n"));
        assert!(newest("license: MIT\n").is_none());
    }
}
