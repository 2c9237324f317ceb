//! Loops without a client: `bench/faults` runs them, and each ends with an account of
//! what came and what should have come.

mod children;
mod openings;
mod signals;
mod sockets;
mod storm;
mod timers;
mod wall;

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use xtask_shell::{Step, root, target_dir};

use crate::hits::Hits;
use crate::server::Ledger;
use crate::subject::LOOPS_TARGET;
use crate::table::{EPOLLS, Fault, Kind, POLLS, fault};
use crate::verdict::Row;

/// When a loop counts as hung.
const LIMIT: Duration = Duration::from_secs(90);

/// A loop on a backend.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Alone {
    job: Job,
    backend: &'static str,
    /// What fails.
    pub(crate) fault: Fault,
}

/// What a loop does.
#[derive(Copy, Clone, Debug)]
enum Job {
    /// Timers tick.
    Timers,
    /// Another process sends bursts of signals.
    Signals,
    /// Children die while the loop is busy, each watched.
    Children,
    /// The same, but watching fails.
    Orphans,
    /// Timers of a wall clock that seems to be set.
    Wall,
    /// More clients come to a server than it may have descriptors.
    Storm,
    /// The same, and those that wait are refused.
    Refusals,
    /// Accepts fail for lack of something.
    Shortages,
    /// Accepts fail for one connection.
    Aborts,
    /// Numbered datagrams go out and come in.
    Datagrams,
    /// Descriptors are passed, wanted or not.
    Passing,
    /// Connections to TCP listeners.
    Connects,
    /// The same, and some are never answered.
    Silences,
    /// Connections to a Unix listener whose queue is full.
    Queues,
    /// Bytes go from one stream to another.
    Splices,
    /// A file goes to a stream.
    Files,
    /// Sources of all kinds are made.
    Setups,
    /// Proactors are made, and a ring is denied.
    Denials,
    /// The same, and something is lacking.
    Lacks,
    /// The same, and calls into the ring fail now and then.
    Refused,
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Alone> {
    [LOOPS, storm::STORMS, sockets::SOCKETS, openings::OPENINGS].into_iter().flatten()
}

/// Those of timers, signals and children. No pattern hits every wait: such a loop would never wait.
const LOOPS: &[Alone] = &[
    on(Job::Timers, "epoll", interrupted(EPOLLS)),
    on(Job::Timers, "poll2", interrupted(POLLS)),
    on(Job::Signals, "epoll", interrupted(EPOLLS)),
    on(Job::Signals, "poll2", interrupted(POLLS)),
    on(Job::Children, "epoll", interrupted(EPOLLS)),
    on(Job::Children, "poll2", interrupted(POLLS)),
    on(Job::Orphans, "epoll", UNWATCHED),
    on(Job::Orphans, "poll2", UNWATCHED),
    on(Job::Wall, "epoll", CLOCK_SET),
    on(Job::Wall, "poll2", CLOCK_SET),
    on(Job::Wall, "epoll", SET_MEANWHILE),
];

const UNWATCHED: Fault = fault("pidfd_open", "ENOSYS", &["2+2", "1+"], &[], Kind::Passes);

/// A look at a timer says by this error that the clock was set.
const CLOCK_SET: Fault = Fault {
    path: Some("anon_inode:[timerfd]"),
    ..fault("read", "ECANCELED", &["3+3", "2+2", "5..40"], &[], Kind::Passes)
};

/// And so does a call that sets it.
const SET_MEANWHILE: Fault =
    fault("timerfd_settime", "ECANCELED", &["3+3", "2+2", "5..40"], &[], Kind::Passes);

const fn interrupted(calls: &'static str) -> Fault {
    fault(calls, "EINTR", &["2+2", "1..200", "3+3"], &[], Kind::Passes)
}

const fn on(job: Job, backend: &'static str, fault: Fault) -> Alone {
    Alone { job, backend, fault }
}

impl Alone {
    /// Builds the program.
    pub(crate) fn build() -> Result<()> {
        // With the program of soak, so that what both need is built for both.
        let packages = ["--package", "bench-faults", "--package", "bench-soak"];
        let step = Step::cargo(&[&["build", "--release", "--locked"], &packages[..]].concat());
        step.dir(&root().join("bench")).target(LOOPS_TARGET).brief().succeed().map(drop)
    }

    /// Runs it with its fault in `pattern`, and judges its account.
    pub(crate) fn run(&self, pattern: &'static str, trace: &Path) -> Result<Row> {
        let program = target_dir(LOOPS_TARGET).join("release/bench-faults").display().to_string();
        let file = trace.display().to_string();
        let mut arguments = ["-f", "-qq", "-o", &file].map(str::to_owned).to_vec();
        arguments.extend(self.fault.options(pattern));
        arguments.extend([program, self.job.name().to_owned()]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let start = Instant::now();
        let step = Step::new("strace", &arguments).env("FERRIO_BACKEND", self.backend);
        let outcome = step.limit(LIMIT).quiet().run()?;
        let hits = self.fault.hits(&fs::read_to_string(trace)?);
        let ledger = Ledger::last_of(&outcome.stdout);
        let complaint = if outcome.success() {
            self.job.complain(&hits, &ledger)
        } else {
            Some(format!("{}: {}", outcome.complaint(), outcome.stderr.trim_end()))
        };
        let row =
            Row::of_alone(self.to_string(), &self.fault, pattern, hits.count, complaint, start.elapsed());
        Ok(row.noting(self.job.note(&ledger)))
    }
}

impl Display for Alone {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.job.name(), self.backend)
    }
}

impl Job {
    /// What the program calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Timers => "timers",
            Self::Signals => "signals",
            Self::Children | Self::Orphans => "children",
            Self::Wall => "wall",
            Self::Storm => "storm",
            Self::Refusals => "refuse",
            Self::Shortages | Self::Aborts => "flood",
            Self::Datagrams => "datagrams",
            Self::Passing => "passing",
            Self::Connects | Self::Silences => "connects",
            Self::Queues => "queues",
            Self::Splices => "splices",
            Self::Files => "files",
            Self::Setups => "setups",
            Self::Denials | Self::Lacks | Self::Refused => "openings",
        }
    }

    /// Figures of a run that are worth to be seen.
    fn note(self, ledger: &Ledger) -> Option<String> {
        match self {
            Self::Storm | Self::Refusals | Self::Shortages | Self::Aborts => storm::note(ledger),
            _ => None,
        }
    }

    /// What is wrong with the account of a run, if anything is.
    fn complain(self, hits: &Hits, ledger: &Ledger) -> Option<String> {
        if hits.count == 0 {
            return Some("VOID: nothing was injected".to_owned());
        }
        let injected = hits.count as u64;
        let complaint = match self {
            Self::Timers => timers::complain(injected, ledger),
            Self::Signals => signals::complain(injected, ledger),
            Self::Children => children::complain(injected, 0, ledger),
            Self::Orphans => children::complain(0, injected, ledger),
            Self::Wall => wall::complain(injected, ledger),
            Self::Storm | Self::Refusals => storm::complain_of_shortage(injected, ledger),
            Self::Shortages => storm::complain_of_flood(injected, ledger, "pauses", "failed"),
            Self::Aborts => storm::complain_of_flood(injected, ledger, "failed", "pauses"),
            Self::Datagrams => sockets::DATAGRAMS.complain(injected, ledger),
            Self::Passing => sockets::PASSING.complain(injected, ledger),
            Self::Connects => sockets::CONNECTS.complain(injected, ledger),
            Self::Silences => sockets::SILENCES.complain(injected, ledger),
            Self::Queues => sockets::QUEUES.complain(injected, ledger),
            Self::Setups => sockets::SETUPS.complain(injected, ledger),
            Self::Splices | Self::Files => sockets::TRANSFERS.complain(injected, ledger),
            Self::Denials => openings::DENIALS.complain(injected, ledger),
            Self::Lacks => openings::LACKS.complain(injected, ledger),
            Self::Refused => openings::REFUSALS.complain(injected, ledger),
        };
        complaint.unwrap_or_else(|name| Some(format!("its last line does not say `{name}`")))
    }
}

/// The account of a loop as its judge sees it: a complaint, if there is one; an error is
/// the name of a value that is not there.
type Verdict = Result<Option<String>, &'static str>;

/// Complains if one of `names` is not zero.
fn none_of<const N: usize>(ledger: &Ledger, names: [&'static str; N]) -> Verdict {
    let values = ledger.values(names)?;
    let wrong = names.iter().zip(values).find(|(_, count)| *count > 0);
    Ok(wrong.map(|(name, count)| format!("{count} {name}")))
}

#[cfg(test)]
mod tests {
    use super::{Hits, Job, Ledger};

    /// Sees that the judge of `job` is content with the account `well` of a run with
    /// `injected` faults, with none that lacks a word of `words`, and with none in which
    /// the first text of a pair is replaced by the second.
    pub(crate) fn try_judge(job: Job, injected: usize, well: &str, words: &[&str], wrong: &[(&str, &str)]) {
        let complain =
            |count, text: &str| job.complain(&Hits { count, ..Hits::default() }, &Ledger::last_of(text));
        assert_eq!(complain(injected, well), None);
        assert!(complain(0, well).expect("no fault").contains("VOID"));
        for word in words {
            let text = well.replace(&format!(" {word}="), &format!(" not-{word}="));
            let complaint = complain(injected, &text).unwrap_or_default();
            assert!(complaint.contains(&format!("`{word}`")), "without {word}: {complaint}");
        }
        for (old, new) in wrong {
            assert_eq!(well.matches(old).count(), 1, "{old}");
            assert!(complain(injected, &well.replace(old, new)).is_some(), "{new}");
        }
    }

    #[test]
    fn what_is_wrong_is_called_by_its_name() {
        let text = "final: early=2 short=0";
        let complain = |names| super::none_of(&Ledger::last_of(text), names);
        assert_eq!(complain(["short"]), Ok(None));
        assert_eq!(complain(["early"]), Ok(Some("2 early".to_owned())));
        assert_eq!(complain(["empty"]), Err("empty"));
    }
}
