//! What differs between systems stands in `sys`, each list of systems in one file.
//!
//! `target_os` in a `cfg` belongs to `src/sys.rs` and below it. The wide words
//! `unix` and `windows` may also split modules that are only there on one of
//! them, and stand on the `mod` and `use` lines of `lib.rs`. One file may repeat
//! its list: the module, its re-export and the error for all others stand
//! together and are changed together.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, TokenTree};

use super::Finding;
use crate::sources::{File, Tree};
use crate::tokens;

/// The modules that may ask for `unix` or `windows`.
const WIDE: &[&str] = &["net", "os", "sys", "unix", "windows"];

/// A file and a line.
type Place<'a> = (&'a str, usize);

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    // By crate and list of systems, where it stands.
    let mut lists: BTreeMap<(&str, Vec<String>), Vec<Place<'_>>> = BTreeMap::new();
    for file in tree.rust() {
        let Some((folder, _)) = file.in_src() else {
            continue;
        };
        for cfg in cfgs(file) {
            findings.extend(misplaced(file, &cfg));
            if cfg.systems.len() > 1 {
                let key = (folder, cfg.systems.into_iter().collect());
                lists.entry(key).or_default().push((&file.path, cfg.line));
            }
        }
    }
    for ((_, systems), places) in &lists {
        let (first, at) = places[0];
        for (path, line) in places.iter().filter(|(path, _)| *path != first) {
            let systems = systems.join(", ");
            let text = format!("this list of systems stands at {first}:{at} too: {systems}");
            findings.push(Finding::error(path, *line, text));
        }
    }
    findings
}

/// A `cfg(…)` in an attribute or a macro.
#[derive(Debug, Default)]
struct Cfg {
    /// The line where it starts.
    line: usize,
    /// The systems that it names by `target_os`.
    systems: BTreeSet<String>,
    /// Whether it asks for `unix` or `windows`.
    is_wide: bool,
    /// Whether it marks a `mod` or a `use`.
    marks_module: bool,
}

fn misplaced(file: &File, cfg: &Cfg) -> Option<Finding> {
    let (_, path) = file.in_src()?;
    let top = path.split('/').next()?.trim_end_matches(".rs");
    let text = if !cfg.systems.is_empty() && top != "sys" {
        "`target_os` stands in `sys.rs` only: ask `sys` for what differs"
    } else if cfg.is_wide && !WIDE.contains(&top) && !(top == "lib" && cfg.marks_module) {
        "`unix` and `windows` stand in `sys`, `os`, `net` and on the `mod` lines of `lib.rs`"
    } else {
        return None;
    };
    Some(Finding::error(&file.path, cfg.line, text))
}

fn cfgs(file: &File) -> Vec<Cfg> {
    let mut found = Vec::new();
    walk(&tokens::of(&file.text).unwrap_or_default(), false, &mut found);
    found
}

/// Collects the cfgs in `tokens`; `marks_module` is known from outside for the
/// tokens of an attribute.
fn walk(tokens: &[TokenTree], marks_module: bool, found: &mut Vec<Cfg>) {
    for (at, token) in tokens.iter().enumerate() {
        let is_cfg = ["cfg", "cfg_attr", "cfg_if", "cfg_select"]
            .iter()
            .any(|name| tokens::is_ident(Some(token), name));
        let after = if tokens::is_punct(tokens.get(at + 1), '!') { at + 2 } else { at + 1 };
        if let (true, Some(TokenTree::Group(group))) = (is_cfg, tokens.get(after)) {
            found.push(read(group, tokens::line(token), marks_module));
        }
        if let TokenTree::Group(group) = token {
            let is_attribute = group.delimiter() == Delimiter::Bracket;
            let marks = is_attribute && item_is_module(&tokens[at + 1..]);
            walk(&tokens::inside(group), marks_module || marks, found);
        }
    }
}

fn read(group: &Group, line: usize, marks_module: bool) -> Cfg {
    let mut cfg = Cfg { line, marks_module, ..Cfg::default() };
    let mut open = vec![tokens::inside(group)];
    while let Some(tokens) = open.pop() {
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(name) if name == "target_os" => {
                    let system = tokens.get(at + 2).map(TokenTree::to_string);
                    cfg.systems.extend(system);
                }
                TokenTree::Ident(name) => {
                    cfg.is_wide |= name == "unix" || name == "windows" || name == "target_family";
                }
                TokenTree::Group(group) => open.push(tokens::inside(group)),
                _ => {}
            }
        }
    }
    cfg
}

/// True if what follows an attribute, after other attributes, is a `mod` or `use`.
fn item_is_module(tokens: &[TokenTree]) -> bool {
    let mut rest = tokens.iter().filter(|token| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() != '#',
        _ => true,
    });
    let first = rest.next();
    let word = if tokens::is_ident(first, "pub") { rest.next() } else { first };
    tokens::is_ident(word, "mod") || tokens::is_ident(word, "use")
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::sources::fixture::tree;

    const LIST: &str = "#[cfg(any(target_os = \"linux\", target_os = \"android\"))] mod epoll;";

    fn count(path: &str, text: &str) -> usize {
        check(&tree(&[(path, text)])).len()
    }

    #[test]
    fn a_system_outside_sys_is_found() {
        assert_eq!(count("crates/a/src/net/tcp.rs", "#[cfg(target_os = \"linux\")] fn f() {}"), 1);
        assert_eq!(count("crates/a/src/poll.rs", "fn f() { if cfg!(target_os = \"linux\") {} }"), 1);
        assert_eq!(count("crates/a/src/sys.rs", "#[cfg(target_os = \"linux\")] mod epoll;"), 0);
        assert_eq!(count("crates/a/src/sys/unix.rs", "#[cfg(target_os = \"linux\")] mod epoll;"), 0);
    }

    #[test]
    fn comments_and_tests_of_the_crate_are_free() {
        assert_eq!(count("crates/a/src/poll.rs", "// #[cfg(target_os = \"linux\")]"), 0);
        assert_eq!(count("crates/a/tests/it.rs", "#[cfg(target_os = \"linux\")] mod x;"), 0);
    }

    #[test]
    fn a_list_that_stands_in_two_files_is_found_in_any_order() {
        let other = "#[cfg(any(target_os = \"android\", target_os = \"linux\"))]\nmod eventfd;";
        let files = [("crates/a/src/sys.rs", LIST), ("crates/a/src/sys/waker.rs", other)];
        assert_eq!(check(&tree(&files)).len(), 1);
    }

    #[test]
    fn a_list_may_stand_twice_in_its_file() {
        let twice = format!("{LIST}\n{LIST}");
        assert_eq!(count("crates/a/src/sys.rs", &twice), 0);
    }

    #[test]
    fn unix_has_its_places() {
        let on_mod = "#[cfg(unix)]\n#[doc(alias = \"x\")]\npub mod unix;";
        let on_fn = "#[cfg(unix)] fn f() {}";
        assert_eq!(count("crates/a/src/lib.rs", on_mod), 0);
        assert_eq!(count("crates/a/src/lib.rs", on_fn), 1);
        assert_eq!(count("crates/a/src/poll.rs", on_mod), 1);
        for path in ["net/tcp.rs", "os.rs", "unix/pipe.rs", "windows.rs", "sys/x.rs"] {
            assert_eq!(count(&format!("crates/a/src/{path}"), on_fn), 0, "{path}");
        }
    }
}
