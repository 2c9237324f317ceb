//! Every rule of `docs/contract.md` names tests, and the tests exist.
//!
//! A rule is a table row `| P1 | what holds | `module::test`, … |`. The module
//! is a file below the suite. Rows under "Other platforms" wait for theirs.

use std::collections::HashSet;

use crate::sources::Tree;
use crate::tidy::Findings;

/// The ledger.
const LEDGER: &str = "docs/contract.md";
/// Where the tests stand.
const SUITE: &str = "crates/ferrio-poll/tests/contract";
/// The heading of the rows that need no test yet.
const EXEMPT: &str = "Other platforms";

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let ledger = tree.file(LEDGER).map_or("", |file| &file.text);
    let mut numbers = HashSet::new();
    let mut is_exempt = false;
    for (index, line) in ledger.lines().enumerate() {
        if line.starts_with('#') {
            is_exempt = line.contains(EXEMPT);
        }
        let Some((number, tests)) = row(line) else { continue };
        let mut complain = |text: String| findings.add_line(LEDGER, index + 1, text);
        if !numbers.insert(number) {
            complain(format!("rule {number} stands twice"));
        }
        if is_exempt {
            continue;
        }
        if tests.is_empty() {
            complain(format!("rule {number} names no test"));
        }
        for test in tests.iter().filter(|test| !exists(tree, test)) {
            complain(format!("rule {number}: no test `{test}` below {SUITE}"));
        }
    }
    if numbers.is_empty() {
        findings.add(LEDGER, "holds no rule");
    }
}

/// The number of a row of the ledger, as `P1`, and the names in backticks of its last
/// cell.
fn row(line: &str) -> Option<(&str, Vec<&str>)> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let (number, rest) = inner.split_once('|')?;
    let number = number.trim().trim_matches('*');
    let digits = number.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    if digits.len() == number.len() || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (_, last) = rest.rsplit_once('|')?;
    Some((number, last.split('`').skip(1).step_by(2).collect()))
}

/// True if `test`, a path of modules and a function, is in the suite.
fn exists(tree: &Tree, test: &str) -> bool {
    let Some((module, function)) = test.rsplit_once("::") else { return false };
    let path = format!("{SUITE}/{}.rs", module.replace("::", "/"));
    tree.file(&path).is_some_and(|file| file.text.contains(&format!("fn {function}(")))
}
