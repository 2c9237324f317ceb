//! The last word: a line per suite.

use std::fmt::{self, Display, Formatter};

use anyhow::Error;

use super::baseline::Difference;
use super::verdict::Counts;
use crate::registry;

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
#[derive(Debug)]
pub(crate) enum End {
    /// It ran and was compared.
    Compared {
        /// The tests with mio.
        mio: Counts,
        /// The tests with Ferrio.
        ferrio: Counts,
        /// Where they differ.
        differences: Vec<Difference>,
        /// How many tests ran once more, for the first run of them was not well.
        retried: usize,
    },
    /// It ran on its own: there is nothing to compare it with.
    Ran(Counts),
    /// A new baseline was made.
    Blessed {
        /// The tests with mio.
        mio: Counts,
        /// How many lines want a reason before the file can be used.
        bare: usize,
    },
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

    /// How many of its tests ran once more.
    pub(crate) fn retried(&self) -> usize {
        match self.end {
            End::Compared { retried, .. } => retried,
            _ => 0,
        }
    }

    /// The cells after the name: tests, mio, Ferrio, verdict.
    fn cells(&self) -> [String; 4] {
        let verdict =
            |text: String| if self.note.is_empty() { text } else { format!("{text} ({})", self.note) };
        match &self.end {
            End::Compared { mio, ferrio, differences, retried } => {
                let mut text = match differences.len() {
                    0 if mio == ferrio => "equal".to_owned(),
                    0 => "no worse".to_owned(),
                    count => format!("DIFFERS in {count}"),
                };
                if *retried > 0 {
                    text.push_str(&format!(" ({retried} once more)"));
                }
                [mio.total().to_string(), mio.to_string(), ferrio.to_string(), verdict(text)]
            }
            End::Ran(counts) => {
                let text = if counts.bad > 0 { "FAILED" } else { "passes" };
                [counts.total().to_string(), "-".into(), counts.to_string(), verdict(text.to_owned())]
            }
            End::Blessed { mio, bare } => {
                let text = match bare {
                    0 => "new baseline".to_owned(),
                    bare => format!("{bare} lines of the new baseline want a reason"),
                };
                [mio.total().to_string(), mio.to_string(), "-".into(), verdict(text)]
            }
            End::Skipped(reason) => ["-".into(), "-".into(), "-".into(), format!("SKIPPED: {reason}")],
            End::Broken(reason) => ["-".into(), "-".into(), "-".into(), format!("FAILED: {reason}")],
        }
    }
}

/// The table of `rows`.
#[derive(Debug)]
pub(crate) struct Table<'a>(pub(crate) &'a [Row]);

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let head = ["tests", "mio", "Ferrio", "verdict"].map(str::to_owned);
        let mut line = |suite: &str, [tests, mio, ferrio, verdict]: [String; 4]| {
            writeln!(f, "{suite:<26} {tests:>5}  {mio:<28} {ferrio:<28} {verdict}")
        };
        line("suite", head)?;
        for row in self.0 {
            let first = row.cells().map(|cell| cell.lines().next().unwrap_or_default().to_owned());
            line(&row.suite, first)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::{Counts, End, Row, Table};

    fn row(end: End) -> Row {
        Row { suite: "tokio 1.0.0".to_owned(), end, note: "" }
    }

    const MIO: Counts = Counts { passed: 3, bad: 1, ignored: 0 };
    const BETTER: Counts = Counts { passed: 4, bad: 0, ignored: 0 };

    #[test]
    fn a_row_says_how_the_suite_ended() {
        let compared =
            |ferrio, retried| row(End::Compared { mio: MIO, ferrio, differences: Vec::new(), retried });
        let (equal, better, again) = (compared(MIO, 0), compared(BETTER, 0), compared(MIO, 3));
        let skipped = row(End::Skipped("no socat".to_owned()));
        let broken = row(End::Broken("does not build\nmore".to_owned()));
        assert!(broken.is_bad() && !equal.is_bad() && !skipped.is_bad());
        assert!(Table(&[again]).to_string().ends_with("equal (3 once more)\n"));
        let text = Table(&[equal, better, skipped, broken]).to_string();
        let ends: Vec<_> = text.lines().skip(1).map(|line| line.rsplit("  ").next().unwrap_or("")).collect();
        assert!(text.lines().nth(1).is_some_and(|line| line.ends_with("equal")), "{text}");
        assert!(text.contains("no worse") && text.contains("SKIPPED: no socat"), "{text}");
        assert!(ends.last().is_some_and(|end| end.contains("FAILED: does not build")), "{text}");
    }

    #[test]
    fn what_keeps_a_suite_from_running_fails() {
        assert!(row(End::of_error(&anyhow!("compat/peers.lock: no such file"))).is_bad());
        assert!(row(End::of_error(&anyhow!("2 versions of tokio in compat/'s lock, not one"))).is_bad());
    }

    #[test]
    fn failures_of_our_own_programs_and_bare_lines_are_bad() {
        assert!(row(End::Ran(MIO)).is_bad() && !row(End::Ran(BETTER)).is_bad());
        assert!(row(End::Blessed { mio: MIO, bare: 1 }).is_bad());
        assert!(!row(End::Blessed { mio: MIO, bare: 0 }).is_bad());
    }
}
