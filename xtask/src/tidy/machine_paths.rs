//! Nothing in the tree knows the machine that it was written on.

use crate::sources::Tree;
use crate::tidy::Finding;

/// Folders of one machine and hosts of registries. Written in two halves, so
/// that this file does not hold what it forbids.
const FORBIDDEN: &[&str] = &[
    concat!("/", "work/"),
    concat!("/", "root/"),
    concat!("/", "home/"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
    concat!("deb.", "debian.org"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in file.text.lines().enumerate() {
            for word in FORBIDDEN.iter().filter(|word| stands_alone(line, word)) {
                let text = format!("`{word}` belongs to a machine, not to the project");
                findings.push(Finding::new(&file.path, number + 1, text));
            }
        }
    }
    findings
}

/// True if `word` occurs in `line` and is not the middle of a longer path.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~})".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::{FORBIDDEN, check};
    use crate::sources::fixture::tree;

    #[test]
    fn each_forbidden_word_is_found_and_a_longer_path_is_not() {
        for word in FORBIDDEN {
            let findings = check(&tree(&[("docs/a.md", &format!("fine\nsee `{word}x`\n"))]));
            assert!(findings.len() == 1 && findings[0].line == 2, "{word}");
        }
        let text = concat!("src/", "work/", " and [patch.crates-io] of crates.io\n");
        assert!(check(&tree(&[("docs/a.md", text)])).is_empty());
    }
}
