//! The modules of a crate: few beside each other, few floors, no circle.
//!
//! Every path that starts with `crate`, `self` or `super` is an arrow from the module
//! where it stands to the module that it names. It counts between the two neighbours
//! of one folder above which the ways part: `net/tcp.rs` naming `crate::sys::epoll`
//! is an arrow from `net` to `sys`. A parent and its child are one noun and may name
//! each other. Code under `#[cfg(test)]` does not count.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::code;
use crate::sources::{File, Tree};
use crate::tidy::Finding;
use crate::tidy::paths::{Path, module_of, named};

/// The most entries of the `src/` of a crate; `foo.rs` and `foo/` are one.
const ENTRIES_MAX: usize = 25;
/// The most entries of which each needs the next.
const FLOORS_MAX: usize = 7;

/// The arrows between the modules of one folder.
type Graph<'a> = DiGraphMap<&'a str, ()>;

/// No module needs itself by way of its neighbours.
pub(super) fn circles(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (folder, files) in crates(tree) {
        for (parent, arrows) in arrows(&files) {
            for circle in tarjan_scc(&graph(&arrows)).iter().filter(|circle| circle.len() > 1) {
                let place = format!("{folder}/src/{}", parent[1..].join("/"));
                let text = format!("a circle of modules: {}", circle.join(", "));
                findings.push(Finding::new(place.trim_end_matches('/'), 0, text));
            }
        }
    }
    findings
}

/// The entries of each crate of the product are few.
pub(super) fn entries(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (folder, files) in crates(tree).into_iter().filter(|(folder, _)| folder.starts_with("crates/")) {
        let paths = files.iter().filter_map(|file| file.in_src());
        let entries: BTreeSet<_> =
            paths.map(|(_, path)| path.split('/').next().unwrap_or(path).trim_end_matches(".rs")).collect();
        if entries.len() > ENTRIES_MAX {
            let text =
                format!("{} entries, at most {ENTRIES_MAX}: gather what belongs together", entries.len());
            findings.push(Finding::new(&format!("{folder}/src"), 0, text));
        }
    }
    findings
}

/// No long chain of entries of which each needs the next; `lib.rs` is left out.
pub(super) fn floors(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (folder, files) in crates(tree).into_iter().filter(|(folder, _)| folder.starts_with("crates/")) {
        let all = arrows(&files);
        let Some(arrows) = all.get(&vec!["crate".to_owned()]) else { continue };
        let graph = graph(arrows);
        let mut chains: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        // What a module needs comes before it.
        for module in tarjan_scc(&graph).into_iter().flatten() {
            let below = graph.neighbors(module).filter_map(|need| chains.get(need));
            let below = below.max_by_key(|chain| chain.len()).cloned().unwrap_or_default();
            chains.insert(module, [&[module], &below[..]].concat());
        }
        let longest = chains.into_values().max_by_key(Vec::len).unwrap_or_default();
        if longest.len() > FLOORS_MAX {
            let text = format!("{} floors, at most {FLOORS_MAX}: {}", longest.len(), longest.join(" → "));
            findings.push(Finding::new(&format!("{folder}/src"), 0, text));
        }
    }
    findings
}

/// The sources of each crate, by its folder.
fn crates(tree: &Tree) -> BTreeMap<&str, Vec<&File>> {
    let mut crates: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
    for file in tree.rust() {
        if let Some((folder, _)) = file.in_src() {
            crates.entry(folder).or_default().push(file);
        }
    }
    crates
}

/// By folder, the arrows between its modules. Tests may need what stands above them.
fn arrows(files: &[&File]) -> BTreeMap<Path, BTreeSet<(String, String)>> {
    let modules: BTreeSet<Path> = files.iter().filter_map(|file| module_of(file)).collect();
    let mut arrows: BTreeMap<Path, BTreeSet<(String, String)>> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.path.ends_with("/tests.rs")) {
        let from = module_of(file).unwrap_or_default();
        let words = code::without_tests(&code::words(&file.text).unwrap_or_default());
        for (mut to, _) in named(&words, &from).into_iter().filter(|(path, _)| path[0] == "crate") {
            // Its last names are of an item.
            while to.len() > 1 && !modules.contains(&to) {
                to.pop();
            }
            let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            if let (Some(a), Some(b)) = (from.get(shared), to.get(shared)) {
                arrows.entry(from[..shared].to_vec()).or_default().insert((a.clone(), b.clone()));
            }
        }
    }
    arrows
}

fn graph(arrows: &BTreeSet<(String, String)>) -> Graph<'_> {
    Graph::from_edges(arrows.iter().map(|(from, to)| (from.as_str(), to.as_str())))
}

#[cfg(test)]
mod tests {
    use super::{ENTRIES_MAX, FLOORS_MAX, circles, entries, floors};
    use crate::sources::fixture::tree;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        circles(&tree(files)).into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn arrows_in_one_direction_are_fine() {
        let files = [
            ("crates/a/src/net.rs", "mod tcp; use crate::sys::Selector; use self::tcp::Stream;"),
            ("crates/a/src/net/tcp.rs", "use super::Socket; #[cfg(test)] mod t { use crate::top::X; }"),
            ("crates/a/src/sys.rs", "//! See crate::net::Listener.\nuse crate::token::Token;"),
            ("crates/a/src/token.rs", ""),
            ("crates/a/src/top.rs", "use crate::net::Socket;"),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
    }

    #[test]
    fn a_circle_is_found_through_braces_folders_and_macros() {
        let files = [
            ("crates/a/src/net.rs", ""),
            ("crates/a/src/sys.rs", ""),
            ("crates/a/src/net/tcp.rs", "use super::super::{io, sys::{Selector as S, Other}};"),
            ("crates/a/src/sys/epoll.rs", "macro_rules! m { () => { $crate::net::tcp::Stream } }"),
        ];
        assert_eq!(found(&files).len(), 1);
        let files = [
            ("crates/a/src/net/tcp.rs", "use super::udp::Socket;"),
            ("crates/a/src/net/udp.rs", "mod inner { use super::super::tcp::Stream; }"),
        ];
        assert!(found(&files)[0].contains("tcp") && found(&files)[0].contains("udp"));
    }

    #[test]
    fn too_many_entries_and_floors_are_found() {
        let name = |at: usize| format!("crates/a/src/m{at}.rs");
        let chain = |count: usize| {
            let files: Vec<_> =
                (0..count).map(|at| (name(at), format!("use crate::m{}::X;", at + 1))).collect();
            tree(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
        };
        assert!(floors(&chain(FLOORS_MAX)).is_empty() && entries(&chain(ENTRIES_MAX)).is_empty());
        assert!(floors(&chain(FLOORS_MAX + 1))[0].text.contains("8 floors"));
        assert!(entries(&chain(ENTRIES_MAX + 1))[0].text.contains("26 entries"));
        let twins = tree(&[("crates/a/src/b.rs", ""), ("crates/a/src/b/c.rs", "")]);
        assert!(entries(&twins).is_empty());
    }
}
