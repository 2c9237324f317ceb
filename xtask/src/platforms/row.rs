//! A line of the table: what was proved of a target.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use anyhow::{Result, ensure};
use xtask_shell::libtest::Results;
use xtask_shell::{Report, registry};

/// What stands above the rows.
pub(super) const HEADING: &str = "stage   target                          what                  result";

/// A line of the table.
#[derive(Debug)]
pub(super) struct Row {
    stage: &'static str,
    target: String,
    /// The part of the stage, as a suite.
    what: String,
    end: End,
}

/// What was found.
#[derive(Debug)]
pub(super) enum End {
    /// All is well, as is said in a few words. So many tests passed, if tests are what ran.
    Done { note: String, passed: Option<usize> },
    /// It could not begin, and why.
    Skipped(String),
    /// It failed, and how.
    Failed(String),
}

impl End {
    /// What is said in a word or two, as `checked`.
    pub(super) fn done(note: impl Into<String>) -> Self {
        Self::Done { note: note.into(), passed: None }
    }

    /// The end of tests. Of those that passed, `skipped` said that they did for another reason;
    /// `left_out` did not run.
    pub(super) fn of_tests(results: &Results, skipped: usize, left_out: usize) -> Self {
        let (passed, failed) = (results.passed_count - skipped, Vec::from_iter(results.failed.clone()));
        let skipped = skipped + results.ignored + left_out;
        let note = format!("{passed} passed, {} failed, {skipped} skipped", failed.len());
        match failed.join(", ") {
            names if names.is_empty() => Self::Done { note, passed: Some(passed) },
            names => Self::Failed(format!("{note}: {names}")),
        }
    }
}

impl Row {
    pub(super) fn new(stage: &'static str, target: &str, what: &str, end: Result<End>) -> Self {
        let end = end.unwrap_or_else(|error| {
            let text = format!("{error:#}");
            println!("FAILED: {text}");
            let line = text.lines().next().unwrap_or_default().to_owned();
            // Only what cannot be fetched excuses it.
            if registry::is_unreachable(&error) { End::Skipped(line) } else { End::Failed(line) }
        });
        let row = Self { stage, target: target.to_owned(), what: what.to_owned(), end };
        // All of them stand in the table, but the last may take an hour.
        println!("{row}");
        row
    }

    /// The rows of `target`, or the one of a target that cannot begin.
    pub(super) fn each(stage: &'static str, target: &str, rows: Result<Vec<Self>>) -> Vec<Self> {
        rows.unwrap_or_else(|error| vec![Self::new(stage, target, "", Err(error))])
    }

    /// The same, but what failed does not fail the stage.
    pub(super) fn without_gate(self) -> Self {
        let end = match self.end {
            End::Skipped(reason) => End::Skipped(reason),
            end => End::done(format!("ungated: {end}")),
        };
        Self { end, ..self }
    }

    /// The row of a command of its own.
    pub(super) fn of_report(stage: &'static str, target: &str, what: &str, report: Result<Report>) -> Self {
        let end = report.map(|report| match report {
            Report::Passed(note) => End::done(note),
            Report::InPart(note) | Report::Skipped(note) => End::Skipped(note),
        });
        Self::new(stage, target, what, end)
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { stage, target, what, end } = self;
        write!(f, "{stage:<7} {target:<31} {what:<21} {end}")
    }
}

impl Display for End {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done { note, .. } => f.write_str(note),
            Self::Skipped(reason) => write!(f, "SKIPPED: {reason}"),
            Self::Failed(reason) => write!(f, "FAILED: {reason}"),
        }
    }
}

/// What all rows together say.
pub(super) fn verdict(rows: &[Row]) -> Result<Report> {
    let (mut counts, mut skipped, mut bad) = (BTreeMap::new(), Vec::new(), Vec::new());
    for row in rows {
        let name = [row.stage, &row.target, &row.what].join(" ");
        match &row.end {
            End::Done { passed: Some(passed), .. } => {
                *counts.entry("tests passed".to_owned()).or_default() += passed;
            }
            End::Done { .. } => *counts.entry(format!("of {}", row.stage)).or_insert(0) += 1,
            End::Skipped(_) => skipped.push(name),
            End::Failed(_) => bad.push(format!("{name}: {}", row.end)),
        }
    }
    ensure!(bad.is_empty(), "{}", bad.join("; "));
    let counts: Vec<_> = counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
    match (counts.join(", "), skipped.join(", ")) {
        (counts, skipped) if skipped.is_empty() => Ok(Report::passed(counts)),
        (counts, skipped) if counts.is_empty() => Ok(Report::skipped(skipped)),
        (counts, skipped) => Ok(Report::in_part(format!("{counts}; SKIPPED: {skipped}"))),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use xtask_shell::Report;
    use xtask_shell::libtest::Results;
    use xtask_shell::registry::Unreachable;

    use super::{End, Row, verdict};

    fn row(end: End) -> Row {
        Row::new("wine", "a-target", "contract", Ok(end))
    }

    fn ran(failed: &[&str]) -> Row {
        let mut results = Results::default();
        results.passed_count = 4;
        results.failed.extend(failed.iter().map(|&name| name.to_owned()));
        row(End::of_tests(&results, 1, 1))
    }

    #[test]
    fn a_row_counts_and_names_what_failed() {
        assert!(ran(&[]).to_string().ends_with(" 3 passed, 0 failed, 2 skipped"));
        assert!(ran(&["a", "b"]).to_string().ends_with(" 3 passed, 2 failed, 2 skipped: a, b"));
        let error = Err(anyhow!("more").context("no std"));
        assert!(Row::new("check", "t", "", error).to_string().ends_with(" FAILED: no std: more"));
    }

    #[test]
    fn only_rows_that_are_all_well_pass() {
        let skipped = || Row::new("wine", "t", "", Err(Unreachable("no apt".to_owned()).into()));
        assert!(matches!(verdict(&[ran(&[]), row(End::done("checked"))]), Ok(Report::Passed(_))));
        assert!(matches!(verdict(&[ran(&[]), skipped()]), Ok(Report::InPart(_))));
        assert!(matches!(verdict(&[skipped()]), Ok(Report::Skipped(_))));
        for bad in [ran(&["a"]), row(End::Failed("no std".into()))] {
            let reason = bad.end.to_string();
            let error = verdict(&[bad, skipped()]).expect_err("a bad row");
            assert!(error.to_string().ends_with(&reason), "{error}");
        }
    }
}
