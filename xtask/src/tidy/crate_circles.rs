//! No crate depends on itself by way of others. Cargo refuses that for plain
//! dependencies; this also covers build scripts and names the way.

use std::collections::BTreeMap;

use super::Finding;
use crate::sources::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut graph = Graph::default();
    for (name, needs) in &tree.crates {
        for need in needs {
            graph.add(name, need);
        }
    }
    let circle = graph.circle();
    let finding = |circle: Vec<&str>| Finding::error("Cargo.toml", 0, describe("crates", &circle));
    circle.map(finding).into_iter().collect()
}

/// The words for a circle.
pub(super) fn describe(of: &str, circle: &[&str]) -> String {
    format!("a circle of {of}: {}", circle.join(" → "))
}

/// Who needs whom, by name.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    /// The needs of each name.
    edges: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Graph<'a> {
    /// `from` needs `to`.
    pub(super) fn add(&mut self, from: &'a str, to: &'a str) {
        self.edges.entry(from).or_default().push(to);
    }

    /// A circle, if there is one: its first name stands at both ends.
    pub(super) fn circle(&self) -> Option<Vec<&'a str>> {
        let mut done = Vec::new();
        self.edges.keys().find_map(|start| self.search(start, &mut Vec::new(), &mut done))
    }

    /// Walks on from `name`; `way` led here, `done` is known to be free of circles.
    fn search(&self, name: &'a str, way: &mut Vec<&'a str>, done: &mut Vec<&'a str>) -> Option<Vec<&'a str>> {
        if let Some(at) = way.iter().position(|seen| *seen == name) {
            return Some([&way[at..], &[name]].concat());
        }
        if done.contains(&name) {
            return None;
        }
        way.push(name);
        let needs = self.edges.get(name).into_iter().flatten();
        let found = needs.copied().find_map(|need| self.search(need, way, done));
        way.pop();
        done.push(name);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{Graph, check};
    use crate::sources::Tree;

    #[test]
    fn a_circle_is_found_and_named() {
        let mut graph = Graph::default();
        for (from, to) in [("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")] {
            graph.add(from, to);
        }
        assert_eq!(graph.circle(), Some(vec!["b", "c", "d", "b"]));
    }

    #[test]
    fn a_diamond_is_no_circle() {
        let mut graph = Graph::default();
        for (from, to) in [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")] {
            graph.add(from, to);
        }
        assert_eq!(graph.circle(), None);
    }

    #[test]
    fn crates_in_a_circle_are_found() {
        let needs = |name: &str, need: &str| (name.to_owned(), vec![need.to_owned()]);
        let mut tree = Tree { crates: vec![needs("loop", "poll")], ..Tree::default() };
        assert!(check(&tree).is_empty());
        tree.crates.push(needs("poll", "loop"));
        assert_eq!(check(&tree).len(), 1);
    }
}
