//! Loops without a client: `bench/faults` runs them, and each ends with an account of
//! what came and what should have come.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::hits::Hits;
use super::server::Ledger;
use super::table::{EPOLLS, Fault, Kind, POLLS, fault};
use super::verdict::Row;
use crate::shell::{Step, root, target_dir};

/// The folder of the build.
const TARGET: &str = "faults";
/// When a loop counts as hung.
const LIMIT: Duration = Duration::from_secs(90);

/// A loop on a backend.
#[derive(Copy, Clone, Debug)]
pub(super) struct Alone {
    job: &'static str,
    backend: &'static str,
    /// What fails.
    pub(super) fault: Fault,
}

/// All of them. No pattern hits every call: such a loop would never wait.
pub(super) const ALONE: &[Alone] = &[
    Alone { job: "timers", backend: "epoll", fault: interrupted(EPOLLS) },
    Alone { job: "timers", backend: "poll2", fault: interrupted(POLLS) },
];

const fn interrupted(calls: &'static str) -> Fault {
    fault(calls, "EINTR", &["2+2", "1..200", "3+3"], &[], Kind::Passes)
}

impl Alone {
    /// Builds the program.
    pub(super) fn build() -> Result<()> {
        let step = Step::cargo(&["build", "--release", "--locked", "--package", "bench-faults"]);
        step.dir(&root().join("bench")).target(TARGET).brief().succeed().map(drop)
    }

    /// Runs it with its fault in `pattern`, and judges its account.
    pub(super) fn run(&self, pattern: &'static str, trace: &Path) -> Result<Row> {
        let program = target_dir(TARGET).join("release/bench-faults").display().to_string();
        let file = trace.display().to_string();
        let mut arguments = ["-f", "-qq", "-o", &file].map(str::to_owned).to_vec();
        arguments.extend(self.fault.options(pattern));
        arguments.extend([program, self.job.to_owned()]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let start = Instant::now();
        let step = Step::new("strace", &arguments).env("FERRIO_BACKEND", self.backend);
        let outcome = step.limit(LIMIT).quiet().run()?;
        let hits = self.fault.hits(&fs::read_to_string(trace)?);
        let complaint = if outcome.success() {
            complain(&hits, &Ledger::last_of(&outcome.stdout))
        } else {
            Some(format!("{}: {}", outcome.complaint(), outcome.stderr.trim_end()))
        };
        Ok(Row::of_alone(self.to_string(), &self.fault, pattern, hits.count, complaint, start.elapsed()))
    }
}

impl Display for Alone {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.job, self.backend)
    }
}

/// What is wrong with the account of timers, if anything is.
fn complain(hits: &Hits, ledger: &Ledger) -> Option<String> {
    if hits.count == 0 {
        return Some("VOID: nothing was injected".to_owned());
    }
    let names = ["due", "ticks", "singles", "interrupted", "early", "empty", "missing", "short"];
    let [due, ticks, singles, interrupted, wrong @ ..] = match ledger.values(names) {
        Ok(values) => values,
        Err(name) => return Some(format!("its last line does not say `{name}`")),
    };
    if let Some((name, count)) = names[4..].iter().zip(wrong).find(|(_, count)| *count > 0) {
        return Some(format!("{count} {name}"));
    }
    if due == 0 || ticks < due || singles == 0 {
        return Some(format!("{ticks} ticks of {due} that were due, and {singles} single ones"));
    }
    let is_explained = interrupted <= hits.count as u64;
    (!is_explained).then(|| format!("{interrupted} polls were interrupted, {} injected", hits.count))
}

#[cfg(test)]
mod tests {
    use super::{Hits, Ledger, complain};

    const WELL: &str =
        "final: turns=9 interrupted=5 due=40 ticks=41 singles=7 early=0 empty=0 missing=0 short=0";

    /// The complaint about the account of a good run with `old` replaced by `new`.
    fn with(old: &str, new: &str) -> Option<String> {
        assert!(WELL.contains(old));
        let hits = Hits { count: 5, ..Hits::default() };
        complain(&hits, &Ledger::last_of(&WELL.replace(old, new)))
    }

    #[test]
    fn a_tick_that_is_lost_or_early_is_seen() {
        assert_eq!(with("due", "due"), None);
        assert_eq!(with("early=0", "early=2").expect("early"), "2 early");
        assert_eq!(with("missing=0", "missing=1").expect("lost"), "1 missing");
        for (old, new) in [
            ("short=0", "short=1"),
            ("empty=0", "empty=1"),
            ("ticks=41", "ticks=39"),
            ("singles=7", "singles=0"),
            ("due=40 ticks=41", "due=0 ticks=0"),
            ("interrupted=5", "interrupted=6"),
        ] {
            assert!(with(old, new).is_some(), "{new}");
        }
    }

    #[test]
    fn an_account_without_a_word_and_a_run_without_a_fault_fail() {
        assert!(with(" early=0", "").expect("no word").contains("`early`"));
        let void = complain(&Hits::default(), &Ledger::last_of(WELL));
        assert!(void.expect("no fault").contains("VOID"));
    }
}
