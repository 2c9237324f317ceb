//! The four builds of a suite: on whose engine, and how that waits.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use xtask_shell::{root, target_dir};

use super::baseline::Rule;

/// The folder of our mio, from the root of the repository.
const FACADE: &str = "compat/mio";

/// Whose mio a suite is built on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Engine {
    /// Ours, by a patch.
    Ferrio,
    /// The published one.
    Mio,
}

/// How the engine waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wait {
    /// By epoll(7), the default of both.
    Epoll,
    /// By poll(2), which a build flag of mio forces; Ferrio obeys the same flag.
    Poll2,
}

/// A build.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flavour {
    /// On whose mio.
    pub(crate) engine: Engine,
    /// How it waits.
    pub(crate) wait: Wait,
}

impl Wait {
    /// The one that is called `name`.
    pub(crate) fn parse(name: &str) -> Result<Self> {
        match name {
            "epoll" => Ok(Self::Epoll),
            "poll2" => Ok(Self::Poll2),
            _ => bail!("no backend `{name}`: epoll or poll2"),
        }
    }

    /// Its name, which is also that of its folder of baselines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Epoll => "epoll",
            Self::Poll2 => "poll2",
        }
    }

    /// How results are judged. mio's poll(2) is unsupported and loses events.
    pub(crate) fn rule(self) -> Rule {
        match self {
            Self::Epoll => Rule::Equal,
            Self::Poll2 => Rule::NoWorse,
        }
    }
}

impl Flavour {
    /// The flags of the compiler. What it thinks of others' style is not our matter.
    pub(crate) fn flags(self) -> &'static str {
        match self.wait {
            Wait::Epoll => "--cap-lints=warn",
            Wait::Poll2 => "--cap-lints=warn --cfg mio_unsupported_force_poll_poll",
        }
    }

    /// Its build directory.
    pub(crate) fn target(self) -> &'static str {
        match (self.engine, self.wait) {
            (Engine::Ferrio, Wait::Epoll) => "compat-ferrio",
            (Engine::Ferrio, Wait::Poll2) => "compat-ferrio-poll2",
            (Engine::Mio, Wait::Epoll) => "compat-mio",
            (Engine::Mio, Wait::Poll2) => "compat-mio-poll2",
        }
    }

    /// Where its copies of the peers stand.
    pub(crate) fn sources(self) -> PathBuf {
        target_dir("compat-peers").join(match self.engine {
            Engine::Ferrio => "ferrio",
            Engine::Mio => "mio",
        })
    }

    /// Checks the origins of all packages called mio in a build: one, and the right
    /// one. An origin is cargo's identifier of the package and its manifest.
    pub(crate) fn guard<'a>(self, mios: impl IntoIterator<Item = &'a (String, PathBuf)>) -> Result<&'a str> {
        let mios: Vec<_> = mios.into_iter().collect();
        let [(identifier, manifest)] = mios[..] else {
            let all: Vec<_> = mios.iter().map(|(identifier, _)| identifier.as_str()).collect();
            bail!("{} packages called mio in the build: {}", all.len(), all.join(", "));
        };
        match self.engine {
            Engine::Ferrio => {
                ensure!(identifier.starts_with("path+"), "the patch did not take: mio is {identifier}");
                let ours = facade().join("Cargo.toml");
                ensure!(*manifest == ours, "mio is {}, not {}", manifest.display(), ours.display());
            }
            Engine::Mio => ensure!(identifier.starts_with("registry+"), "not the registry's: {identifier}"),
        }
        Ok(identifier.rsplit(['#', '@']).next().unwrap_or_default())
    }
}

/// The folder of our mio.
pub(crate) fn facade() -> PathBuf {
    root().join(Path::new(FACADE))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Engine, Flavour, Wait, facade};

    const REGISTRY: &str = "registry+https://example.org/index#mio@1.2.4";

    fn guard(engine: Engine, mios: &[(&str, PathBuf)]) -> Result<String, String> {
        let mios: Vec<_> =
            mios.iter().map(|(identifier, path)| ((*identifier).to_owned(), path.clone())).collect();
        let flavour = Flavour { engine, wait: Wait::Epoll };
        flavour.guard(&mios).map(str::to_owned).map_err(|error| error.to_string())
    }

    #[test]
    fn ferrio_is_the_facade_and_nothing_else() {
        let ours = ("path+file:///f/compat/mio#1.2.4+ferrio.0.1.0", facade().join("Cargo.toml"));
        let real = (REGISTRY, PathBuf::from("/r/mio-1.2.4/Cargo.toml"));
        let copy = (ours.0, PathBuf::from("/elsewhere/mio/Cargo.toml"));
        assert_eq!(guard(Engine::Ferrio, std::slice::from_ref(&ours)), Ok("1.2.4+ferrio.0.1.0".to_owned()));
        assert!(guard(Engine::Ferrio, std::slice::from_ref(&real)).is_err());
        assert!(guard(Engine::Ferrio, &[copy]).is_err());
        assert!(guard(Engine::Ferrio, &[ours.clone(), real.clone()]).is_err());
        assert!(guard(Engine::Ferrio, &[]).is_err());
        assert_eq!(guard(Engine::Mio, &[real]), Ok("1.2.4".to_owned()));
        assert!(guard(Engine::Mio, &[ours]).is_err());
    }

    #[test]
    fn a_backend_is_found_by_its_name() {
        for wait in [Wait::Epoll, Wait::Poll2] {
            assert_eq!(Wait::parse(wait.name()).expect("its name"), wait);
        }
        assert!(Wait::parse("kqueue").is_err());
    }
}
