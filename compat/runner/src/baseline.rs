//! What the published mio gives: a file per suite, a line per test.
//!
//! A line is `binary test result`, and for a result that is not good also
//! `# reason`. `failed|ok` stands for a test that depends on the machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::verdict::{Counts, Record, Verdict, binary};

/// The results that are expected of a suite.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    /// By `binary test`.
    lines: BTreeMap<String, Expected>,
}

/// What is expected of a test.
#[derive(Clone, Debug)]
struct Expected {
    /// The results that it may have. The first is the usual one.
    verdicts: Vec<Verdict>,
    /// Why it is not good.
    reason: String,
}

/// How a result is judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rule {
    /// It must be the one that mio has.
    Equal,
    /// It may be better; and one way to fail is as bad as another.
    NoWorse,
}

impl Rule {
    /// Whether a test that hung, or took its process down, gets a second chance. What
    /// it gives to a stalled machine it would give to a lost wake too.
    pub(crate) fn forgives_hangs(self) -> bool {
        self == Self::NoWorse
    }
}

/// A test that did not do what was expected.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Difference {
    /// `binary test`.
    pub(crate) test: String,
    /// What was expected, in words.
    expected: String,
    /// What was found; none if it did not run.
    found: Option<Verdict>,
}

impl Difference {
    /// The binary of the test.
    pub(crate) fn binary(&self) -> &str {
        binary(&self.test)
    }

    /// True if its process hung or died, which it does not with mio.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self.found, Some(Verdict::Hung | Verdict::Lost))
    }
}

impl Display for Difference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let found = self.found.map_or_else(|| "did not run".to_owned(), |found| found.to_string());
        write!(f, "{}: {} with mio, {found} with Ferrio", self.test, self.expected)
    }
}

impl Baseline {
    /// Reads `file`, which is complete: each bad result has its reason.
    pub(crate) fn load(file: &Path) -> Result<Self> {
        Self::load_draft(file)?.complete().with_context(|| file.display().to_string())
    }

    fn complete(self) -> Result<Self> {
        let bare = self.known().find(|(_, reason)| reason.is_empty());
        ensure!(bare.is_none(), "`{}` needs a `# reason`", bare.unwrap_or_default().0);
        Ok(self)
    }

    /// Reads `file`, in which reasons may be missing.
    pub(crate) fn load_draft(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        Self::parse(&text).with_context(|| file.display().to_string())
    }

    /// Reads the text of a file.
    fn parse(text: &str) -> Result<Self> {
        let mut lines = BTreeMap::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (facts, reason) = line.split_once('#').unwrap_or((line, ""));
            let words: Vec<&str> = facts.split_whitespace().collect();
            let [binary, test, results] = words[..] else {
                bail!("`{line}` is not `binary test result`");
            };
            let verdicts: Vec<_> = results.split('|').map(Verdict::parse).collect::<Result<_>>()?;
            let reason = reason.trim().to_owned();
            let before = lines.insert(format!("{binary} {test}"), Expected { verdicts, reason });
            ensure!(before.is_none(), "`{binary} {test}` stands twice");
        }
        Ok(Self { lines })
    }

    /// The part whose binaries `is_wanted` names.
    pub(crate) fn part(mut self, is_wanted: impl Fn(&str) -> bool) -> Self {
        self.lines.retain(|test, _| is_wanted(binary(test)));
        self
    }

    /// How the tests usually end.
    pub(crate) fn counts(&self) -> Counts {
        Counts::of(self.lines.values().map(|expected| expected.verdicts[0]))
    }

    /// The tests that mio may fail, each with its reason.
    pub(crate) fn known(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines
            .iter()
            .filter(|(_, expected)| expected.verdicts.iter().any(|verdict| verdict.is_bad()))
            .map(|(test, expected)| (test.as_str(), expected.reason.as_str()))
    }

    /// The tests that may hang.
    pub(crate) fn hangs(&self) -> BTreeSet<&str> {
        let hangs = self.lines.iter().filter(|(_, expected)| expected.verdicts.contains(&Verdict::Hung));
        hangs.map(|(test, _)| test.as_str()).collect()
    }

    /// Where `record` differs, in either direction.
    pub(crate) fn compare(&self, record: &Record, rule: Rule) -> Vec<Difference> {
        let mut differences = Vec::new();
        for (test, expected) in &self.lines {
            let found = record.get(test).copied();
            if !found.is_some_and(|found| expected.allows(found, rule)) {
                differences.push(Difference { test: test.clone(), expected: expected.words(), found });
            }
        }
        for (test, found) in record.iter().filter(|(test, _)| !self.lines.contains_key(*test)) {
            let expected = "does not exist".to_owned();
            differences.push(Difference { test: test.clone(), expected, found: Some(*found) });
        }
        differences
    }

    /// The text of a file for `record`. What this baseline says of a test is kept
    /// if it still holds. The number is of those lines that want a reason.
    pub(crate) fn renew(&self, head: &str, record: &Record) -> (String, usize) {
        let mut text = format!("# {head}\n# Made by `cargo xtask compat --bless`.\n");
        let mut bare = 0;
        for (test, verdict) in record {
            let old = self.lines.get(test);
            let line = match old.filter(|old| old.verdicts.contains(verdict)) {
                Some(old) if !old.reason.is_empty() => {
                    format!("{test} {}  # {}\n", old.words(), old.reason)
                }
                _ => {
                    bare += usize::from(verdict.is_bad());
                    format!("{test} {verdict}\n")
                }
            };
            text.push_str(&line);
        }
        (text, bare)
    }
}

impl Expected {
    fn allows(&self, found: Verdict, rule: Rule) -> bool {
        let is_no_worse =
            || found == Verdict::Ok || (found.is_bad() && self.verdicts.iter().any(|own| own.is_bad()));
        self.verdicts.contains(&found) || (rule == Rule::NoWorse && is_no_worse())
    }

    /// The results as they stand in the file.
    fn words(&self) -> String {
        let words: Vec<String> = self.verdicts.iter().map(ToString::to_string).collect();
        words.join("|")
    }
}

#[cfg(test)]
mod tests {
    use super::{Baseline, Rule};
    use crate::verdict::{Record, Verdict};

    const TEXT: &str = "\
# tokio on mio
fs exists failed|ok  # root may look anywhere
tcp connects ok
tcp later ignored
udp sends hung  # mio loses the wake
";

    fn record(tests: &[(&str, Verdict)]) -> Record {
        tests.iter().map(|&(test, verdict)| (test.to_owned(), verdict)).collect()
    }

    fn as_listed() -> Record {
        record(&[
            ("fs exists", Verdict::Failed),
            ("tcp connects", Verdict::Ok),
            ("tcp later", Verdict::Ignored),
            ("udp sends", Verdict::Hung),
        ])
    }

    fn differences(change: &[(&str, Verdict)], rule: Rule) -> Vec<String> {
        let mut record = as_listed();
        record.extend(self::record(change));
        let baseline = Baseline::parse(TEXT).expect("a baseline");
        baseline.compare(&record, rule).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn another_result_differs_in_either_direction() {
        assert!(differences(&[("fs exists", Verdict::Ok)], Rule::Equal).is_empty());
        let worse = differences(&[("tcp connects", Verdict::Failed)], Rule::Equal);
        assert_eq!(worse, ["tcp connects: ok with mio, failed with Ferrio"]);
        assert_eq!(differences(&[("udp sends", Verdict::Ok)], Rule::Equal).len(), 1);
        assert_eq!(differences(&[("tcp connects", Verdict::Ignored)], Rule::Equal).len(), 1);
    }

    #[test]
    fn a_missing_and_an_unknown_test_differ() {
        let baseline = Baseline::parse(TEXT).expect("a baseline");
        let mut record = as_listed();
        record.remove("tcp later");
        record.insert("tcp closes".to_owned(), Verdict::Ok);
        for rule in [Rule::Equal, Rule::NoWorse] {
            let found: Vec<_> = baseline.compare(&record, rule).iter().map(ToString::to_string).collect();
            assert_eq!(
                found,
                [
                    "tcp later: ignored with mio, did not run with Ferrio",
                    "tcp closes: does not exist with mio, ok with Ferrio",
                ]
            );
        }
    }

    #[test]
    fn better_is_no_worse_but_a_new_hang_is() {
        assert!(differences(&[("udp sends", Verdict::Ok)], Rule::NoWorse).is_empty());
        assert!(differences(&[("udp sends", Verdict::Failed)], Rule::NoWorse).is_empty());
        assert_eq!(differences(&[("tcp connects", Verdict::Hung)], Rule::NoWorse).len(), 1);
    }

    #[test]
    fn a_bad_result_needs_a_reason() {
        let complete = |text: &str| Baseline::parse(text).expect("a baseline").complete();
        let error = complete("tcp connects failed\n").expect_err("bare").to_string();
        assert!(error.contains("`tcp connects` needs"), "{error}");
        assert!(complete("tcp connects ok|failed\n").is_err() && complete(TEXT).is_ok());
    }

    #[test]
    fn a_line_has_three_words_that_are_known() {
        assert!(Baseline::parse("tcp connects\n").is_err());
        assert!(Baseline::parse("tcp connects well\n").is_err());
        assert!(Baseline::parse("tcp a ok\ntcp a ok\n").is_err());
    }

    #[test]
    fn a_renewed_file_keeps_the_reasons_that_hold() {
        let old = Baseline::parse(TEXT).expect("a baseline");
        let (text, bare) = old.renew("tokio on mio", &as_listed());
        assert_eq!(bare, 0);
        assert_eq!(Baseline::parse(&text).expect("the same").known().count(), 2);
        assert!(text.contains("fs exists failed|ok  # root may look anywhere\n"), "{text}");
        let (text, bare) = old.renew("tokio on mio", &record(&[("udp sends", Verdict::Failed)]));
        assert_eq!((text.lines().last(), bare), (Some("udp sends failed"), 1));
    }

    #[test]
    fn a_part_holds_the_wanted_binaries() {
        let part = Baseline::parse(TEXT).expect("a baseline").part(|binary| binary != "udp");
        assert_eq!(part.counts().to_string(), "1 ok, 1 failed, 1 ignored");
        assert!(part.hangs().is_empty());
    }
}
