//! No module of a crate needs itself by way of its neighbours.
//!
//! Every path that starts with `crate`, `self` or `super` is an arrow from the
//! module where it stands to the module that it names, also inside macros. An
//! arrow counts between the two neighbours of one folder above which the ways
//! part: `net/tcp.rs` naming `crate::sys::epoll` is an arrow from `net` to
//! `sys`. A parent and its child are one noun and may name each other. Code
//! under `#[cfg(test)]` does not count.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenTree};

use super::Finding;
use super::crate_circles::{Graph, describe};
use crate::sources::{File, Tree};
use crate::tokens;

/// A module by its names from the root of its crate.
type Path = Vec<String>;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut crates: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
    for file in tree.rust() {
        if let Some((folder, _)) = file.in_src() {
            crates.entry(folder).or_default().push(file);
        }
    }
    crates.iter().flat_map(|(folder, files)| check_crate(folder, files)).collect()
}

fn check_crate(folder: &str, files: &[&File]) -> Vec<Finding> {
    let modules: BTreeSet<Path> = files.iter().map(|file| module_of(file)).collect();
    // By folder, the arrows between its modules.
    let mut arrows: BTreeMap<Path, BTreeSet<(String, String)>> = BTreeMap::new();
    for file in files {
        let from = module_of(file);
        let mut walk = Walk { named: Vec::new() };
        walk.code(&tokens::without_tests(&tokens::of(&file.text).unwrap_or_default()), &from);
        for path in walk.named {
            let to = home(&modules, path);
            let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            if let (Some(a), Some(b)) = (from.get(shared), to.get(shared)) {
                let arrow = (a.clone(), b.clone());
                arrows.entry(from[..shared].to_vec()).or_default().insert(arrow);
            }
        }
    }
    let mut findings = Vec::new();
    for (parent, arrows) in &arrows {
        let mut graph = Graph::default();
        arrows.iter().for_each(|(from, to)| graph.add(from, to));
        if let Some(circle) = graph.circle() {
            let place = [&[folder.to_owned(), "src".to_owned()], &parent[..]].concat().join("/");
            findings.push(Finding::error(&place, 0, describe("modules", &circle)));
        }
    }
    findings
}

/// The module that `file` is.
fn module_of(file: &File) -> Path {
    let (_, path) = file.in_src().unwrap_or_default();
    let path = path.trim_end_matches(".rs");
    if matches!(path, "lib" | "main") {
        return Path::new();
    }
    path.split('/').map(str::to_owned).collect()
}

/// The innermost known module of `path`, the rest of which names an item.
fn home(modules: &BTreeSet<Path>, mut path: Path) -> Path {
    while !path.is_empty() && !modules.contains(&path) {
        path.pop();
    }
    path
}

/// A walk through the tokens of a file.
struct Walk {
    /// The paths met so far, each from the root of the crate.
    named: Vec<Path>,
}

impl Walk {
    /// Collects the paths in `tokens`, code of the module `here`.
    fn code(&mut self, tokens: &[TokenTree], here: &Path) {
        let mut at = 0;
        while at < tokens.len() {
            let body = tokens::group(tokens.get(at + 2), Delimiter::Brace);
            if let (true, Some(body)) = (tokens::is_ident(tokens.get(at), "mod"), body) {
                let name = tokens::ident(tokens.get(at + 1)).unwrap_or_default();
                let inner = [&here[..], &[name]].concat();
                self.code(&tokens::without_tests(&tokens::inside(body)), &inner);
                at += 3;
            } else if let Some(start) = start(tokens, at, here) {
                at = self.path(tokens, at + 1, start);
            } else {
                if let Some(TokenTree::Group(group)) = tokens.get(at) {
                    self.code(&tokens::inside(group), here);
                }
                at += 1;
            }
        }
    }

    /// Follows `::name::name` or `::{…}` from `at`, a path that so far is `path`.
    /// Returns where it ends.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, mut path: Path) -> usize {
        while tokens::is_punct(tokens.get(at), ':') && tokens::is_punct(tokens.get(at + 1), ':') {
            at += 2;
            if let Some(name) = tokens::ident(tokens.get(at)) {
                match name.as_str() {
                    "super" => drop(path.pop()),
                    "self" => {}
                    _ => path.push(name),
                }
                at += 1;
            } else if let Some(group) = tokens::group(tokens.get(at), Delimiter::Brace) {
                for part in tokens::inside(group).split(|token| tokens::is_punct(Some(token), ',')) {
                    let mut path = path.clone();
                    path.extend(tokens::ident(part.first()).filter(|name| name != "self"));
                    self.path(part, 1, path);
                }
                return at + 1;
            } else {
                // `::<…>` or `::*`: the path has said what it names.
                break;
            }
        }
        self.named.push(path);
        at
    }
}

/// The module that a path at `at` starts from, if one starts there.
fn start(tokens: &[TokenTree], at: usize, here: &Path) -> Option<Path> {
    let colons = tokens::is_punct(tokens.get(at + 1), ':') && tokens::is_punct(tokens.get(at + 2), ':');
    let is_inner = at > 0 && tokens::is_punct(tokens.get(at - 1), ':');
    if !colons || is_inner {
        return None;
    }
    match tokens::ident(tokens.get(at))?.as_str() {
        "crate" => Some(Path::new()),
        "self" => Some(here.clone()),
        "super" => Some(here[..here.len().saturating_sub(1)].to_vec()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::sources::fixture::tree;

    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        check(&tree(files)).into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn arrows_in_one_direction_are_fine() {
        let files = [
            ("crates/a/src/net.rs", "use crate::sys::Selector; use crate::token::Token;"),
            ("crates/a/src/sys.rs", "use crate::token::Token;"),
            ("crates/a/src/token.rs", "//! See crate::net::Listener."),
        ];
        assert_eq!(circles(&files), Vec::<String>::new());
    }

    #[test]
    fn a_circle_of_files_is_found() {
        let files = [
            ("crates/a/src/net.rs", "use crate::{io, sys::{Selector, Other}};"),
            ("crates/a/src/sys.rs", "fn f() -> crate::net::Listener { todo() }"),
        ];
        assert_eq!(circles(&files), ["a circle of modules: net → sys → net"]);
    }

    #[test]
    fn a_circle_through_folders_and_super_is_found() {
        let files = [
            ("crates/a/src/net.rs", ""),
            ("crates/a/src/sys.rs", ""),
            ("crates/a/src/net/tcp.rs", "use super::super::sys::Selector;"),
            ("crates/a/src/sys/epoll.rs", "macro_rules! m { () => { $crate::net::tcp::Stream } }"),
        ];
        assert_eq!(circles(&files).len(), 1);
    }

    #[test]
    fn a_circle_of_neighbours_in_a_folder_is_found() {
        let files = [
            ("crates/a/src/net/tcp.rs", "use super::udp::Socket;"),
            ("crates/a/src/net/udp.rs", "mod inner { use super::super::tcp::Stream; }"),
        ];
        assert_eq!(circles(&files), ["a circle of modules: tcp → udp → tcp"]);
    }

    #[test]
    fn parents_children_and_tests_do_not_count() {
        let files = [
            ("crates/a/src/net.rs", "mod tcp; use self::tcp::Stream;"),
            ("crates/a/src/net/tcp.rs", "use super::Socket; #[cfg(test)] mod t { use crate::sys::X; }"),
            ("crates/a/src/sys.rs", "use crate::net::Socket;"),
        ];
        assert_eq!(circles(&files), Vec::<String>::new());
    }
}
