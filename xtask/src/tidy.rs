//! `cargo xtask tidy`: the house rules that no lint checks.
//!
//! Each rule looks through the tree for what is wrong in it. The whole also runs as a test, so
//! that `cargo test` is the only gate. What a rule finds and what it lets pass is in
//! `tidy/cases.toml`.

mod contract_rows;
mod machine_paths;
mod modules;
mod paths;
mod platforms;
mod size;
mod unsafe_reason;

use std::fmt::Display;

use anyhow::{Result, ensure};
use xtask_shell::{Report, root};

use crate::sources::Tree;

/// What is not as the house wants it: where it stands, what is wrong and what to do.
#[derive(Debug, Default)]
struct Findings(Vec<String>);

impl Findings {
    /// Adds what is wrong with the whole of `path`.
    fn add(&mut self, path: impl Display, text: impl Display) {
        self.0.push(format!("{path}: {text}"));
    }

    /// Adds what is wrong in a line of `path`, counted from 1.
    fn add_line(&mut self, path: &str, line: usize, text: impl Display) {
        self.add(format_args!("{path}:{line}"), text);
    }
}

/// A rule: its name and what it finds.
type Rule = (&'static str, fn(&Tree, &mut Findings));

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
        let mut findings = Findings::default();
        rule(&tree, &mut findings);
        errors += findings.0.len();
        findings.0.iter().for_each(|finding| println!("{name}: {finding}"));
    }
    ensure!(errors == 0, "tidy: {errors} errors");
    Ok(Report::passed(format!("{} rules over {} files", RULES.len(), tree.files.len())))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde::Deserialize;

    use super::{Findings, RULES, run};
    use crate::sources::{File, Tree};

    /// A few files, and what a rule finds in them.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        rule: String,
        /// By path. A text that names a number of lines is that many comments.
        files: BTreeMap<String, Text>,
        /// A part of each finding, in order.
        finds: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    enum Text {
        Whole(String),
        Lines(usize),
    }

    #[test]
    fn the_tree_is_tidy() {
        if let Err(error) = run() {
            panic!("{error}; the findings stand above");
        }
    }

    #[test]
    fn each_rule_finds_what_its_cases_say_and_no_more() {
        let cases: BTreeMap<String, Vec<Case>> =
            toml::from_str(include_str!("tidy/cases.toml")).expect("the cases");
        let mut kinds: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
        for case in &cases["case"] {
            let (name, rule) = RULES.iter().find(|(name, _)| *name == case.rule).expect(&case.rule);
            let file = |(path, text): (&String, &Text)| match text {
                Text::Whole(text) => File::new(path, text),
                Text::Lines(count) => File::new(path, "//\n".repeat(*count)),
            };
            let mut findings = Findings::default();
            rule(&Tree { files: case.files.iter().map(file).collect() }, &mut findings);
            let is_as_said = findings.0.iter().zip(&case.finds).all(|(text, part)| text.contains(part));
            assert!(is_as_said && findings.0.len() == case.finds.len(), "{case:#?} finds {findings:#?}");
            kinds.entry(name).or_default().insert(case.finds.is_empty());
        }
        for (name, _) in RULES {
            assert_eq!(kinds[name].len(), 2, "{name} has a case that is well and one that is not");
        }
    }
}
