//! A seeded fault, and the data file that holds all of them.

use std::collections::HashSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use xtask_shell::root;

/// The data files of the crates, from the root of the repository.
const TABLES: &[&str] =
    &["crates/ferrio-poll/tests/seeded-faults.toml", "crates/ferrio-proactor/tests/seeded-faults.toml"];

/// A fault, where it is made and which tests must notice it. The file says what each
/// field means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    pub(super) name: String,
    pub(super) breaks: String,
    pub(super) file: String,
    from: String,
    to: String,
    pub(super) suite: Suite,
    pub(super) filters: Vec<String>,
}

/// How tests are built and run: first the contract suite, then what is inside the crate.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub(super) enum Suite {
    /// The contract suite on epoll.
    Epoll,
    /// The contract suite, or the operations, on kqueue, over a kernel that stands in.
    Kqueue,
    /// The contract suite on poll(2).
    Poll2,
    /// The operations of the completion layer, on both drivers.
    Operations,
    /// The tests inside the crate.
    Unit,
    /// The models of the wake protocol.
    Loom,
}

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    fault: Vec<Fault>,
}

/// Reads the data files.
pub(super) fn all() -> Result<Vec<Fault>> {
    let read = |table: &&str| {
        let text = fs::read_to_string(root().join(table)).with_context(|| (*table).to_owned())?;
        parse(&text).with_context(|| (*table).to_owned())
    };
    Ok(TABLES.iter().map(read).collect::<Result<Vec<_>>>()?.concat())
}

fn parse(text: &str) -> Result<Vec<Fault>> {
    let Table { fault: faults } = toml::from_str(text)?;
    ensure!(!faults.is_empty(), "holds no fault");
    let mut names = HashSet::new();
    for fault in &faults {
        let Fault { name, from, to, filters, .. } = fault;
        ensure!(names.insert(name), "the name `{name}` stands twice");
        ensure!(!filters.is_empty(), "`{name}` names no test in `filters`");
        ensure!(!from.is_empty() && from != to, "`{name}` changes nothing");
    }
    Ok(faults)
}

impl Fault {
    /// The crate that it is in, whose tests are to notice it.
    pub(super) fn package(&self) -> &str {
        self.file.split('/').nth(1).unwrap_or_default()
    }

    /// `text`, the source, with the fault in it.
    pub(super) fn seed(&self, text: &str) -> Result<String> {
        let Self { name, file, from, to, .. } = self;
        let count = text.matches(from).count();
        ensure!(
            count == 1,
            "`{name}`: its text stands {count} times in {file}; adapt its seeded-faults.toml:\n{from}"
        );
        Ok(text.replace(from, to))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Fault, all, parse};
    use xtask_shell::root;

    const ENTRY: &str = "[[fault]]\nname = 'no answer'\nbreaks = 'It is gone.'\nfile = 'a.rs'\nfrom = '42'\n\
                         to = '0'\nsuite = 'poll2'\nfilters = ['answer']\n";

    fn fault() -> Fault {
        parse(ENTRY).expect("an entry").remove(0)
    }

    #[test]
    fn the_text_must_stand_once() {
        assert_eq!(fault().seed("return 42;").expect("once"), "return 0;");
        let error = fault().seed("return 41;").expect_err("gone").to_string();
        assert!(error.contains("its text stands 0 times in a.rs"), "{error}");
        assert!(fault().seed("return 42 + 42;").is_err());
    }

    #[test]
    fn an_entry_that_could_not_be_caught_is_refused() {
        let bad = |from: &str, to: &str| format!("{:#}", parse(&ENTRY.replace(from, to)).expect_err(to));
        assert!(bad("['answer']", "[]").contains("names no test"));
        assert!(bad("to = '0'", "to = '42'").contains("changes nothing"));
        assert!(bad("'poll2'", "'select'").contains("select"));
        assert!(parse(&ENTRY.repeat(2)).expect_err("twice").to_string().contains("twice"));
        assert!(parse("fault = []").is_err());
    }

    #[test]
    fn every_fault_fits_the_sources_as_they_are() {
        let faults = all().expect("the table");
        assert!(faults.len() >= 15, "{} faults", faults.len());
        for fault in faults {
            let text = fs::read_to_string(root().join(&fault.file)).expect(&fault.name);
            fault.seed(&text).expect("once");
        }
    }
}
