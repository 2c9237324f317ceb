//! How a test ended.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use anyhow::{Result, anyhow};
use clap::ValueEnum;

/// The results of a suite, by `binary test`.
pub(crate) type Record = BTreeMap<String, Verdict>;

/// What came of running tests.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Their results.
    pub(crate) record: Record,
    /// How many of them ran once more, for the first run of them was not well.
    pub(crate) retried: usize,
}

/// The binary of the test that a [`Record`] calls `test`.
pub(crate) fn binary(test: &str) -> &str {
    test.split(' ').next().unwrap_or_default()
}

/// How a test ended. In the baselines it is the same word.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Verdict {
    /// It passed.
    Ok,
    /// It said that it failed.
    Failed,
    /// Its authors left it out.
    Ignored,
    /// It had to be killed.
    Hung,
    /// Its process died before it told a result.
    Lost,
}

impl Verdict {
    /// The verdict that `word` means.
    pub(crate) fn parse(word: &str) -> Result<Self> {
        Self::from_str(word, false).map_err(|_| anyhow!("`{word}` is no result of a test"))
    }

    /// True if the test ran and did not pass.
    pub(crate) fn is_bad(self) -> bool {
        !matches!(self, Self::Ok | Self::Ignored)
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().ok_or(fmt::Error)?.get_name())
    }
}

/// How many tests ended well, badly, and not at all.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Counts {
    /// Those that passed.
    pub(crate) passed: usize,
    /// Those that failed, hung or were lost.
    pub(crate) bad: usize,
    /// Those that were left out.
    pub(crate) ignored: usize,
}

impl Counts {
    /// Counts `verdicts`.
    pub(crate) fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        let mut counts = Self::default();
        for verdict in verdicts {
            match verdict {
                Verdict::Ok => counts.passed += 1,
                Verdict::Ignored => counts.ignored += 1,
                Verdict::Failed | Verdict::Hung | Verdict::Lost => counts.bad += 1,
            }
        }
        counts
    }

    /// All of them.
    pub(crate) fn total(self) -> usize {
        self.passed + self.bad + self.ignored
    }
}

impl Display for Counts {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { passed, bad, ignored } = self;
        let rest = [(bad, "failed"), (ignored, "ignored")];
        let rest =
            rest.iter().filter(|(count, _)| **count > 0).map(|(count, word)| format!(", {count} {word}"));
        f.pad(&format!("{passed} ok{}", rest.collect::<String>()))
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{Counts, Verdict};

    #[test]
    fn each_verdict_has_its_word_and_a_hang_counts_as_a_failure() {
        for verdict in Verdict::value_variants() {
            assert_eq!(Verdict::parse(&verdict.to_string()).expect("its word"), *verdict);
        }
        assert!(Verdict::parse("well").is_err());
        let counts = Counts::of([Verdict::Ok, Verdict::Hung, Verdict::Failed, Verdict::Ignored]);
        assert_eq!((counts.to_string().as_str(), counts.total()), ("1 ok, 2 failed, 1 ignored", 4));
    }
}
