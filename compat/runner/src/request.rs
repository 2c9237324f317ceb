//! What a call of the command asks for.

use std::path::PathBuf;

use crate::origin::Engine;
use clap::builder::PossibleValuesParser;
use clap::{Parser, ValueEnum};
use xtask_shell::target_dir;

use crate::baseline::Rule;
use crate::peer::{PEERS, Peer};

/// The name by which our own programs are asked for.
const PROGRAMS: &str = "programs";

/// Suites of others on the facade
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask compat")]
pub(crate) struct Request {
    /// Suites, or `programs` for our own; all if none is named
    #[arg(value_name = "PEER", value_parser = names())]
    names: Vec<String>,
    /// Only the quick part of each suite
    #[arg(long, conflicts_with = "bless")]
    fast: bool,
    /// How the engine waits
    #[arg(long = "backend", value_enum, default_value_t = Wait::Epoll)]
    pub(crate) wait: Wait,
    /// Make the baselines instead of looking at them
    #[arg(long)]
    pub(crate) bless: bool,
}

/// How the engine waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Wait {
    /// By epoll(7), the default of both.
    Epoll,
    /// By poll(2), which a build flag of mio forces; Ferrio obeys the same flag.
    Poll2,
    /// By AFD on Windows, as wine has it. `cargo xtask` sets up what that needs.
    Wine,
}

impl Request {
    /// The suites; elsewhere than on epoll only those that are known to run there.
    pub(crate) fn peers(&self) -> Vec<&'static Peer> {
        let is_wanted = |peer: &&Peer| match self.wait {
            _ if !self.names.is_empty() => self.names.iter().any(|name| name == peer.name),
            Wait::Epoll => peer.is_fast() || !self.fast,
            Wait::Poll2 | Wait::Wine => true,
        };
        let can_run = |peer: &&Peer| self.wait == Wait::Epoll || peer.is_everywhere();
        PEERS.iter().filter(is_wanted).filter(can_run).collect()
    }

    /// Whether our own programs run.
    pub(crate) fn has_programs(&self) -> bool {
        let is_named = self.names.is_empty() || self.names.iter().any(|name| name == PROGRAMS);
        is_named && self.wait == Wait::Epoll && !self.bless
    }

    /// Whether only the quick part of each suite runs. There is no need to look at slow
    /// ones twice.
    pub(crate) fn is_fast(&self) -> bool {
        self.fast || self.wait != Wait::Epoll
    }

    /// On whose mio the suites are built.
    pub(crate) fn engine(&self) -> Engine {
        if self.bless { Engine::Mio } else { Engine::Ferrio }
    }

    /// The build directory.
    pub(crate) fn target(&self) -> &'static str {
        match (self.engine(), self.wait) {
            (Engine::Ferrio, Wait::Epoll) => "compat-ferrio",
            (Engine::Ferrio, Wait::Poll2) => "compat-ferrio-poll2",
            (Engine::Ferrio, Wait::Wine) => "compat-ferrio-wine",
            (Engine::Mio, Wait::Epoll) => "compat-mio",
            (Engine::Mio, Wait::Poll2) => "compat-mio-poll2",
            (Engine::Mio, Wait::Wine) => "compat-mio-wine",
        }
    }

    /// Where the copies of the peers stand.
    pub(crate) fn sources(&self) -> PathBuf {
        target_dir("compat-peers").join(if self.bless { "mio" } else { "ferrio" })
    }
}

impl Wait {
    /// Its name, which is also that of its folder of baselines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Epoll => "epoll",
            Self::Poll2 => "poll2",
            Self::Wine => "wine",
        }
    }

    /// How results are judged. mio's poll(2) is unsupported and loses events.
    pub(crate) fn rule(self) -> Rule {
        match self {
            Self::Epoll | Self::Wine => Rule::Equal,
            Self::Poll2 => Rule::NoWorse,
        }
    }

    /// The target that cargo builds for, if that is not this machine.
    pub(crate) fn target(self) -> Option<&'static str> {
        (self == Self::Wine).then_some("x86_64-pc-windows-gnu")
    }

    /// What runs the programs, if they do not run by themselves.
    pub(crate) fn runner(self) -> Option<&'static str> {
        (self == Self::Wine).then_some("wine")
    }

    /// The flags of the compiler. What it thinks of others' style is not our matter.
    pub(crate) fn flags(self) -> &'static str {
        match self {
            Self::Epoll | Self::Wine => "--cap-lints=warn",
            Self::Poll2 => "--cap-lints=warn --cfg mio_unsupported_force_poll_poll",
        }
    }
}

fn names() -> PossibleValuesParser {
    PEERS.iter().map(|peer| peer.name).chain([PROGRAMS]).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{PEERS, Request};

    fn parse(line: &str) -> Result<Request, String> {
        let arguments = ["compat"].into_iter().chain(line.split_whitespace());
        Request::try_parse_from(arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_chooses_and_without_one_everything_runs() {
        let names = |line: &str| {
            let request = parse(line).expect(line);
            (request.peers().iter().map(|peer| peer.name).collect::<Vec<_>>(), request.has_programs())
        };
        assert_eq!((names("").0.len(), names("").1), (PEERS.len(), true));
        assert_eq!(names("--fast"), (vec!["tokio", "notify", "netlink-sys"], true));
        assert_eq!(names("--backend poll2"), (vec!["tokio"], false));
        assert_eq!(names("notify tokio --fast"), (vec!["tokio", "notify"], false));
        assert_eq!(names("programs"), (vec![], true));
        assert_eq!(names("--backend wine"), (vec!["tokio"], false));
        assert!(parse("tokio --backend poll2 --bless").expect("tokio").is_fast());
    }

    #[test]
    fn what_is_unknown_is_refused() {
        assert!(parse("tokyo").expect_err("a typo").contains("tokio"));
        for line in ["--slow", "--backend kqueue", "--backend", "--fast --bless"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
