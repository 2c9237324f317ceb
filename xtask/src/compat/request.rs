//! What a call of the command asks for.

use anyhow::{Result, bail, ensure};

use super::flavour::Wait;
use super::peer::{PEERS, Peer};

/// What the command is called with.
pub(crate) const USAGE: &str = "compat [PEER...] [programs] [--fast] [--backend epoll|poll2] [--bless]";

/// The name by which our own programs are asked for.
const PROGRAMS: &str = "programs";

/// A call of the command.
#[derive(Debug)]
pub(crate) struct Request {
    /// The suites.
    pub(crate) peers: Vec<&'static Peer>,
    /// Whether our own programs run.
    pub(crate) has_programs: bool,
    /// Only the quick part of each suite.
    pub(crate) is_fast: bool,
    /// The backend.
    pub(crate) wait: Wait,
    /// Makes the baselines instead of looking at them.
    pub(crate) is_bless: bool,
}

impl Request {
    /// Reads the arguments of the command. Without a name it is everything.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let (mut names, mut wait) = (Vec::new(), Wait::Epoll);
        let (mut is_fast, mut is_bless) = (false, false);
        let mut arguments = arguments.iter().map(String::as_str);
        while let Some(argument) = arguments.next() {
            match argument {
                "--fast" => is_fast = true,
                "--bless" => is_bless = true,
                "--backend" => wait = Wait::parse(arguments.next().unwrap_or_default())?,
                name if name.starts_with('-') => bail!("no option `{name}`: {USAGE}"),
                name => names.push(name),
            }
        }
        ensure!(!(is_fast && is_bless), "a baseline is of the whole suite: --bless without --fast");
        // There is no need to look at slow suites twice.
        is_fast |= wait == Wait::Poll2;
        let is_run = |peer: &Peer| match wait {
            Wait::Epoll => peer.is_fast() || !is_fast,
            Wait::Poll2 => peer.is_on_poll(),
        };
        let mut peers = Vec::new();
        for &name in names.iter().filter(|name| **name != PROGRAMS) {
            let Some(peer) = PEERS.iter().find(|peer| peer.name == name) else {
                let all: Vec<_> = PEERS.iter().map(|peer| peer.name).collect();
                bail!("no peer `{name}`; there are: {}, {PROGRAMS}", all.join(", "));
            };
            ensure!(wait == Wait::Epoll || peer.is_on_poll(), "{name} does not run on {}", wait.name());
            peers.push(peer);
        }
        if names.is_empty() {
            peers.extend(PEERS.iter().filter(|peer| is_run(peer)));
        }
        let wants_programs = names.contains(&PROGRAMS) || names.is_empty();
        let has_programs = wants_programs && wait == Wait::Epoll && !is_bless;
        Ok(Self { peers, has_programs, is_fast, wait, is_bless })
    }
}

#[cfg(test)]
mod tests {
    use super::{PEERS, Request};

    fn parse(line: &str) -> Result<Request, String> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Request::parse(&arguments).map_err(|error| error.to_string())
    }

    fn names(line: &str) -> Vec<&'static str> {
        parse(line).expect(line).peers.iter().map(|peer| peer.name).collect()
    }

    #[test]
    fn without_a_name_everything_runs() {
        assert_eq!(names("").len(), PEERS.len());
        assert!(parse("").expect("all").has_programs);
        assert_eq!(names("--fast"), ["tokio", "notify", "netlink-sys"]);
        assert_eq!(names("--backend poll2"), ["tokio"]);
    }

    #[test]
    fn a_name_chooses() {
        assert_eq!(names("notify tokio --fast"), ["notify", "tokio"]);
        assert_eq!(names("tokio-util --fast"), ["tokio-util"]);
        let programs = parse("programs").expect("ours");
        assert!(programs.has_programs && programs.peers.is_empty());
        assert!(!parse("tokio").expect("tokio").has_programs);
    }

    #[test]
    fn on_poll_only_the_fast_part_runs() {
        assert!(parse("tokio --backend poll2 --bless").expect("tokio").is_fast);
        assert!(parse("notify --backend poll2").expect_err("whole").contains("does not run on poll2"));
    }

    #[test]
    fn what_is_unknown_is_refused() {
        assert!(parse("tokyo").expect_err("a typo").contains("there are: tokio"));
        assert!(parse("--slow").is_err());
        assert!(parse("--backend kqueue").is_err());
        assert!(parse("--backend").is_err());
        assert!(parse("--fast --bless").is_err());
    }
}
