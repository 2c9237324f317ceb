//! A file that allows unsafe code says why it needs it. clippy asks for a reason at
//! each `allow`; this also asks for one that says something, at an `expect` too.

use crate::code::{self, Word};
use crate::sources::Tree;
use crate::tidy::Finding;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let Some(words) = code::words(&file.text) else {
            findings.push(Finding::new(&file.path, 0, "cannot be read as Rust"));
            continue;
        };
        for (at, word) in words.iter().enumerate() {
            let is_allow =
                ["allow", "expect"].contains(&word.text.as_str()) && code::is(&words, at + 1, &["("]);
            if is_allow && is_bare(&words[at..code::close(&words, at + 1)]) {
                let text = "say why: `allow(unsafe_code, reason = \"…\")`";
                findings.push(Finding::new(&file.path, word.line, text));
            }
        }
    }
    findings
}

/// True if `words` name the lint and give no reason.
fn is_bare(words: &[Word]) -> bool {
    let reason = (0..words.len()).find(|&at| code::is(words, at, &["reason", "="]));
    let text = reason.and_then(|at| words.get(at + 2)).map_or("", |word| &word.text);
    words.iter().any(|word| word.text == "unsafe_code") && text.trim_matches('"').trim().len() <= 3
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::sources::fixture::tree;

    #[test]
    fn an_allow_without_a_reason_is_found() {
        let count = |line: &str| check(&tree(&[("crates/a/src/b.rs", line)])).len();
        assert_eq!(count("#![allow(unsafe_code)]"), 1);
        assert_eq!(count("#[expect(unsafe_code, dead_code)] fn f() {}"), 1);
        assert_eq!(count("#![allow(unsafe_code, reason = \"\")]"), 1);
        assert_eq!(count("#![allow(unsafe_code, reason = \"raw descriptors\")] #![allow(dead_code)]"), 0);
    }
}
