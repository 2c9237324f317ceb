//! What a command says at its end.

use std::fmt::{self, Display, Formatter};
use std::process::ExitCode;

use anyhow::{Result, anyhow};

/// The good ends of a command; the bad end is an error.
#[derive(Debug)]
pub enum Report {
    /// It ran and all was well: one line that says how much was looked at.
    Passed(String),
    /// A part of it ran and was well, another could not run here: one line that says
    /// how much.
    InPart(String),
    /// It could not run here, and why.
    Skipped(String),
}

/// How a runner in a process of its own ends when not all of it could run.
const IN_PART: u8 = 3;
const SKIPPED: u8 = 4;

impl Report {
    /// It ran and all was well.
    pub fn passed(note: impl Into<String>) -> Self {
        Self::Passed(note.into())
    }

    /// It ran and was well, as far as it could run here.
    pub fn in_part(note: impl Into<String>) -> Self {
        Self::InPart(note.into())
    }

    /// It could not run here; `reason` says why.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self::Skipped(reason.into())
    }

    /// Ends a runner: the verdict is the last line of its output, and its kind the
    /// status.
    pub fn tell(result: Result<Self>) -> ExitCode {
        match result {
            Ok(Self::Passed(note)) => line(&note, 0),
            Ok(Self::InPart(note)) => line(&note, IN_PART),
            Ok(Self::Skipped(reason)) => line(&reason, SKIPPED),
            Err(error) => line(&format!("{error:#}").replace('\n', "; "), 1),
        }
    }

    /// What a runner [told](Self::tell): its status and its last line.
    pub fn told(status: Option<i32>, line: String) -> Result<Self> {
        match status {
            Some(0) => Ok(Self::Passed(line)),
            Some(status) if status == i32::from(IN_PART) => Ok(Self::InPart(line)),
            Some(status) if status == i32::from(SKIPPED) => Ok(Self::Skipped(line)),
            Some(_) => Err(anyhow!(line)),
            None => Err(anyhow!("the runner was killed after `{line}`")),
        }
    }
}

fn line(text: &str, status: u8) -> ExitCode {
    println!("{text}");
    status.into()
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(note) | Self::InPart(note) => f.write_str(note),
            Self::Skipped(reason) => write!(f, "SKIPPED: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn what_a_runner_tells_is_understood() {
        let told = |status| Report::told(status, "so".to_owned());
        assert!(matches!(told(Some(0)), Ok(Report::Passed(_))));
        assert!(matches!(told(Some(3)), Ok(Report::InPart(_))));
        assert!(matches!(told(Some(4)), Ok(Report::Skipped(_))));
        for status in [Some(1), Some(101), None] {
            assert!(told(status).expect_err("a failure").to_string().contains("so"));
        }
    }
}
