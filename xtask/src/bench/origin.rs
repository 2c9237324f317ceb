//! Where the `mio` of a subject comes from. cargo takes the published one without a
//! word when a patch does not fit, and then Ferrio would be compared with nobody.

use std::path::Path;

use anyhow::{Result, bail, ensure};

use crate::metadata::{Metadata, Package};

/// The folder of the façade, from the root of the repository.
const FACADE: &str = "compat/mio";
/// The peers that have to be the published ones.
const PUBLISHED: &[&str] = &["mio", "polling", "tokio"];

/// Checks the workspace of the peers: each comes from a registry, and Ferrio from its
/// folder. Gives the versions of the peers.
pub(crate) fn check_published(metadata: &Metadata) -> Result<Vec<(&'static str, String)>> {
    let ferrio = only(metadata, "ferrio-poll")?;
    ensure!(ferrio.source().is_none(), "ferrio-poll does not come from this repository");
    let mut versions = Vec::new();
    for name in PUBLISHED {
        let peer = only(metadata, name)?;
        let source = peer.source().unwrap_or("a folder");
        ensure!(source.starts_with("registry+"), "{name} comes from {source}, not from a registry");
        versions.push((*name, peer.version().to_owned()));
    }
    Ok(versions)
}

/// Checks that the only `mio` is the façade. Gives its version.
pub(crate) fn check_facade(metadata: &Metadata) -> Result<String> {
    let mio = only(metadata, "mio")?;
    if let Some(source) = mio.source() {
        bail!("mio {} comes from {source}: the patch did not take", mio.version());
    }
    let folder = mio.manifest().parent().unwrap_or_else(|| Path::new(""));
    ensure!(folder.ends_with(FACADE), "mio comes from {}, not from {FACADE}", folder.display());
    Ok(mio.version().to_owned())
}

/// The only package of a name.
fn only<'a>(metadata: &'a Metadata, name: &'a str) -> Result<Package<'a>> {
    let all: Vec<_> = metadata.named(name).collect();
    let [package] = all[..] else {
        bail!("the tree holds {} packages called {name}", all.len());
    };
    Ok(package)
}

#[cfg(test)]
mod tests {
    use super::{check_facade, check_published};
    use crate::metadata::Metadata;

    const FERRIO: &str = r#"{"name":"ferrio-poll","version":"0.1.0","source":null}"#;
    const MIO: &str = r#"{"name":"mio","version":"1.2.4","source":"registry+https://example.org"}"#;
    const FACADE: &str =
        r#"{"name":"mio","version":"1.2.4+f","source":null,"manifest_path":"/f/compat/mio/Cargo.toml"}"#;

    fn metadata(packages: &[&str]) -> Metadata {
        let others = ["polling", "tokio"]
            .map(|name| format!(r#"{{"name":"{name}","version":"3.0.0","source":"registry+x"}}"#));
        let all: Vec<&str> = packages.iter().copied().chain(others.iter().map(String::as_str)).collect();
        Metadata::parse(&format!(r#"{{"packages":[{}]}}"#, all.join(","))).expect("JSON")
    }

    #[test]
    fn the_published_mio_beside_ferrio_is_fine() {
        let versions = check_published(&metadata(&[FERRIO, MIO])).expect("as it should be");
        assert_eq!(versions[0], ("mio", "1.2.4".to_owned()));
    }

    #[test]
    fn a_facade_is_not_the_published_mio() {
        let error = check_published(&metadata(&[FERRIO, FACADE])).expect_err("ours");
        assert!(error.to_string().contains("not from a registry"), "{error}");
        assert!(check_published(&metadata(&[MIO])).is_err(), "no ferrio-poll");
    }

    #[test]
    fn under_the_patch_the_only_mio_is_the_facade() {
        assert_eq!(check_facade(&metadata(&[FACADE])).expect("ours"), "1.2.4+f");
        assert!(check_facade(&metadata(&[MIO])).is_err(), "the patch did not take");
        assert!(check_facade(&metadata(&[FACADE, MIO])).is_err(), "one more");
        assert!(check_facade(&metadata(&[])).is_err(), "none");
        let other = FACADE.replace("compat/mio", "mio");
        assert!(check_facade(&metadata(&[&other])).is_err(), "another folder");
    }
}
