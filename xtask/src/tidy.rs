//! `cargo xtask tidy`: the house rules that no lint checks.
//!
//! Each check is a file below, a function from the tree to what is wrong in it.
//! The whole also runs as a test, so that `cargo test` is the only gate.

mod contract_rows;
mod crate_circles;
mod layout;
mod machine_paths;
mod module_circles;
mod os_cfg;
mod size;
mod unsafe_reason;

use std::fmt::{self, Display, Formatter};

use anyhow::{Result, bail};
use xtask_shell::{Report, root};

use crate::sources::Tree;

/// Something that is not as the house wants it.
#[derive(Debug)]
pub(crate) struct Finding {
    /// The file, from the root of the repository.
    path: String,
    /// The line, from 1; 0 for the whole file.
    line: usize,
    /// What is wrong and what to do.
    text: String,
    /// Only worth a look, not an error.
    is_warning: bool,
}

impl Finding {
    fn error(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into(), is_warning: false }
    }

    fn warning(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { is_warning: true, ..Self::error(path, line, text) }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = if self.is_warning { "warning" } else { "error" };
        write!(f, "{kind}: {}", self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", self.text)
    }
}

/// The checks.
const CHECKS: &[fn(&Tree) -> Vec<Finding>] = &[
    contract_rows::check,
    crate_circles::check,
    layout::check,
    machine_paths::check,
    module_circles::check,
    os_cfg::check,
    size::check,
    unsafe_reason::check,
];

/// Prints every finding; an error if one of them is more than a warning.
pub(crate) fn run(_arguments: &[String]) -> Result<Report> {
    let tree = Tree::load(&root())?;
    let findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&tree)).collect();
    for finding in &findings {
        println!("{finding}");
    }
    let warnings = findings.iter().filter(|finding| finding.is_warning).count();
    let errors = findings.len() - warnings;
    if errors > 0 {
        bail!("tidy: {errors} errors, {warnings} warnings");
    }
    let files = tree.files.len();
    Ok(Report::passed(format!("{} checks over {files} files, {warnings} warnings", CHECKS.len())))
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn the_tree_is_tidy() {
        if let Err(error) = run(&[]) {
            panic!("{error}; the findings stand above");
        }
    }
}
