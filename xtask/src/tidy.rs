//! `cargo xtask tidy`: the house rules that no lint checks.
//!
//! Each rule is a function from the tree to what is wrong in it. The whole also runs
//! as a test, so that `cargo test` is the only gate.

mod contract_rows;
mod machine_paths;
mod modules;
mod paths;
mod platforms;
mod size;
mod unsafe_reason;

use std::fmt::{self, Display, Formatter};

use anyhow::{Result, ensure};
use xtask_shell::{Report, root};

use crate::sources::Tree;

/// Something that is not as the house wants it.
#[derive(Debug)]
struct Finding {
    /// The file, from the root of the repository.
    path: String,
    /// The line, from 1; 0 for the whole file.
    line: usize,
    /// What is wrong and what to do.
    text: String,
}

impl Finding {
    fn new(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { path, line, text } = self;
        if *line > 0 { write!(f, "{path}:{line}: {text}") } else { write!(f, "{path}: {text}") }
    }
}

/// A rule: its name and what it finds.
type Rule = (&'static str, fn(&Tree) -> Vec<Finding>);

/// All rules.
const RULES: &[Rule] = &[
    ("contract-rows", contract_rows::check),
    ("file-size", size::files),
    ("machine-paths", machine_paths::check),
    ("module-circles", modules::circles),
    ("module-entries", modules::entries),
    ("module-floors", modules::floors),
    ("system-cfgs", platforms::places),
    ("system-lists", platforms::lists),
    ("system-names", platforms::names),
    ("tool-size", size::tools),
    ("unsafe-reason", unsafe_reason::check),
];

/// Prints every finding; an error if there is one.
pub(crate) fn run() -> Result<Report> {
    let tree = Tree::load(&root())?;
    let mut errors = 0;
    for (name, rule) in RULES {
        let findings = rule(&tree);
        errors += findings.len();
        findings.iter().for_each(|finding| println!("{name}: {finding}"));
    }
    ensure!(errors == 0, "tidy: {errors} errors");
    Ok(Report::passed(format!("{} rules over {} files", RULES.len(), tree.files.len())))
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn the_tree_is_tidy() {
        if let Err(error) = run() {
            panic!("{error}; the findings stand above");
        }
    }
}
