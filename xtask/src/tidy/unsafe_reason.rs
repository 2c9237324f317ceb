//! A file that allows unsafe code says why it needs it.

use proc_macro2::{Delimiter, TokenTree};

use super::Finding;
use crate::sources::Tree;
use crate::tokens;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        match tokens::of(&file.text) {
            Some(tokens) => walk(&file.path, &tokens, &mut findings),
            None => findings.push(Finding::error(&file.path, 0, "cannot be read as Rust")),
        }
    }
    findings
}

fn walk(path: &str, tokens: &[TokenTree], findings: &mut Vec<Finding>) {
    for (at, token) in tokens.iter().enumerate() {
        let allows = tokens::is_ident(Some(token), "allow") || tokens::is_ident(Some(token), "expect");
        if let Some(group) = tokens::group(tokens.get(at + 1), Delimiter::Parenthesis) {
            let lints = tokens::inside(group);
            if allows && tokens::mentions(&lints, "unsafe_code") && !has_reason(&lints) {
                let text = "say why: `allow(unsafe_code, reason = \"…\")`";
                findings.push(Finding::error(path, tokens::line(token), text));
            }
        }
        if let TokenTree::Group(group) = token {
            walk(path, &tokens::inside(group), findings);
        }
    }
}

/// True if `lints` hold `reason = "…"` with some text.
fn has_reason(lints: &[TokenTree]) -> bool {
    let reason = lints.iter().position(|token| tokens::is_ident(Some(token), "reason"));
    let text = reason.and_then(|at| lints.get(at + 2)).map(TokenTree::to_string);
    text.is_some_and(|text| text.trim_matches('"').trim().len() > 3)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::sources::fixture::tree;

    #[test]
    fn an_allow_without_a_reason_is_found() {
        for line in [
            "#![allow(unsafe_code)]",
            "#[expect(unsafe_code, dead_code)] fn f() {}",
            "#![allow(unsafe_code, reason = \"\")]",
        ] {
            assert_eq!(check(&tree(&[("crates/a/src/b.rs", line)])).len(), 1, "{line}");
        }
    }

    #[test]
    fn an_allow_with_a_reason_and_other_allows_are_fine() {
        for line in ["#![allow(unsafe_code, reason = \"raw descriptors\")]", "#![allow(dead_code)]"] {
            assert!(check(&tree(&[("crates/a/src/b.rs", line)])).is_empty(), "{line}");
        }
    }
}
