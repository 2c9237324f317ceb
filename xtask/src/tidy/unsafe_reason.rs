//! A file that allows unsafe code says why it needs it. clippy asks for a reason at
//! each `allow`; this also asks for one that says something, at an `expect` too.

use crate::code::{self, Word};
use crate::sources::Tree;
use crate::tidy::Findings;

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust() {
        let Some(words) = file.words() else {
            findings.add(&file.path, "cannot be read as Rust");
            continue;
        };
        for (at, word) in words.iter().enumerate() {
            let is_allow = ["allow", "expect"].contains(&&*word.text) && code::is(words, at + 1, &["("]);
            if is_allow && is_bare(&words[at..code::close(words, at + 1)]) {
                findings.add_line(&file.path, word.line, "say why: `allow(unsafe_code, reason = \"…\")`");
            }
        }
    }
}

/// True if `words` name the lint and give no reason.
fn is_bare(words: &[Word]) -> bool {
    let reason = (0..words.len()).find(|&at| code::is(words, at, &["reason", "="]));
    let text = reason.and_then(|at| words.get(at + 2)).map_or("", |word| &word.text);
    words.iter().any(|word| word.text == "unsafe_code") && text.trim_matches('"').trim().len() <= 3
}
