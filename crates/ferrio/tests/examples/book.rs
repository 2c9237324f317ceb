//! The book, the README and the index of the examples name only what exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of this crate.
fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = home().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The chapters by their file names, without the ending.
fn chapters() -> BTreeSet<String> {
    names("book", "md")
}

/// The examples by the names that cargo knows.
fn examples() -> BTreeSet<String> {
    let mut examples = names("examples", "rs");
    let folders = fs::read_dir(home().join("examples")).unwrap().map(|entry| entry.unwrap().path());
    let programs = folders.filter(|path| path.join("main.rs").exists());
    examples.extend(programs.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()));
    assert!(examples.contains("broadcast"));
    examples
}

fn names(folder: &str, extension: &str) -> BTreeSet<String> {
    let paths = fs::read_dir(home().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The blocks of Rust in `text`: those that rustdoc runs.
fn blocks(text: &str) -> Vec<String> {
    let fences = text.split("```").skip(1).step_by(2);
    let rust = fences.filter_map(|fence| match fence.split_once('\n')? {
        ("" | "rust", code) => Some(code.to_owned()),
        _ => None,
    });
    rust.collect()
}

/// Doctests may use the dev-dependencies of this crate. A reader of the book has `ferrio` alone.
#[test]
fn the_code_of_the_book_needs_no_crate_but_ferrio() {
    let manifest = read("Cargo.toml");
    // Those of each system have a section of their own.
    let sections = manifest.split("dev-dependencies]").skip(1);
    let sections = sections.map(|rest| rest.split_once("\n[").map_or(rest, |(section, _)| section));
    let lines = sections.flat_map(str::lines);
    let mut others: Vec<&str> = lines.filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
    assert!(others.contains(&"clap") && others.contains(&"rustix"), "{others:?}");
    others.extend(["ferrio_poll", "libc"]);
    let mut count = 0;
    for chapter in chapters() {
        for block in blocks(&read(format!("book/{chapter}.md"))) {
            count += 1;
            for other in &others {
                assert!(!block.contains(&format!("{other}::")), "{chapter} uses {other}:\n{block}");
            }
        }
    }
    assert!(count >= 25, "{count} blocks");
}

#[test]
fn each_chapter_is_in_the_guide_and_in_the_readme() {
    let (guide, readme) = (read("src/guide.rs"), read("../../README.md"));
    for chapter in chapters() {
        assert!(guide.contains(&format!("include_str!(\"../book/{chapter}.md\")")), "{chapter}");
        assert!(guide.contains(&format!("[`{}`]", chapter.replace('-', "_"))), "{chapter}");
        assert!(readme.contains(&format!("(crates/ferrio/book/{chapter}.md) |")), "{chapter}");
    }
    assert_eq!(guide.matches("include_str!").count(), chapters().len());
}

#[test]
fn each_example_is_in_the_index_and_the_table_of_the_front_page() {
    let (index, front_page) = (read("examples/README.md"), read("src/lib.rs"));
    for example in examples() {
        assert!(index.contains(&format!("| [`{example}`]({example}")), "{example} is not in the index");
        assert!(index.contains(&format!("--example {example}")), "the index does not run {example}");
        let rows = front_page.lines().filter(|line| line.starts_with("//! | "));
        let mut cells = rows.filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
        assert!(
            cells.any(|cell| cell.contains(&format!("`{example}`"))),
            "{example} is not on the front page"
        );
    }
}

#[test]
fn each_example_that_a_document_runs_exists() {
    let mut documents: Vec<PathBuf> = ["../../README.md", "../../CONTRIBUTING.md", "examples/README.md"]
        .map(PathBuf::from)
        .into_iter()
        .chain(chapters().into_iter().map(|chapter| format!("book/{chapter}.md").into()))
        .collect();
    documents.extend(["src/lib.rs", "src/guide.rs"].map(PathBuf::from));
    let examples = examples();
    let mut count = 0;
    for document in documents {
        let text = read(&document);
        for part in text.split("--example ").skip(1) {
            let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(examples.contains(&name), "{}: --example {name}", document.display());
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn the_links_of_the_documents_lead_to_files() {
    let root = home().join("../..");
    let mut documents: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "ARCHITECTURE.md"]
            .map(|name| root.join(name))
            .into_iter()
            .chain(
                ["contract", "rationale", "testing", "benchmarks"]
                    .map(|name| root.join(format!("docs/{name}.md"))),
            )
            .collect();
    documents.push(home().join("examples/README.md"));
    let mut count = 0;
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for part in text.split("](").skip(1) {
            let Some((target, _)) = part.split_once(')') else { continue };
            let path = target.split('#').next().unwrap();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let file = document.parent().unwrap().join(path);
            assert!(file.exists(), "{} links to {target}", document.display());
            count += 1;
        }
    }
    assert!(count > 40, "{count} links");
}

/// The README is no doctest, because a published crate cannot include it from its own folder.
/// The front page is one.
#[test]
fn the_program_of_the_readme_is_that_of_the_front_page() {
    let readme = blocks(&read("../../README.md"));
    let front_page: String = read("src/lib.rs")
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    assert_eq!(readme, blocks(&front_page));
    assert_eq!(readme.len(), 1);
}
