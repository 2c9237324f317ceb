//! Reading Rust as a row of words: no comment, no string and no layout gets in the
//! way, and the bodies of macros, at which a parser stops, are read like other code.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A name, a sign, a literal or a bracket.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    /// As it is written.
    pub(crate) text: String,
    /// Where, from 1.
    pub(crate) line: usize,
}

/// The words of a source file; `None` if it is not Rust.
pub(crate) fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    flatten(text.parse().ok()?, &mut words);
    Some(words)
}

fn flatten(stream: TokenStream, words: &mut Vec<Word>) {
    for token in stream {
        let line = token.span().start().line;
        let TokenTree::Group(group) = token else {
            words.push(Word { text: token.to_string(), line });
            continue;
        };
        let (open, close) = match group.delimiter() {
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::None => ("", ""),
        };
        words.push(Word { text: open.to_owned(), line });
        flatten(group.stream(), words);
        words.push(Word { text: close.to_owned(), line: group.span_close().start().line });
    }
}

/// True if the words at `at` are `texts`.
pub(crate) fn is(words: &[Word], at: usize, texts: &[&str]) -> bool {
    let here = words.iter().skip(at).map(|word| word.text.as_str());
    at + texts.len() <= words.len() && here.zip(texts).all(|(word, text)| word == *text)
}

/// Where the bracket that opens at `at` closes.
pub(crate) fn close(words: &[Word], at: usize) -> usize {
    let mut depth = 0;
    for (index, word) in words.iter().enumerate().skip(at) {
        match word.text.as_str() {
            "{" | "[" | "(" => depth += 1,
            "}" | "]" | ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index;
        }
    }
    words.len().saturating_sub(1)
}

/// Where the item ends that starts at `at`: at its body or its semicolon.
pub(crate) fn item_end(words: &[Word], mut at: usize) -> usize {
    while at < words.len() && !is(words, at, &[";"]) {
        let end = close(words, at);
        if is(words, at, &["{"]) {
            // The braces of a `use` are not its end.
            return if is(words, end + 1, &[";"]) { end + 1 } else { end };
        }
        at = end + 1;
    }
    at
}

/// `words` without the items that are only there for tests.
pub(crate) fn without_tests(words: &[Word]) -> Vec<Word> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if is(words, at, &["#", "[", "cfg"]) {
            let end = close(words, at + 1);
            let mentions = |name: &str| words[at..end].iter().any(|word| word.text == name);
            if mentions("test") && !mentions("not") {
                at = item_end(words, end + 1) + 1;
                continue;
            }
        }
        kept.push(words[at].clone());
        at += 1;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{without_tests, words};

    fn text(source: &str) -> String {
        let words = without_tests(&words(source).expect("Rust"));
        words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_are_no_code_and_a_string_is_one_word() {
        assert_eq!(text("// alpha\nlet x = \"be ta\"; c! { d }"), "let x = \"be ta\" ; c ! { d }");
    }

    #[test]
    fn items_for_tests_are_left_out_and_what_follows_is_not() {
        let source = "#[cfg(test)] mod tests { a } fn f() { b } #[cfg(all(test, unix))] use c::{d}; e";
        assert_eq!(text(source), "fn f ( ) { b } e");
        assert_eq!(text("#[cfg(not(test))] mod m;"), "# [ cfg ( not ( test ) ) ] mod m ;");
    }
}
