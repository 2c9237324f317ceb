//! A file holds one noun, so it stays short; and what proves the product is smaller
//! than the product. Functions are clippy's.

use crate::sources::{File, Tree};
use crate::tidy::Findings;

/// The most lines of a `lib.rs`: it is a table of contents.
const LIB_LINES_MAX: usize = 150;
/// The most lines of a file of the product.
const PRODUCT_LINES_MAX: usize = 400;
/// The most lines of a file of tests, where cases repeat.
const TEST_LINES_MAX: usize = 700;
/// The most lines of any other source file.
const LINES_MAX: usize = 600;

/// What builds, tests and measures.
const TOOLS: &[&str] =
    &["xtask/", "bench/runner/", "bench/faults-runner/", "bench/soak-runner/", "compat/runner/"];

/// Each file is short.
pub(super) fn files(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust() {
        let lines = lines(file);
        let most = match &file.path {
            path if path.ends_with("/lib.rs") => LIB_LINES_MAX,
            path if path.contains("/tests/") => TEST_LINES_MAX,
            _ if is_product(file) => PRODUCT_LINES_MAX,
            _ => LINES_MAX,
        };
        if lines > most {
            findings.add(&file.path, format_args!("{lines} lines, at most {most}: split it by its nouns"));
        }
    }
}

/// The tools are smaller than what they are for.
pub(super) fn tools(tree: &Tree, findings: &mut Findings) {
    let product: usize = tree.rust().filter(|file| is_product(file)).map(lines).sum();
    let is_tool = |file: &&File| TOOLS.iter().any(|folder| file.path.starts_with(folder));
    let tools: usize = tree.rust().filter(is_tool).map(lines).sum();
    if product <= tools {
        let text = format!("{tools} lines of tools for {product} of the product: drop what others hold");
        findings.add("xtask", text);
    }
}

fn lines(file: &File) -> usize {
    file.text.lines().count()
}

fn is_product(file: &File) -> bool {
    file.path.starts_with("crates/") && file.in_src().is_some()
}
