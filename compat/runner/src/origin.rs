//! Which mio a build holds. cargo takes the published one without a word when a patch
//! does not fit.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use cargo_metadata::Metadata;
use xtask_shell::root;

/// The folder of our mio, from the root of the repository.
const FACADE: &str = "compat/mio";

/// Whose mio a program is built on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Engine {
    /// Ours, by a patch.
    Ferrio,
    /// The published one.
    Mio,
}

/// A package called mio: cargo's identifier of it, and its manifest.
pub(crate) type Origin = (String, PathBuf);

impl Engine {
    /// Checks the origins of all packages called mio in a build: one, and the right
    /// one. Gives its version.
    pub(crate) fn guard(self, mios: &[Origin]) -> Result<String> {
        let [(identifier, manifest)] = mios else {
            let all: Vec<_> = mios.iter().map(|(identifier, _)| identifier.as_str()).collect();
            bail!("{} packages called mio in the build: {}", all.len(), all.join(", "));
        };
        match self {
            Self::Ferrio => {
                ensure!(identifier.starts_with("path+"), "the patch did not take: mio is {identifier}");
                let ours = facade().join("Cargo.toml");
                ensure!(*manifest == ours, "mio is {}, not {}", manifest.display(), ours.display());
            }
            Self::Mio => ensure!(identifier.starts_with("registry+"), "not the registry's: {identifier}"),
        }
        Ok(identifier.rsplit(['#', '@']).next().unwrap_or_default().to_owned())
    }
}

/// The packages called mio of a workspace.
pub(crate) fn mios(metadata: &Metadata) -> Vec<Origin> {
    let mios = metadata.packages.iter().filter(|package| package.name == "mio");
    mios.map(|mio| (mio.id.repr.clone(), mio.manifest_path.clone().into())).collect()
}

/// The folder of our mio.
pub(crate) fn facade() -> PathBuf {
    root().join(Path::new(FACADE))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::slice;

    use super::{Engine, facade};

    #[test]
    fn each_engine_is_itself_alone() {
        let guard = |engine: Engine, mios: &[(String, PathBuf)]| {
            engine.guard(mios).map_err(|error| error.to_string())
        };
        let ours = ("path+file:///f/compat/mio#1.2.4+ferrio.0.1.0".to_owned(), facade().join("Cargo.toml"));
        let real =
            ("registry+https://example.org/index#mio@1.2.4".to_owned(), PathBuf::from("/r/Cargo.toml"));
        let copy = (ours.0.clone(), PathBuf::from("/elsewhere/mio/Cargo.toml"));
        assert_eq!(guard(Engine::Ferrio, slice::from_ref(&ours)), Ok("1.2.4+ferrio.0.1.0".to_owned()));
        assert_eq!(guard(Engine::Mio, slice::from_ref(&real)), Ok("1.2.4".to_owned()));
        assert!(guard(Engine::Ferrio, slice::from_ref(&real)).expect_err("real").contains("did not take"));
        for mios in [&[copy][..], &[ours.clone(), real], &[]] {
            assert!(guard(Engine::Ferrio, mios).is_err(), "{mios:?}");
        }
        assert!(guard(Engine::Mio, &[ours]).is_err());
    }
}
