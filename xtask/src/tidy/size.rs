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
const TOOLS: &[&str] =
    &["xtask/", "bench/runner/", "bench/faults-runner/", "bench/soak-runner/", "compat/runner/"];

/// Each file is short.
pub(super) fn files(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let lines = lines(file);
        let most = match &file.path {
            path if path.ends_with("/lib.rs") => LIB_LINES_MAX,
            path if path.contains("/tests/") => TEST_LINES_MAX,
            _ if is_product(file) => PRODUCT_LINES_MAX,
            _ => LINES_MAX,
        };
        if lines > most {
            let text = format!("{lines} lines, at most {most}: split it by its nouns");
            findings.push(Finding::new(&file.path, 0, text));
        }
    }
    findings
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
    use super::{LIB_LINES_MAX, LINES_MAX, PRODUCT_LINES_MAX, TEST_LINES_MAX, files, tools};
    use crate::sources::fixture::tree;

    #[test]
    fn each_kind_of_file_has_its_limit() {
        let count = |path: &str, lines: usize| files(&tree(&[(path, &"//\n".repeat(lines))])).len();
        for (path, most) in [
            ("crates/a/src/lib.rs", LIB_LINES_MAX),
            ("crates/a/src/b.rs", PRODUCT_LINES_MAX),
            ("crates/a/tests/b.rs", TEST_LINES_MAX),
            ("bench/kit/src/b.rs", LINES_MAX),
        ] {
            assert_eq!((count(path, most), count(path, most + 1)), (0, 1), "{path}");
        }
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
