//! `docs/features.md` proves what it says, and names only what exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The most characters of a line, so that the page can be read in a terminal.
const LINE_MAX: usize = 120;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn page() -> String {
    fs::read_to_string(docs().join("features.md")).unwrap()
}

/// The cells of each row whose first one is what `is_key` asks for.
fn rows(text: &str, is_key: impl Fn(&str) -> bool) -> Vec<Vec<&str>> {
    let tables = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'));
    let rows = tables.map(|line| line.split(" | ").map(str::trim).collect::<Vec<_>>());
    rows.filter(|cells| is_key(cells[0])).collect()
}

fn is_number(key: &str) -> bool {
    key.parse::<u32>().is_ok()
}

/// The items of the lists below the tables, by what they begin with: `7. ` or `` - `ev_io`: ``.
fn items(text: &str) -> BTreeMap<String, String> {
    let mut items = BTreeMap::new();
    let mut last = None;
    for line in text.lines() {
        let number = line.split_once(". ").filter(|(key, _)| is_number(key));
        let watcher = line.strip_prefix("- ").and_then(|rest| rest.split_once(": "));
        if let Some((key, rest)) = number.or(watcher) {
            let is_new = items.insert(key.to_owned(), rest.to_owned()).is_none();
            assert!(is_new, "{key} stands twice");
            last = Some(key.to_owned());
        } else if let (Some(key), true) = (&last, line.starts_with(' ')) {
            let item = items.get_mut(key).unwrap();
            item.push(' ');
            item.push_str(line.trim());
        } else {
            last = None;
        }
    }
    items
}

/// Where the labels of links lead: the lines `[label]: path`.
fn targets(text: &str) -> BTreeMap<&str, &str> {
    let definitions = text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: "));
    let mut targets = BTreeMap::new();
    for (label, path) in definitions {
        assert!(targets.insert(label, path).is_none(), "{label} is defined twice");
    }
    targets
}

/// The labels of the links in `text`.
fn labels(text: &str) -> impl Iterator<Item = &str> {
    text.split('[').skip(1).filter_map(|part| Some(part.split_once(']')?.0))
}

/// How many proofs an item has: tests that are where it says, and examples that exist.
fn proofs(item: &str, targets: &BTreeMap<&str, &str>) -> usize {
    let mut count = 0;
    for part in item.split('`').collect::<Vec<_>>().windows(2).skip(1) {
        let [name, rest] = part else { unreachable!("windows of two") };
        let Some(label) = rest.strip_prefix(" in [").and_then(|rest| rest.split(']').next()) else {
            continue;
        };
        let path = targets.get(label).unwrap_or_else(|| panic!("{label} leads nowhere"));
        let target = fs::read_to_string(docs().join(path)).unwrap();
        assert!(target.contains(&format!("fn {name}() {{")), "{path} has no {name}");
        count += 1;
    }
    count + labels(item).filter(|label| label.starts_with("examples/")).count()
}

#[test]
fn every_feature_is_linked_to_a_test_or_an_example_or_is_not_there() {
    let text = page();
    let (rows, items, targets) = (rows(&text, is_number), items(&text), targets(&text));
    assert!(rows.len() > 60, "{} rows", rows.len());
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(row[0], (index + 1).to_string(), "{row:?}");
        assert!(
            row[2..].iter().all(|cell| ["yes", "in part", "no", "unsaid", "–"].contains(cell)),
            "{row:?}"
        );
        let proofs = items.get(row[0]).map_or(0, |item| proofs(item, &targets));
        match row.last() {
            Some(&"yes") => assert!(proofs > 0, "no proof of {row:?}"),
            Some(&"no") => assert_eq!(proofs, 0, "a proof of {row:?}"),
            _ => panic!("Ferrio has it, or not: {row:?}"),
        }
    }
    // A list may not go on after its table.
    assert!(items.keys().filter(|key| is_number(key)).all(|key| key.parse::<usize>().unwrap() <= rows.len()));
}

#[test]
fn each_link_of_the_page_leads_to_a_file_and_each_target_is_used() {
    let text = page();
    let targets = targets(&text);
    let (body, _) = text.split_once("\n[mio 1.2]: ").unwrap();
    let used: BTreeSet<&str> = labels(body).collect();
    for (label, path) in &targets {
        assert!(used.contains(label), "no link to {label}");
        assert!(path.contains("://") || docs().join(path).is_file(), "{label} leads to {path}");
    }
    let lost: Vec<_> = used.iter().filter(|label| !targets.contains_key(*label)).collect();
    assert!(lost.is_empty(), "they lead nowhere: {lost:?}");
    assert!(targets.len() > 40, "{} targets", targets.len());
}

#[test]
fn each_line_of_the_page_fits_into_a_terminal() {
    for line in page().lines() {
        assert!(line.chars().count() <= LINE_MAX, "{line}");
    }
}

#[test]
fn each_of_the_thirteen_watchers_of_libev_has_a_proof() {
    let text = page();
    let (items, targets) = (items(&text), targets(&text));
    let watchers = [
        "async", "check", "child", "cleanup", "embed", "fork", "idle", "io", "periodic", "prepare", "signal",
        "stat", "timer",
    ];
    for watcher in watchers {
        let key = format!("`ev_{watcher}`");
        assert_eq!(rows(&text, |cell| cell == key).len(), 1, "{key}");
        let item = items.get(&key).unwrap_or_else(|| panic!("no item of {key}"));
        assert!(proofs(item, &targets) > 0, "no proof of {key}");
    }
}
