//! The paths that a source file names: in `use`, in code, and inside macros.

use crate::code::{self, Word};
use crate::sources::File;

/// The names of a path. A path within the crate begins with `crate`, another one with
/// what it begins with.
pub(super) type Path = Vec<String>;

/// The module that `file` is; `None` for a file outside `src/`.
pub(super) fn module_of(file: &File) -> Option<Path> {
    let (_, path) = file.in_src()?;
    let path = path.trim_end_matches(".rs");
    let names = path.split('/').filter(|name| !matches!(*name, "lib" | "main"));
    Some(["crate"].into_iter().chain(names).map(str::to_owned).collect())
}

/// The paths in `words`, code of the module `here`, each with its line.
pub(super) fn named(words: &[Word], here: &Path) -> Vec<(Path, usize)> {
    let mut found = Vec::new();
    walk(words, here, &mut found);
    found
}

fn walk(words: &[Word], here: &Path, found: &mut Vec<(Path, usize)>) {
    let mut at = 0;
    while at < words.len() {
        if code::is(words, at, &["mod"]) && code::is(words, at + 2, &["{"]) {
            let end = code::close(words, at + 2);
            let inner = [&here[..], &[words[at + 1].text.clone()]].concat();
            walk(&words[at + 3..end], &inner, found);
            at = end + 1;
        } else if code::is(words, at + 1, &[":", ":"]) && !(at > 0 && words[at - 1].text == ":") {
            let path = match words[at].text.as_str() {
                "self" => here.clone(),
                "super" => here[..here.len().max(2) - 1].to_vec(),
                other => vec![other.to_owned()],
            };
            at = follow(words, at + 1, path, found);
        } else {
            at += 1;
        }
    }
}

/// Follows `::name::name` or `::{…}` from `at`, a path that so far is `path`. Returns
/// where it ends.
fn follow(words: &[Word], mut at: usize, mut path: Path, found: &mut Vec<(Path, usize)>) -> usize {
    let line = words[at - 1].line;
    while code::is(words, at, &[":", ":"]) && at + 2 < words.len() {
        at += 2;
        if words[at].text == "{" {
            let end = code::close(words, at);
            at += 1;
            while at < end {
                let mut inner = path.clone();
                step(&mut inner, &words[at].text);
                at = follow(words, at + 1, inner, found);
                while at < end && words[at].text != "," {
                    at += 1;
                }
                at += 1;
            }
            return end + 1;
        }
        if !words[at].text.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            // `::<…>` or `::*`: the path has said what it names.
            break;
        }
        step(&mut path, &words[at].text);
        at += 1;
    }
    found.push((path, line));
    at
}

fn step(path: &mut Path, name: &str) {
    match name {
        "super" if path.len() > 1 => drop(path.pop()),
        "self" => {}
        name => path.push(name.to_owned()),
    }
}
