//! The table of the backends in the chapter on portability says what `Capabilities` says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mio::{Backend, Poll};

/// The rows of the table by the name of their field, each with its cells by backend.
fn table(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("| `Capabilities` |"));
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let backends = cells(lines.next().expect("a table of `Capabilities`"));
    let rows = lines.skip(1).take_while(|line| line.starts_with('|')).map(cells);
    rows.map(|row| {
        let values = backends.iter().zip(&row).skip(1);
        (row[0].clone(), values.map(|(backend, cell)| (backend.clone(), cell.clone())).collect())
    })
    .collect()
}

/// The fields of a value as `Debug` writes them.
fn fields(debug: &str) -> BTreeMap<String, String> {
    let (_, inside) = debug.split_once('{').expect("a struct");
    let fields = inside.trim_end_matches(['}', ' ']).split(", ");
    let pairs = fields.filter_map(|field| field.split_once(": "));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

#[test]
fn the_table_says_what_each_backend_here_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ferrio/book/portability.md");
    // The package of this crate has no book.
    let Ok(text) = fs::read_to_string(&path) else { return assert!(!path.exists()) };
    let table = table(&text);
    for backend in Backend::candidates() {
        let poll = Poll::builder().backend(*backend).build().unwrap();
        let fields = fields(&format!("{:?}", poll.capabilities()));
        assert!(fields.len() >= 15, "{fields:?}");
        assert!(fields.keys().eq(table.keys()), "the table has {:?}, not {:?}", table.keys(), fields.keys());
        for (name, value) in &fields {
            let cell = &table[name][&format!("{backend:?}")];
            assert!(
                cell.split(" or ").any(|word| word == value),
                "{name} of {backend:?} is {value}, not {cell}"
            );
        }
    }
}
