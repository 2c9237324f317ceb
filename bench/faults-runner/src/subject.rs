//! The servers under test.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use anyhow::Result;
use xtask_shell::{Step, root, target_dir};

/// A server, on a backend.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The broadcast example as it is.
    Epoll,
    /// The broadcast example, built for poll(2).
    Poll2,
    /// The broadcast server on tokio, on Ferrio's façade.
    Tokio,
    /// The same, all of it built for poll(2).
    TokioPoll2,
}

impl Subject {
    pub(crate) const ALL: [Self; 4] = [Self::Epoll, Self::Poll2, Self::Tokio, Self::TokioPoll2];

    pub(crate) fn build(self) -> Result<()> {
        let example = ["build", "--release", "--package", "ferrio", "--example", "broadcast"];
        let step = match self {
            Self::Epoll => Step::cargo(&example),
            Self::Poll2 => Step::cargo(&example).env("RUSTFLAGS", "--cfg ferrio_force_poll"),
            Self::Tokio => line_hub(),
            // By mio's flag, which tokio heeds too.
            Self::TokioPoll2 => line_hub().env("RUSTFLAGS", "--cfg mio_unsupported_force_poll_poll"),
        };
        step.target(self.folder()).brief().succeed().map(drop)
    }

    /// The folder of its build.
    fn folder(self) -> &'static str {
        match self {
            Self::Epoll => "faults",
            Self::Poll2 => "faults-poll2",
            Self::Tokio => "faults-tokio",
            Self::TokioPoll2 => "faults-tokio-poll2",
        }
    }

    pub(crate) fn program(self) -> PathBuf {
        let release = target_dir(self.folder()).join("release");
        match self {
            Self::Epoll | Self::Poll2 => release.join("examples/broadcast"),
            Self::Tokio | Self::TokioPoll2 => release.join("line_hub"),
        }
    }

    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            // With room for all that a fleet sends: nobody is slow before a fault is over.
            Self::Epoll | Self::Poll2 => &["--listen", "127.0.0.1:0", "--queue-max", "16777216"],
            Self::Tokio | Self::TokioPoll2 => &[],
        }
    }
}

impl Display for Subject {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Epoll => "broadcast, epoll",
            Self::Poll2 => "broadcast, poll2",
            Self::Tokio => "tokio, epoll",
            Self::TokioPoll2 => "tokio, poll2",
        })
    }
}

/// Builds the server on tokio.
fn line_hub() -> Step {
    let program = ["build", "--release", "--package", "tokio-program", "--bin", "line_hub"];
    Step::cargo(&program).dir(&root().join("compat"))
}
