//! The servers under test.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use anyhow::Result;
use xtask_shell::{Step, root, target_dir};

/// The folder of the build of loops, and of servers on completion: that of bench, which holds the
/// same.
pub(crate) const LOOPS_TARGET: &str = "bench";

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
    /// A server of `bench/faults` on completion.
    Completion { driver: Driver, job: Job, backend: &'static str },
}

/// By what a server on completion does its operations.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    /// A ring, unless that is denied.
    Ring,
    Readiness,
}

/// What a server on completion does with lines.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// They go to all others.
    Broadcast,
    /// They go back.
    Echo,
    /// They go back, by messages of several parts.
    Messages,
}

impl Subject {
    pub(crate) const ALL: &[Self] = &[
        Self::Epoll,
        Self::Poll2,
        Self::Tokio,
        Self::TokioPoll2,
        RING,
        RING_POLL2,
        RING_ECHO,
        RING_MESSAGES,
        READINESS,
        READINESS_POLL2,
        READINESS_ECHO,
        READINESS_MESSAGES,
    ];

    pub(crate) fn build(self) -> Result<()> {
        let example = ["build", "--release", "--package", "ferrio", "--example", "broadcast"];
        let step = match self {
            Self::Epoll => Step::cargo(&example),
            Self::Poll2 => Step::cargo(&example).env("RUSTFLAGS", "--cfg ferrio_force_poll"),
            Self::Tokio => line_hub(),
            // By mio's flag, which tokio heeds too.
            Self::TokioPoll2 => line_hub().env("RUSTFLAGS", "--cfg mio_unsupported_force_poll_poll"),
            // It is the program of the loops.
            Self::Completion { .. } => return Ok(()),
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
            Self::Completion { .. } => LOOPS_TARGET,
        }
    }

    pub(crate) fn program(self) -> PathBuf {
        let release = target_dir(self.folder()).join("release");
        match self {
            Self::Epoll | Self::Poll2 => release.join("examples/broadcast"),
            Self::Tokio | Self::TokioPoll2 => release.join("line_hub"),
            Self::Completion { .. } => release.join("bench-faults"),
        }
    }

    pub(crate) fn arguments(self) -> Vec<&'static str> {
        match self {
            // With room for all that a fleet sends: nobody is slow before a fault is over.
            Self::Epoll | Self::Poll2 => vec!["--listen", "127.0.0.1:0", "--queue-max", "16777216"],
            Self::Tokio | Self::TokioPoll2 => Vec::new(),
            Self::Completion { driver, job, .. } => vec!["serve", driver.argument(), job.name()],
        }
    }

    /// What it finds in its environment.
    pub(crate) fn environment(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Completion { backend, .. } => Some(("FERRIO_BACKEND", backend)),
            _ => None,
        }
    }

    /// Whether each client gets its own lines, and not those of the others.
    pub(crate) fn echoes(self) -> bool {
        matches!(self, Self::Completion { job: Job::Echo | Job::Messages, .. })
    }

    /// Whether it does without a call for each operation, so that no trace says whose failed.
    pub(crate) fn has_ring(self) -> bool {
        matches!(self, Self::Completion { driver: Driver::Ring, .. })
    }
}

impl Driver {
    /// As the program takes it.
    fn argument(self) -> &'static str {
        match self {
            Self::Ring => "auto",
            Self::Readiness => "readiness",
        }
    }
}

impl Job {
    fn name(self) -> &'static str {
        match self {
            Self::Broadcast => "broadcast",
            Self::Echo => "echo",
            Self::Messages => "messages",
        }
    }
}

impl Display for Subject {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epoll => f.pad("broadcast, epoll"),
            Self::Poll2 => f.pad("broadcast, poll2"),
            Self::Tokio => f.pad("tokio, epoll"),
            Self::TokioPoll2 => f.pad("tokio, poll2"),
            Self::Completion { driver, job, backend } => {
                let driver = if *driver == Driver::Ring { "ring" } else { "readiness" };
                f.pad(&format!("{driver}, {}, {backend}", job.name()))
            }
        }
    }
}

const fn completion(driver: Driver, job: Job, backend: &'static str) -> Subject {
    Subject::Completion { driver, job, backend }
}

pub(crate) const RING: Subject = completion(Driver::Ring, Job::Broadcast, "epoll");
pub(crate) const RING_POLL2: Subject = completion(Driver::Ring, Job::Broadcast, "poll2");
pub(crate) const RING_ECHO: Subject = completion(Driver::Ring, Job::Echo, "epoll");
pub(crate) const RING_MESSAGES: Subject = completion(Driver::Ring, Job::Messages, "poll2");
pub(crate) const READINESS: Subject = completion(Driver::Readiness, Job::Broadcast, "epoll");
pub(crate) const READINESS_POLL2: Subject = completion(Driver::Readiness, Job::Broadcast, "poll2");
pub(crate) const READINESS_ECHO: Subject = completion(Driver::Readiness, Job::Echo, "epoll");
pub(crate) const READINESS_MESSAGES: Subject = completion(Driver::Readiness, Job::Messages, "epoll");

/// Builds the server on tokio.
fn line_hub() -> Step {
    let program = ["build", "--release", "--package", "tokio-program", "--bin", "line_hub"];
    Step::cargo(&program).dir(&root().join("compat"))
}
