//! A line of the table: what was proved of a target.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use anyhow::{Result, ensure};
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
    /// What was found; an error in one line.
    end: Result<Report, String>,
    /// How many tests passed, if tests are what ran.
    passed: Option<usize>,
}

impl Row {
    /// Only what cannot be fetched excuses an error, and a part that could not run the whole.
    pub(super) fn new(stage: &'static str, target: &str, what: &str, end: Result<Report>) -> Self {
        let end = match end {
            Ok(Report::InPart(note)) => Ok(Report::skipped(note)),
            Ok(report) => Ok(report),
            Err(error) => {
                let text = format!("{error:#}");
                println!("FAILED: {text}");
                let line = text.lines().next().unwrap_or_default().to_owned();
                if registry::is_unreachable(&error) { Ok(Report::skipped(line)) } else { Err(line) }
            }
        };
        let row = Self { stage, target: target.to_owned(), what: what.to_owned(), end, passed: None };
        // All of them stand in the table, but the last may take an hour.
        println!("{row}");
        row
    }

    /// The rows of `target`, or the one of a target that cannot begin.
    pub(super) fn each(stage: &'static str, target: &str, rows: Result<Vec<Self>>) -> Vec<Self> {
        rows.unwrap_or_else(|error| vec![Self::new(stage, target, "", Err(error))])
    }

    /// The same, and so many tests passed.
    pub(super) fn with_tests(self, passed: usize) -> Self {
        Self { passed: Some(passed), ..self }
    }

    /// The same, but what failed does not fail the stage.
    pub(super) fn without_gate(self) -> Self {
        let end = match self.end {
            Ok(Report::Skipped(reason)) => Ok(Report::Skipped(reason)),
            Ok(report) => Ok(Report::passed(format!("ungated: {report}"))),
            Err(error) => Ok(Report::passed(format!("ungated: FAILED: {error}"))),
        };
        Self { end, passed: None, ..self }
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { stage, target, what, .. } = self;
        write!(f, "{stage:<7} {target:<31} {what:<21} ")?;
        match &self.end {
            Ok(report) => write!(f, "{report}"),
            Err(error) => write!(f, "FAILED: {error}"),
        }
    }
}

/// What all rows together say.
pub(super) fn verdict(rows: &[Row]) -> Result<Report> {
    let (mut counts, mut skipped, mut bad) = (BTreeMap::new(), Vec::new(), Vec::new());
    for row in rows {
        let name = [row.stage, &row.target, &row.what].join(" ");
        match &row.end {
            Ok(Report::Skipped(_)) => skipped.push(name),
            Ok(_) => {
                let (what, count) = match row.passed {
                    Some(passed) => ("tests passed".to_owned(), passed),
                    None => (format!("of {}", row.stage), 1),
                };
                *counts.entry(what).or_insert(0) += count;
            }
            Err(error) => bad.push(format!("{name}: {error}")),
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
    use anyhow::{Result, anyhow};
    use xtask_shell::Report;
    use xtask_shell::registry::Unreachable;

    use super::{Row, verdict};

    fn row(end: Result<Report>) -> Row {
        Row::new("wine", "a-target", "contract", end)
    }

    #[test]
    fn a_row_shows_what_was_found_in_one_line() {
        assert!(row(Ok(Report::passed("3 passed"))).to_string().ends_with(" 3 passed"));
        assert!(row(Ok(Report::in_part("2 of 3"))).to_string().ends_with(" SKIPPED: 2 of 3"));
        let error = || row(Err(anyhow!("more\nand more").context("no std")));
        assert!(error().to_string().ends_with(" FAILED: no std: more"));
        assert!(error().without_gate().to_string().ends_with(" ungated: FAILED: no std: more"));
    }

    #[test]
    fn only_rows_that_are_all_well_pass() {
        let tests = || row(Ok(Report::passed("3 passed"))).with_tests(3);
        let skipped = || row(Err(Unreachable("no apt".to_owned()).into()));
        let all = verdict(&[tests(), tests(), row(Ok(Report::passed("checked")))]);
        assert!(matches!(all, Ok(Report::Passed(note)) if note == "1 of wine, 6 tests passed"));
        assert!(matches!(verdict(&[tests(), skipped()]), Ok(Report::InPart(_))));
        assert!(matches!(verdict(&[skipped()]), Ok(Report::Skipped(_))));
        let error = verdict(&[row(Err(anyhow!("no std"))), skipped()]).expect_err("a bad row");
        assert_eq!(error.to_string(), "wine a-target contract: no std");
    }
}
