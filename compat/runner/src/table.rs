//! The last word: a line per suite.

use std::fmt::{self, Display, Formatter};

use anyhow::Error;

use crate::baseline::Difference;
use crate::verdict::Counts;
use xtask_shell::registry;

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    /// The suite: name and version.
    pub(crate) suite: String,
    /// How it ended.
    pub(crate) end: End,
    /// Something to know beside the numbers.
    pub(crate) note: &'static str,
}

/// How a suite ended.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// It ran and was compared: the tests with mio and with Ferrio, where they differ,
    /// and how many ran once more.
    Compared { mio: Counts, ferrio: Counts, differences: Vec<Difference>, retried: usize },
    /// It ran on its own: there is nothing to compare it with.
    Ran(Counts),
    /// A new baseline was made: the tests with mio, and how many lines want a reason
    /// before the file can be used.
    Blessed { mio: Counts, bare: usize },
    /// It could not run here, and why.
    Skipped(String),
    /// It could not be built or read, and why.
    Broken(String),
}

impl End {
    /// The end of a suite that did not come to run. Only the net excuses it.
    pub(crate) fn of_error(error: &Error) -> Self {
        let reason = format!("{error:#}");
        if registry::is_unreachable(error) { Self::Skipped(reason) } else { Self::Broken(reason) }
    }
}

impl Row {
    /// True if it must fail the run.
    pub(crate) fn is_bad(&self) -> bool {
        match &self.end {
            End::Compared { differences, .. } => !differences.is_empty(),
            End::Broken(_) => true,
            End::Ran(counts) => counts.bad > 0,
            End::Blessed { bare, .. } => *bare > 0,
            End::Skipped(_) => false,
        }
    }

    /// How many tests ran, and how many of them once more; none if it did not run.
    pub(crate) fn ran(&self) -> Option<(usize, usize)> {
        match &self.end {
            End::Compared { ferrio, retried, .. } => Some((ferrio.total(), *retried)),
            End::Ran(counts) | End::Blessed { mio: counts, .. } => Some((counts.total(), 0)),
            End::Skipped(_) | End::Broken(_) => None,
        }
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (mio, ferrio, verdict) = match &self.end {
            End::Compared { mio, ferrio, differences, retried } => {
                let retried = if *retried > 0 { format!(" ({retried} once more)") } else { String::new() };
                let verdict = match differences.len() {
                    0 if mio == ferrio => format!("equal{retried}"),
                    0 => format!("no worse{retried}"),
                    count => format!("DIFFERS in {count}{retried}"),
                };
                (Some(mio), Some(ferrio), verdict)
            }
            End::Ran(counts) => {
                let verdict = if counts.bad > 0 { "FAILED" } else { "passes" };
                (None, Some(counts), verdict.to_owned())
            }
            End::Blessed { mio, bare: 0 } => (Some(mio), None, "new baseline".to_owned()),
            End::Blessed { mio, bare } => (Some(mio), None, format!("{bare} lines of it want a reason")),
            End::Skipped(reason) => (None, None, format!("SKIPPED: {reason}")),
            End::Broken(reason) => (None, None, format!("FAILED: {reason}")),
        };
        let tests = mio.or(ferrio).map_or_else(|| "-".to_owned(), |counts| counts.total().to_string());
        let [mio, ferrio] =
            [mio, ferrio].map(|counts| counts.map_or_else(|| "-".to_owned(), Counts::to_string));
        let verdict = verdict.lines().next().unwrap_or_default();
        let note = if self.note.is_empty() { String::new() } else { format!(" ({})", self.note) };
        write!(f, "{:<26} {tests:>5}  {mio:<28} {ferrio:<28} {verdict}{note}", self.suite)
    }
}

/// What stands above the rows.
pub(crate) const HEADING: &str =
    "suite                      tests  mio                          Ferrio                       verdict";

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::{Counts, End, Row};

    fn row(end: End) -> Row {
        Row { suite: "tokio 1.0.0".to_owned(), end, note: "" }
    }

    const MIO: Counts = Counts { passed: 3, bad: 1, ignored: 0 };
    const BETTER: Counts = Counts { passed: 4, bad: 0, ignored: 0 };

    #[test]
    fn a_row_says_how_the_suite_ended() {
        let compared =
            |ferrio, retried| row(End::Compared { mio: MIO, ferrio, differences: Vec::new(), retried });
        for (row, end) in [
            (compared(MIO, 0), "equal"),
            (compared(BETTER, 0), "no worse"),
            (compared(MIO, 3), "equal (3 once more)"),
            (row(End::Skipped("no socat".to_owned())), "SKIPPED: no socat"),
            (row(End::Broken("does not build\nmore".to_owned())), "FAILED: does not build"),
        ] {
            assert!(row.to_string().ends_with(&format!("  {end}")), "{row}");
            assert_eq!(row.is_bad(), end.starts_with("FAILED"));
        }
    }

    #[test]
    fn what_keeps_a_suite_from_running_fails() {
        assert!(row(End::of_error(&anyhow!("compat/peers.lock: no such file"))).is_bad());
        assert!(row(End::Ran(MIO)).is_bad() && !row(End::Ran(BETTER)).is_bad());
        assert!(row(End::Blessed { mio: MIO, bare: 1 }).is_bad());
        assert!(!row(End::Blessed { mio: MIO, bare: 0 }).is_bad());
    }
}
