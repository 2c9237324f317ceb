//! `docs/features.md` names only what exists.

use std::fs;
use std::path::{Path, PathBuf};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// The rows of its tables, without the lines that head them.
fn rows(text: &str) -> Vec<&str> {
    let is_row =
        |line: &&str| line.starts_with("| ") && !line.starts_with("| |") && !line.starts_with("| watcher");
    text.lines().filter(is_row).collect()
}

/// What the links of a row show, and where they lead.
fn links(row: &str) -> Vec<(&str, &str)> {
    let parts = row.split('[').skip(1);
    parts.filter_map(|part| part.split_once(')')?.0.split_once("](")).collect()
}

#[test]
fn every_feature_is_linked_to_a_test_or_an_example_or_is_not_there() {
    let text = fs::read_to_string(docs().join("features.md")).unwrap();
    let rows = rows(&text);
    assert!(rows.len() > 60, "{} rows", rows.len());
    for row in &rows {
        let (_, last) = row.trim_end_matches([' ', '|']).rsplit_once(" | ").unwrap();
        let links = links(last);
        assert!(!links.is_empty() || last == "no", "no proof in {row}");
        for (name, path) in links {
            let target = fs::read_to_string(docs().join(path));
            let target = target.unwrap_or_else(|error| panic!("{path} in {row}: {error}"));
            if path.contains("/tests/") {
                let function = format!("fn {}() {{", name.trim_matches('`'));
                assert!(target.contains(&function), "{path} has no {name}");
            }
        }
    }
}

#[test]
fn each_of_the_thirteen_watchers_of_libev_has_a_proof() {
    let text = fs::read_to_string(docs().join("features.md")).unwrap();
    let watchers = [
        "async", "check", "child", "cleanup", "embed", "fork", "idle", "io", "periodic", "prepare", "signal",
        "stat", "timer",
    ];
    for watcher in watchers {
        let start = format!("| `ev_{watcher}` | ");
        let row = rows(&text).into_iter().find(|row| row.starts_with(&start));
        assert!(!links(row.unwrap_or_else(|| panic!("no row of ev_{watcher}"))).is_empty());
    }
}
