//! Nothing in the tree knows the machine that it was written on.

use crate::sources::Tree;
use crate::tidy::Findings;

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

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            for word in FORBIDDEN.iter().filter(|word| stands_alone(line, word)) {
                let text = format_args!("`{word}` belongs to a machine, not to the project");
                findings.add_line(&file.path, index + 1, text);
            }
        }
    }
}

/// True if `word` occurs in `line` and is not the middle of a longer path.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~})".contains(c))
    })
}
