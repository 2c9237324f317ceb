//! What a command says when it did not fail.

use std::fmt::{self, Display, Formatter};

/// The good ends of a command; the bad end is an error.
#[derive(Debug)]
pub(crate) enum Report {
    /// It ran and all was well: one line that says how much was looked at.
    Passed(String),
    /// A part of it ran and was well, another could not run here: one line that says
    /// how much.
    InPart(String),
    /// It could not run here, and why.
    Skipped(String),
}

impl Report {
    /// It ran and all was well.
    pub(crate) fn passed(note: impl Into<String>) -> Self {
        Self::Passed(note.into())
    }

    /// It ran and was well, as far as it could run here.
    pub(crate) fn in_part(note: impl Into<String>) -> Self {
        Self::InPart(note.into())
    }

    /// It could not run here; `reason` says why.
    pub(crate) fn skipped(reason: impl Into<String>) -> Self {
        Self::Skipped(reason.into())
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(note) | Self::InPart(note) => f.write_str(note),
            Self::Skipped(reason) => write!(f, "SKIPPED: {reason}"),
        }
    }
}
