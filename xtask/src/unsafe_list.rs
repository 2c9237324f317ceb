//! `cargo xtask unsafe`: where the unsafe code of ferrio-poll stands.
//!
//! Blocks, functions and impls are counted as they are written. What stands in
//! the body of a `macro_rules!` counts once for each call of the macro in the
//! crate, since that is how often a reader of the binary meets it.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use proc_macro2::{Delimiter, TokenTree};
use xtask_shell::{Report, root};

use crate::sources::{File, Tree};
use crate::tokens;

/// The sources that are counted.
const SOURCES: &str = "crates/ferrio-poll/src/";

/// Files that only turn raw descriptors into owned ones and back, by a part of
/// their name. `FromRawFd` makes their unsafe code unavoidable.
const CONVERSIONS: &[&str] = &["fd_impls", "descriptor"];

/// The most unsafe code that may stand elsewhere.
const ELSEWHERE_MAX: usize = 20;

/// Prints the table; an error if too much stands outside the conversions.
pub(crate) fn run(_arguments: &[String]) -> Result<Report> {
    let tree = Tree::load(&root())?;
    let files: Vec<&File> = tree.rust().filter(|file| file.path.starts_with(SOURCES)).collect();
    let table = table(&files);
    println!("{:>6} {:>4} {:>5}  file", "blocks", "fns", "impls");
    for (path, count) in &table {
        let mark = if is_conversion(path) { "  (descriptor conversion)" } else { "" };
        println!("{:>6} {:>4} {:>5}  {path}{mark}", count.blocks, count.functions, count.impls);
    }
    let elsewhere = elsewhere(&table);
    if elsewhere > ELSEWHERE_MAX {
        bail!("{elsewhere} unsafe blocks and impls outside the conversions, at most {ELSEWHERE_MAX}");
    }
    let all: usize = table.values().map(Count::weight).sum();
    Ok(Report::passed(format!("{all} unsafe blocks and impls, {elsewhere} outside the conversions")))
}

/// What a file holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Count {
    /// `unsafe { … }`.
    blocks: usize,
    /// `unsafe fn`: a promise asked for, no unsafe operation by itself.
    functions: usize,
    /// `unsafe impl`, `unsafe trait` and `unsafe extern`.
    impls: usize,
}

impl Count {
    /// What counts against the limit.
    fn weight(&self) -> usize {
        self.blocks + self.impls
    }

    fn add(&mut self, other: Self, times: usize) {
        self.blocks += other.blocks * times;
        self.functions += other.functions * times;
        self.impls += other.impls * times;
    }
}

fn is_conversion(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    CONVERSIONS.iter().any(|part| name.contains(part))
}

fn elsewhere(table: &BTreeMap<&str, Count>) -> usize {
    table.iter().filter(|(path, _)| !is_conversion(path)).map(|(_, count)| count.weight()).sum()
}

/// The files that hold unsafe code.
fn table<'a>(files: &[&'a File]) -> BTreeMap<&'a str, Count> {
    let mut surveys = Vec::new();
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let mut survey = Survey::default();
        let tokens = tokens::of(&file.text).unwrap_or_default();
        survey.code(&tokens::without_tests(&tokens));
        for (name, count) in &survey.calls {
            *calls.entry(name.clone()).or_default() += count;
        }
        surveys.push((file.path.as_str(), survey));
    }
    let mut table = BTreeMap::new();
    for (path, survey) in surveys {
        let mut count = survey.plain;
        for (name, body) in survey.macros {
            count.add(body, calls.get(&name).copied().unwrap_or_default());
        }
        if count != Count::default() {
            table.insert(path, count);
        }
    }
    table
}

/// What a walk through a file met.
#[derive(Debug, Default)]
struct Survey {
    /// Unsafe code outside macros.
    plain: Count,
    /// The unsafe code in the body of each macro.
    macros: BTreeMap<String, Count>,
    /// How often each macro is called.
    calls: BTreeMap<String, usize>,
}

impl Survey {
    fn code(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            let is_call = tokens::is_punct(tokens.get(at + 1), '!');
            let name = tokens::ident(tokens.get(at)).filter(|_| is_call);
            if name.as_deref() == Some("macro_rules") {
                let name = tokens::ident(tokens.get(at + 2)).unwrap_or_default();
                let mut body = Self::default();
                if let Some(TokenTree::Group(group)) = tokens.get(at + 3) {
                    body.code(&tokens::inside(group));
                }
                self.macros.insert(name, body.plain);
                at += 4;
                continue;
            }
            if let (Some(name), Some(TokenTree::Group(_))) = (name, tokens.get(at + 2)) {
                *self.calls.entry(name).or_default() += 1;
            }
            if tokens::is_ident(tokens.get(at), "unsafe") {
                self.keyword(&tokens[at + 1..]);
            }
            if let Some(TokenTree::Group(group)) = tokens.get(at) {
                self.code(&tokens::inside(group));
            }
            at += 1;
        }
    }

    /// Counts one `unsafe` by what stands behind it.
    fn keyword(&mut self, after: &[TokenTree]) {
        let is = |word: &str| tokens::is_ident(after.first(), word);
        if tokens::group(after.first(), Delimiter::Brace).is_some() {
            self.plain.blocks += 1;
        } else if is("impl") || is("trait") || is("extern") {
            self.plain.impls += 1;
        } else if is("fn") && tokens::ident(after.get(1)).is_some() {
            self.plain.functions += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, elsewhere, table};
    use crate::sources::File;

    fn file(name: &str, text: &str) -> File {
        File { path: format!("crates/ferrio-poll/src/{name}"), text: text.to_owned() }
    }

    #[test]
    fn blocks_functions_and_impls_are_told_apart() {
        let text = "unsafe fn f(g: unsafe fn()) { unsafe { g() } } unsafe impl Send for X {}";
        let file = file("a.rs", text);
        let count = table(&[&file])[file.path.as_str()];
        assert_eq!(count, Count { blocks: 1, functions: 1, impls: 1 });
    }

    #[test]
    fn a_macro_counts_once_for_each_call() {
        let rules = file("m.rs", "macro_rules! m { () => { unsafe { x() } }; (a) => { unsafe { y() } } }");
        let calls = file("n.rs", "m!(); fn f() { m!(a); m!{} }");
        assert_eq!(table(&[&rules, &calls])[rules.path.as_str()].blocks, 6);
    }

    #[test]
    fn comments_strings_and_tests_do_not_count() {
        let text = "// unsafe { }\nconst A: &str = \"unsafe { }\"; #[cfg(test)] mod t { unsafe {} }";
        assert!(table(&[&file("a.rs", text)]).is_empty());
    }

    #[test]
    fn conversions_are_not_counted_against_the_limit() {
        let text = "fn f() { unsafe { x() } }";
        let (plain, conversion) = (file("a.rs", text), file("net/fd_impls.rs", text));
        assert_eq!(elsewhere(&table(&[&plain, &conversion])), 1);
    }
}
