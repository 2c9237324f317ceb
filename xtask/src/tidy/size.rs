//! A file holds one noun, so it stays short. Functions are clippy's.

use super::Finding;
use crate::sources::Tree;

/// From here on a file is worth a second look.
const WARN_LINES: usize = 400;
/// The most lines of a source file.
const LINES_MAX: usize = 600;
/// The most lines of a file of tests, where cases repeat.
const TEST_LINES_MAX: usize = 700;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let lines = file.text.lines().count();
        let limit = if file.path.contains("/tests/") { TEST_LINES_MAX } else { LINES_MAX };
        if lines > limit {
            let text = format!("{lines} lines: split it by its nouns, the limit is {limit}");
            findings.push(Finding::error(&file.path, 0, text));
        } else if lines > WARN_LINES {
            let text = format!("{lines} lines: is this still one noun?");
            findings.push(Finding::warning(&file.path, 0, text));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{LINES_MAX, WARN_LINES, check};
    use crate::sources::fixture::tree;

    #[test]
    fn size_passes_then_warns_then_fails() {
        let of = |lines: usize| check(&tree(&[("crates/a/src/b.rs", &"//\n".repeat(lines))]));
        assert!(of(WARN_LINES).is_empty());
        assert!(of(WARN_LINES + 1)[0].is_warning);
        assert!(!of(LINES_MAX + 1)[0].is_warning);
    }

    #[test]
    fn tests_may_be_longer() {
        let text = "//\n".repeat(LINES_MAX + 1);
        assert!(check(&tree(&[("crates/a/tests/b.rs", &text)]))[0].is_warning);
    }
}
