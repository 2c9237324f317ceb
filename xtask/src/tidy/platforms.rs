//! What differs between systems stands below `sys`, `os`, `unix`, `windows` or `driver`: in a file
//! with such a folder or name. Above them a `cfg` may only choose a module, or what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{self, Word};
use crate::sources::{File, Tree};
use crate::tidy::Findings;
use crate::tidy::paths::{module_of, named};

/// The names of files and folders that may know the system.
const BELOW: &[&str] = &["driver", "sys", "os", "unix", "windows"];
/// What a `cfg` asks about the system.
const WORDS: &[&str] = &["unix", "windows", "target_os", "target_family", "target_vendor"];
/// How many systems make a list that stands nowhere twice, not even in one file.
const LONG: usize = 3;
/// The crate whose upper part runs on every system.
const PORTABLE: &str = "crates/ferrio-poll/src/";

/// Descriptors and system calls are named only below.
pub(super) fn names(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust().filter(|file| file.path.starts_with(PORTABLE) && !is_below(file)) {
        let words = file.words().unwrap_or_default();
        let paths = named(words, &module_of(file).unwrap_or_default()).into_iter();
        let of_std = paths.filter(|(path, _)| path.starts_with(&["std".into(), "os".into()]));
        let calls = words.iter().filter(|word| ["rustix", "libc"].contains(&&*word.text));
        let lines = of_std.map(|(_, line)| line).chain(calls.map(|word| word.line));
        let text = "`std::os`, `rustix` and `libc` are named below `sys`, `os`, `unix` and `windows` only";
        for line in lines.collect::<BTreeSet<_>>() {
            findings.add_line(&file.path, line, text);
        }
    }
}

/// Each `cfg` of a system stands where it may.
pub(super) fn places(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust().filter(|file| file.in_src().is_some() && !is_below(file)) {
        for cfg in cfgs(file).into_iter().filter(|cfg| !cfg.is_on_crate) {
            let text = if !cfg.systems.is_empty() {
                "`target_os` stands below `sys`, `os`, `unix` and `windows` only: ask `sys` for what differs"
            } else if cfg.is_of_system && !cfg.is_on_module {
                "a `cfg` of the system stands on a `mod` or a `use`: ask `sys` for what differs"
            } else {
                continue;
            };
            findings.add_line(&file.path, cfg.line, text);
        }
    }
}

/// Each list of systems stands once. Two systems may be named again in the same file, as beside
/// the module that all others have in its place.
pub(super) fn lists(tree: &Tree, findings: &mut Findings) {
    // By crate and list, the file and the line where it stood first.
    let mut first: BTreeMap<_, (&str, usize)> = BTreeMap::new();
    for file in tree.rust() {
        let Some((folder, _)) = file.in_src() else { continue };
        for cfg in cfgs(file).into_iter().filter(|cfg| cfg.systems.len() > 1) {
            let list = Vec::from_iter(cfg.systems).join(", ");
            let Some((path, line)) = first.get(&(folder, list.clone())) else {
                first.insert((folder, list), (&file.path, cfg.line));
                continue;
            };
            if *path != file.path || list.split(", ").count() >= LONG {
                let text = format!("this list of systems stands at {path}:{line} too: {list}");
                findings.add_line(&file.path, cfg.line, text);
            }
        }
    }
}

fn is_below(file: &File) -> bool {
    module_of(file).is_some_and(|path| path.iter().any(|name| BELOW.contains(&name.as_str())))
}

/// A `cfg(…)` in an attribute or a macro.
#[derive(Debug)]
struct Cfg {
    line: usize,
    /// The systems that it names by `target_os`.
    systems: BTreeSet<String>,
    /// Whether it asks about the system at all.
    is_of_system: bool,
    /// Whether it stands on a `mod` or a `use`.
    is_on_module: bool,
    /// Whether it stands on the whole file: a crate may be one of a single system.
    is_on_crate: bool,
}

fn cfgs(file: &File) -> Vec<Cfg> {
    let words = file.words().unwrap_or_default();
    let mut found = Vec::new();
    // The end of the last attribute of a `mod` or a `use`.
    let mut module_until = 0;
    for at in 0..words.len() {
        if code::is(words, at, &["#", "["]) && is_module(words, code::close(words, at + 1) + 1) {
            module_until = code::close(words, at + 1);
        }
        let open = if code::is(words, at + 1, &["!"]) { at + 2 } else { at + 1 };
        let is_cfg = ["cfg", "cfg_attr", "cfg_if", "cfg_select"].contains(&&*words[at].text);
        if is_cfg && words.get(open).is_some_and(|word| ["(", "{"].contains(&&*word.text)) {
            let inside = &words[open..code::close(words, open)];
            let is_system = |at: &usize| code::is(inside, *at, &["target_os", "="]);
            let systems = (0..inside.len()).filter(is_system).filter_map(|at| inside.get(at + 2));
            found.push(Cfg {
                line: words[at].line,
                systems: systems.map(|word| word.text.clone()).collect(),
                is_of_system: inside.iter().any(|word| WORDS.contains(&&*word.text)),
                is_on_module: at < module_until,
                is_on_crate: at >= 3 && code::is(words, at - 3, &["#", "!", "["]),
            });
        }
    }
    found
}

/// True if the item at `at`, after other attributes, is a `mod` or a `use`.
fn is_module(words: &[Word], mut at: usize) -> bool {
    while code::is(words, at, &["#", "["]) {
        at = code::close(words, at + 1) + 1;
    }
    if code::is(words, at, &["pub"]) {
        at += 1;
        if code::is(words, at, &["("]) {
            at = code::close(words, at) + 1;
        }
    }
    code::is(words, at, &["mod"]) || code::is(words, at, &["use"])
}
