//! Reading Rust as tokens: no comment, no string and no layout gets in the way,
//! and the bodies of macros are read like any other code.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The tokens of a source file; `None` if it is not Rust.
pub(crate) fn of(text: &str) -> Option<Vec<TokenTree>> {
    let stream: TokenStream = text.parse().ok()?;
    Some(stream.into_iter().collect())
}

/// The tokens inside `group`.
pub(crate) fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// True if `token` is the identifier `name`.
pub(crate) fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

/// The name, if `token` is an identifier.
pub(crate) fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

/// True if `token` is the sign `sign`.
pub(crate) fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// The group, if `token` is one between `delimiter`.
pub(crate) fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// The line of a token, from 1.
pub(crate) fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

/// True if the identifier `name` occurs anywhere in `tokens`.
pub(crate) fn mentions(tokens: &[TokenTree], name: &str) -> bool {
    tokens.iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(&inside(group), name),
        _ => false,
    })
}

/// `tokens` without the items marked `#[cfg(test)]`.
pub(crate) fn without_tests(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if is_test_mark(&tokens[at..]) {
            at += item_length(&tokens[at..]);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// True if `tokens` start with `#[cfg(test)]` or `#[cfg(all(test, …))]`.
fn is_test_mark(tokens: &[TokenTree]) -> bool {
    if !is_punct(tokens.first(), '#') {
        return false;
    }
    let Some(attribute) = group(tokens.get(1), Delimiter::Bracket) else {
        return false;
    };
    let parts = inside(attribute);
    is_ident(parts.first(), "cfg") && mentions(&parts, "test") && !mentions(&parts, "not")
}

/// How many tokens the item at the start of `tokens` has: up to its body or its
/// semicolon.
fn item_length(tokens: &[TokenTree]) -> usize {
    let end = tokens
        .iter()
        .position(|token| is_punct(Some(token), ';') || group(Some(token), Delimiter::Brace).is_some());
    end.map_or(tokens.len(), |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::{mentions, of, without_tests};

    #[test]
    fn comments_and_strings_are_not_code() {
        let tokens = of("// alpha\nlet x = \"beta\"; gamma { delta }").expect("Rust");
        assert!(!mentions(&tokens, "alpha") && !mentions(&tokens, "beta"));
        assert!(mentions(&tokens, "gamma") && mentions(&tokens, "delta"));
    }

    #[test]
    fn items_for_tests_are_left_out_and_what_follows_is_not() {
        let source = "#[cfg(test)] mod tests { alpha } fn f() { beta } #[cfg(test)] use gamma; delta";
        let tokens = without_tests(&of(source).expect("Rust"));
        assert!(!mentions(&tokens, "alpha") && !mentions(&tokens, "gamma"));
        assert!(mentions(&tokens, "beta") && mentions(&tokens, "delta"));
    }

    #[test]
    fn items_for_everything_but_tests_stay() {
        let tokens = without_tests(&of("#[cfg(not(test))] fn alpha() {}").expect("Rust"));
        assert!(mentions(&tokens, "alpha"));
    }
}
