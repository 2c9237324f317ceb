//! Every rule of `docs/contract.md` names tests, and the tests exist.
//!
//! A rule is a table row `| P1 | what holds | `module::test`, … |`. The module
//! is a file below the suite. Rows under "Other platforms" wait for theirs.

use std::collections::HashSet;

use super::Finding;
use crate::sources::Tree;

/// The ledger.
const LEDGER: &str = "docs/contract.md";
/// Where the tests stand.
const SUITE: &str = "crates/ferrio-poll/tests/contract";
/// The heading of the rows that need no test yet.
const EXEMPT: &str = "Other platforms";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(ledger) = tree.file(LEDGER) else {
        return vec![Finding::error(LEDGER, 0, "the ledger of the contract is missing")];
    };
    let mut findings = Vec::new();
    let mut numbers = HashSet::new();
    let mut is_exempt = false;
    for (index, line) in ledger.text.lines().enumerate() {
        if line.starts_with('#') {
            is_exempt = line.contains(EXEMPT);
        }
        let Some(row) = Row::parse(line) else {
            continue;
        };
        let mut complain = |text: String| findings.push(Finding::error(LEDGER, index + 1, text));
        if !numbers.insert(row.number) {
            complain(format!("rule {} stands twice", row.number));
        }
        if is_exempt {
            continue;
        }
        if row.tests.is_empty() {
            complain(format!("rule {} names no test", row.number));
        }
        for test in row.tests.iter().filter(|test| !exists(tree, test)) {
            complain(format!("rule {}: no test `{test}` below {SUITE}", row.number));
        }
    }
    if numbers.is_empty() {
        findings.push(Finding::error(LEDGER, 0, "holds no rule"));
    }
    findings
}

/// A row of the ledger.
struct Row<'a> {
    /// Letters and a number, as `P1`.
    number: &'a str,
    /// The names in backticks of its last cell.
    tests: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        let (number, rest) = inner.split_once('|')?;
        let number = number.trim().trim_matches('*');
        let digits = number.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let is_number = digits.starts_with(|c: char| c.is_ascii_digit());
        if !is_number || digits.len() == number.len() {
            return None;
        }
        let (_, last) = rest.rsplit_once('|')?;
        Some(Self { number, tests: last.split('`').skip(1).step_by(2).collect() })
    }
}

/// True if `test`, a path of modules and a function, is in the suite.
fn exists(tree: &Tree, test: &str) -> bool {
    let Some((module, function)) = test.rsplit_once("::") else {
        return false;
    };
    let path = format!("{SUITE}/{}.rs", module.replace("::", "/"));
    let head = format!("fn {function}(");
    tree.file(&path).is_some_and(|file| file.text.contains(&head))
}

#[cfg(test)]
mod tests {
    use super::{LEDGER, SUITE, check};
    use crate::sources::fixture::tree;

    fn findings(ledger: &str) -> Vec<String> {
        let suite = format!("{SUITE}/poll.rs");
        let tree = tree(&[(LEDGER, ledger), (&suite, "#[test]\nfn it_waits() {}\n")]);
        check(&tree).into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn a_row_with_its_test_is_fine() {
        let ledger = "| rule | text | tests |\n|---|---|---|\n| P1 | waits | `poll::it_waits` |\n";
        assert_eq!(findings(ledger), Vec::<String>::new());
    }

    #[test]
    fn a_row_without_a_test_is_found() {
        assert!(findings("| P1 | waits `long` | |\n")[0].contains("names no test"));
    }

    #[test]
    fn a_test_that_does_not_exist_is_found() {
        assert!(findings("| P1 | waits | `poll::it_sleeps` |\n")[0].contains("no test"));
        assert!(findings("| P1 | waits | `net::it_waits` |\n")[0].contains("no test"));
    }

    #[test]
    fn a_number_that_stands_twice_is_found() {
        let row = "| P1 | waits | `poll::it_waits` |\n";
        assert!(findings(&format!("{row}{row}"))[0].contains("twice"));
    }

    #[test]
    fn rows_for_other_platforms_wait() {
        assert!(findings("## Other platforms\n| K1 | kqueue | |\n").is_empty());
        assert_eq!(findings("## Other platforms\n| K1 | | |\n## Linux\n| P1 | | |\n").len(), 1);
    }

    #[test]
    fn an_empty_or_missing_ledger_is_found() {
        assert_eq!(findings("no rows\n").len(), 1);
        assert_eq!(check(&tree(&[])).len(), 1);
    }
}
