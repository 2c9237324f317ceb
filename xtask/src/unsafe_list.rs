//! `cargo xtask unsafe`: where the unsafe code of ferrio-poll and ferrio-proactor stands.
//!
//! Blocks, functions and impls are counted as they are written. What stands in
//! the body of a `macro_rules!` counts once for each call of the macro in the
//! crate, since that is how often a reader of the binary meets it.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use xtask_shell::{Report, root};

use crate::code::{self, Word};
use crate::sources::{File, Tree};

/// The sources that are counted.
const SOURCES: &[&str] = &["crates/ferrio-poll/src/", COMPLETION];

/// Those of the completion layer: memory that the kernel has, and values without their types.
const COMPLETION: &str = "crates/ferrio-proactor/src/";

/// The most unsafe code that may stand there. Fifteen are of Windows: handles as numbers, the calls for
/// messages, and files, whose calls of std take no memory without bytes in it.
const COMPLETION_MAX: usize = 179;

/// Files that only turn raw descriptors and handles into owned ones and back, by a part of
/// their name. `FromRawFd` and `FromRawHandle` make their unsafe code unavoidable.
const CONVERSIONS: &[&str] = &["fd_impls", "descriptor", "handle_impls"];

/// Windows, which no safe library serves as rustix serves Unix: each of its calls is unsafe.
const WINDOWS: &str = "crates/ferrio-poll/src/sys/windows/";

/// The most unsafe code that may stand there.
const WINDOWS_MAX: usize = 112;

/// The most unsafe code that may stand elsewhere. A third of it is signals: sigaction(2), which
/// rustix leaves to the C library, and the fields of a `siginfo_t`, which are a union. Two are of
/// WASI, whose bindings are unsafe throughout, and four of waitid(2) on NetBSD and OpenBSD, which
/// rustix does not have in full. Ten are of sockets of Unix: recvmsg(2), because a reader of control
/// messages has to own each descriptor in them, what is asked of a peer, the descriptors that a
/// service manager hands over by number, and an option that rustix lacks. Twelve are datagrams: the
/// calls for many of them, once with and once without a call for all, the memory of their headers,
/// and options; rustix reads no control messages of the internet protocols.
const ELSEWHERE_MAX: usize = 51;

/// Prints the table; an error if too much stands in a part of it.
pub(crate) fn run() -> Result<Report> {
    let tree = Tree::load(&root())?;
    let is_counted = |file: &&File| SOURCES.iter().any(|folder| file.path.starts_with(folder));
    let table = table(&tree.rust().filter(is_counted).collect::<Vec<_>>());
    println!("{:>6} {:>4} {:>5}  file", "blocks", "fns", "impls");
    for (path, Count { blocks, functions, impls }) in &table {
        let mark = if is_conversion(path) { "  (descriptor conversion)" } else { "" };
        println!("{blocks:>6} {functions:>4} {impls:>5}  {path}{mark}");
    }
    let all = sum(&table, |_| true);
    let windows = sum(&table, |path| path.contains(WINDOWS));
    let completion = sum(&table, |path| path.starts_with(COMPLETION));
    let elsewhere = sum(&table, is_elsewhere);
    for (count, place, most) in [
        (windows, "for Windows", WINDOWS_MAX),
        (completion, "for completion", COMPLETION_MAX),
        (elsewhere, "outside these and the conversions", ELSEWHERE_MAX),
    ] {
        ensure!(count <= most, "{count} unsafe blocks and impls {place}, at most {most}");
    }
    Ok(Report::passed(format!(
        "{all} unsafe blocks and impls, {windows} for Windows, {completion} for completion, \
         {elsewhere} outside these and the conversions"
    )))
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

fn is_conversion(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    CONVERSIONS.iter().any(|part| name.contains(part))
}

fn is_elsewhere(path: &str) -> bool {
    !is_conversion(path) && !path.contains(WINDOWS) && !path.starts_with(COMPLETION)
}

/// What counts against the limits.
fn sum(table: &BTreeMap<&str, Count>, is_counted: impl Fn(&str) -> bool) -> usize {
    let counted = table.iter().filter(|(path, _)| is_counted(path));
    counted.map(|(_, count)| count.blocks + count.impls).sum()
}

/// The files that hold unsafe code.
fn table<'a>(files: &[&'a File]) -> BTreeMap<&'a str, Count> {
    let words = |file: &&File| code::without_tests(file.words().unwrap_or_default());
    let sources: Vec<_> = files.iter().map(words).collect();
    let calls = |name: &str| {
        let count =
            |words: &Vec<Word>| (0..words.len()).filter(|&at| code::is(words, at, &[name, "!"])).count();
        sources.iter().map(count).sum::<usize>()
    };
    let mut table = BTreeMap::new();
    for (file, words) in files.iter().zip(&sources) {
        let mut count = Count::default();
        // How often the code counts that is read, and where that ends.
        let (mut times, mut until) = (1, 0);
        for at in 0..words.len() {
            if at >= until {
                times = 1;
            }
            if code::is(words, at, &["macro_rules", "!"]) && at + 3 < words.len() {
                (times, until) = (calls(&words[at + 2].text), code::close(words, at + 3));
            }
            if words[at].text == "unsafe" {
                let [next, then] = [1, 2].map(|step| words.get(at + step).map_or("", |word| &word.text));
                match next {
                    "{" => count.blocks += times,
                    "impl" | "trait" | "extern" => count.impls += times,
                    "fn" if then != "(" => count.functions += times,
                    _ => {}
                }
            }
        }
        if count != Count::default() {
            table.insert(file.path.as_str(), count);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{Count, is_elsewhere, sum, table};
    use crate::sources::File;

    fn file(name: &str, text: &str) -> File {
        File::new(format!("crates/ferrio-poll/src/{name}"), text)
    }

    #[test]
    fn each_kind_is_counted_and_a_macro_once_for_each_call() {
        let text = "macro_rules! m { () => { unsafe { x() } }; (a) => { unsafe { y() } } }
                    unsafe fn f(g: unsafe fn()) { unsafe { g() } } unsafe impl Send for X {}";
        let (rules, calls) = (file("m.rs", text), file("n.rs", "m!(); fn f() { m!(a); m!{} }"));
        let count = table(&[&rules, &calls])[rules.path.as_str()];
        assert_eq!(count, Count { blocks: 7, functions: 1, impls: 1 });
    }

    #[test]
    fn comments_strings_tests_and_conversions_do_not_count() {
        let text = "// unsafe { }\nconst A: &str = \"unsafe { }\"; #[cfg(test)] mod t { unsafe {} }";
        assert!(table(&[&file("a.rs", text)]).is_empty());
        let text = "fn f() { unsafe { x() } }";
        let (plain, conversion) = (file("a.rs", text), file("net/fd_impls.rs", text));
        assert_eq!(sum(&table(&[&plain, &conversion]), is_elsewhere), 1);
    }
}
