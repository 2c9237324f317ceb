//! How a test ended.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use anyhow::{Result, bail};

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

/// How a test ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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
    /// All, with the words of the baseline files.
    const WORDS: [(Self, &'static str); 5] = [
        (Self::Ok, "ok"),
        (Self::Failed, "failed"),
        (Self::Ignored, "ignored"),
        (Self::Hung, "hung"),
        (Self::Lost, "lost"),
    ];

    /// The verdict that `word` means.
    pub(crate) fn parse(word: &str) -> Result<Self> {
        match Self::WORDS.iter().find(|(_, own)| *own == word) {
            Some((verdict, _)) => Ok(*verdict),
            None => bail!("`{word}` is no result of a test"),
        }
    }

    /// True if the test ran and did not pass.
    pub(crate) fn is_bad(self) -> bool {
        !matches!(self, Self::Ok | Self::Ignored)
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let word = Self::WORDS.iter().find(|(verdict, _)| verdict == self).map(|(_, word)| word);
        f.write_str(word.unwrap_or(&""))
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
        write!(f, "{} ok", self.passed)?;
        if self.bad > 0 {
            write!(f, ", {} failed", self.bad)?;
        }
        if self.ignored > 0 {
            write!(f, ", {} ignored", self.ignored)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Verdict};

    #[test]
    fn each_word_means_its_verdict() {
        for (verdict, word) in Verdict::WORDS {
            assert_eq!(Verdict::parse(word).expect(word), verdict);
            assert_eq!(verdict.to_string(), word);
        }
        assert!(Verdict::parse("well").is_err());
    }

    #[test]
    fn a_hang_counts_as_a_failure() {
        let counts = Counts::of([Verdict::Ok, Verdict::Hung, Verdict::Failed, Verdict::Ignored]);
        assert_eq!(counts.to_string(), "1 ok, 2 failed, 1 ignored");
        assert_eq!(counts.total(), 4);
        assert!(Verdict::Hung.is_bad() && Verdict::Lost.is_bad() && !Verdict::Ignored.is_bad());
    }
}
