//! `foo.rs` stands beside `foo/`, and `lib.rs` is a table of contents.

use super::Finding;
use crate::sources::Tree;

/// The most lines of a `lib.rs`.
const LIB_LINES_MAX: usize = 150;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let lines = file.text.lines().count();
        if file.path.ends_with("/mod.rs") {
            findings.push(Finding::error(&file.path, 0, "put `foo.rs` beside `foo/`"));
        }
        if file.path.ends_with("/lib.rs") && lines > LIB_LINES_MAX {
            let text = format!("{lines} lines: a table of contents has at most {LIB_LINES_MAX}");
            findings.push(Finding::error(&file.path, 0, text));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{LIB_LINES_MAX, check};
    use crate::sources::fixture::tree;

    #[test]
    fn a_mod_rs_is_found() {
        assert_eq!(check(&tree(&[("crates/a/src/net/mod.rs", "")])).len(), 1);
        assert!(check(&tree(&[("crates/a/src/net.rs", "")])).is_empty());
    }

    #[test]
    fn a_long_lib_rs_is_found() {
        let lines = "//\n".repeat(LIB_LINES_MAX);
        assert!(check(&tree(&[("crates/a/src/lib.rs", &lines)])).is_empty());
        let lines = lines + "//\n";
        assert_eq!(check(&tree(&[("crates/a/src/lib.rs", &lines)])).len(), 1);
    }
}
