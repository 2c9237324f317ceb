//! A file holds one noun, so it stays short; and what proves the product is smaller
//! than the product. Functions are clippy's.

use crate::sources::{File, Tree};
use crate::tidy::Finding;

/// The most lines of a `lib.rs`: it is a table of contents.
const LIB_LINES_MAX: usize = 150;
/// The most lines of a file of the product.
const PRODUCT_LINES_MAX: usize = 400;
/// The most lines of a file of tests, where cases repeat.
const TEST_LINES_MAX: usize = 700;
/// The most lines of any other source file.
const LINES_MAX: usize = 600;

/// What builds, tests and measures.
const TOOLS: &[&str] = &["xtask/", "bench/runner/", "bench/faults-runner/"];

/// Each file is short.
pub(super) fn files(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let lines = lines(file);
        let most = if file.path.contains("/tests/") {
            TEST_LINES_MAX
        } else if is_product(file) {
            PRODUCT_LINES_MAX
        } else {
            LINES_MAX
        };
        if lines > most {
            let text = format!("{lines} lines, at most {most}: split it by its nouns");
            findings.push(Finding::new(&file.path, 0, text));
        }
    }
    findings
}

/// A `lib.rs` holds no logic.
pub(super) fn libs(tree: &Tree) -> Vec<Finding> {
    let libs = tree.rust().filter(|file| file.path.ends_with("/lib.rs") && lines(file) > LIB_LINES_MAX);
    let text = |file| format!("{} lines: a table of contents has at most {LIB_LINES_MAX}", lines(file));
    libs.map(|file| Finding::new(&file.path, 0, text(file))).collect()
}

/// The tools are smaller than what they are for.
pub(super) fn tools(tree: &Tree) -> Vec<Finding> {
    let sum =
        |is_of: &dyn Fn(&File) -> bool| tree.rust().filter(|file| is_of(file)).map(lines).sum::<usize>();
    let product = sum(&is_product);
    let tools = sum(&|file| TOOLS.iter().any(|folder| file.path.starts_with(folder)));
    if product > tools {
        return Vec::new();
    }
    let text = format!("{tools} lines of tools for {product} of the product: drop what others hold");
    vec![Finding::new("xtask", 0, text)]
}

fn lines(file: &File) -> usize {
    file.text.lines().count()
}

fn is_product(file: &File) -> bool {
    file.path.starts_with("crates/") && file.in_src().is_some()
}

#[cfg(test)]
mod tests {
    use super::{LIB_LINES_MAX, LINES_MAX, PRODUCT_LINES_MAX, files, libs, tools};
    use crate::sources::fixture::tree;

    #[test]
    fn each_kind_of_file_has_its_limit() {
        let count = |path: &str, lines: usize| files(&tree(&[(path, &"//\n".repeat(lines))])).len();
        assert_eq!(count("crates/a/src/b.rs", PRODUCT_LINES_MAX), 0);
        assert_eq!(count("crates/a/src/b.rs", PRODUCT_LINES_MAX + 1), 1);
        assert_eq!(count("crates/a/tests/b.rs", LINES_MAX + 1), 0);
        assert_eq!(count("bench/kit/src/b.rs", LINES_MAX), 0);
        assert_eq!(count("bench/kit/src/b.rs", LINES_MAX + 1), 1);
    }

    #[test]
    fn a_long_lib_is_found() {
        let count = |lines: usize| libs(&tree(&[("crates/a/src/lib.rs", &"//\n".repeat(lines))])).len();
        assert_eq!((count(LIB_LINES_MAX), count(LIB_LINES_MAX + 1)), (0, 1));
    }

    #[test]
    fn the_product_is_larger_than_its_tools() {
        let count = |product: usize| {
            let product = "//\n".repeat(product);
            let files = [
                ("crates/a/src/b.rs", &product[..]),
                ("xtask/src/c.rs", "//\n"),
                ("bench/runner/d.rs", "//\n"),
            ];
            tools(&tree(&files)).len()
        };
        assert_eq!((count(2), count(3)), (1, 0));
    }
}
