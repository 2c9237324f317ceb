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
use crate::tidy::Findings;
use crate::tidy::paths::{Path, module_of, named};

/// Where the crates of the product are.
const PRODUCT: &str = "crates/";
/// The most entries of the `src/` of a crate; `foo.rs` and `foo/` are one.
const ENTRIES_MAX: usize = 25;
/// The most entries of which each needs the next.
const FLOORS_MAX: usize = 7;

/// No module needs itself by way of its neighbours.
pub(super) fn circles(tree: &Tree, findings: &mut Findings) {
    for (folder, files) in crates(tree, "") {
        for (parent, arrows) in arrows(&files) {
            for circle in tarjan_scc(&graph(&arrows)).iter().filter(|circle| circle.len() > 1) {
                let place = [&[folder.to_owned(), "src".to_owned()], &parent[1..]].concat().join("/");
                findings.add(place, format_args!("a circle of modules: {}", circle.join(", ")));
            }
        }
    }
}

/// The entries of each crate of the product are few.
pub(super) fn entries(tree: &Tree, findings: &mut Findings) {
    for (folder, files) in crates(tree, PRODUCT) {
        let paths = files.iter().filter_map(|file| file.in_src());
        let entries = paths.map(|(_, path)| path.split('/').next().unwrap_or(path).trim_end_matches(".rs"));
        let count = entries.collect::<BTreeSet<_>>().len();
        if count > ENTRIES_MAX {
            let text = format!("{count} entries, at most {ENTRIES_MAX}: gather what belongs together");
            findings.add(format_args!("{folder}/src"), text);
        }
    }
}

/// No long chain of entries of which each needs the next; `lib.rs` is left out.
pub(super) fn floors(tree: &Tree, findings: &mut Findings) {
    for (folder, files) in crates(tree, PRODUCT) {
        let all = arrows(&files);
        let Some(arrows) = all.get(&["crate".to_owned()][..]) else { continue };
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
            findings.add(format_args!("{folder}/src"), text);
        }
    }
}

/// The sources of each crate below `top`, by its folder.
fn crates<'a>(tree: &'a Tree, top: &str) -> BTreeMap<&'a str, Vec<&'a File>> {
    let mut crates: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
    for file in tree.rust() {
        if let Some((folder, _)) = file.in_src().filter(|(folder, _)| folder.starts_with(top)) {
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
        let words = code::without_tests(file.words().unwrap_or_default());
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

fn graph(arrows: &BTreeSet<(String, String)>) -> DiGraphMap<&str, ()> {
    DiGraphMap::from_edges(arrows.iter().map(|(from, to)| (from.as_str(), to.as_str())))
}
