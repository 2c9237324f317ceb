//! What differs between systems stands below `sys`, `os`, `unix`, `windows` or `driver`: in a file
//! with such a folder or name. Above them a `cfg` may only choose a module, or what comes of it.

use std::collections::BTreeMap;

use crate::code::{self, Word};
use crate::sources::{File, Tree};
use crate::tidy::Finding;
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
pub(super) fn names(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path.starts_with(PORTABLE) && !is_below(file)) {
        let words = code::words(&file.text).unwrap_or_default();
        let paths = named(&words, &module_of(file).unwrap_or_default()).into_iter();
        let mut lines: Vec<_> = paths
            .filter(|(path, _)| path.starts_with(&["std".into(), "os".into()]))
            .map(|(_, line)| line)
            .collect();
        let calls = words.iter().filter(|word| ["rustix", "libc"].contains(&word.text.as_str()));
        lines.extend(calls.map(|word| word.line));
        lines.sort_unstable();
        lines.dedup();
        let text = "`std::os`, `rustix` and `libc` are named below `sys`, `os`, `unix` and `windows` only";
        findings.extend(lines.into_iter().map(|line| Finding::new(&file.path, line, text)));
    }
    findings
}

/// Each `cfg` of a system stands where it may.
pub(super) fn places(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.in_src().is_some() && !is_below(file)) {
        for cfg in cfgs(file).into_iter().filter(|cfg| !cfg.is_on_crate) {
            if !cfg.systems.is_empty() {
                let text = "`target_os` stands below `sys`, `os`, `unix` and `windows` only: ask `sys` for what differs";
                findings.push(Finding::new(&file.path, cfg.line, text));
            } else if cfg.is_of_system && !cfg.is_on_module {
                let text = "a `cfg` of the system stands on a `mod` or a `use`: ask `sys` for what differs";
                findings.push(Finding::new(&file.path, cfg.line, text));
            }
        }
    }
    findings
}

/// Each list of systems stands once. Two systems may be named again in the same file, as beside
/// the module that all others have in its place.
pub(super) fn lists(tree: &Tree) -> Vec<Finding> {
    // By crate and list, the file and the line where it stood first.
    let mut first: BTreeMap<(&str, Vec<String>), (&str, usize)> = BTreeMap::new();
    let mut findings = Vec::new();
    for file in tree.rust() {
        let Some((folder, _)) = file.in_src() else { continue };
        for cfg in cfgs(file).into_iter().filter(|cfg| cfg.systems.len() > 1) {
            let list = cfg.systems.join(", ");
            let is_long = cfg.systems.len() >= LONG;
            let Some((path, line)) = first.get(&(folder, cfg.systems.clone())) else {
                first.insert((folder, cfg.systems), (&file.path, cfg.line));
                continue;
            };
            if *path != file.path || is_long {
                let text = format!("this list of systems stands at {path}:{line} too: {list}");
                findings.push(Finding::new(&file.path, cfg.line, text));
            }
        }
    }
    findings
}

fn is_below(file: &File) -> bool {
    module_of(file).is_some_and(|path| path.iter().any(|name| BELOW.contains(&name.as_str())))
}

/// A `cfg(…)` in an attribute or a macro.
#[derive(Debug)]
struct Cfg {
    line: usize,
    /// The systems that it names by `target_os`, in order, each once.
    systems: Vec<String>,
    /// Whether it asks about the system at all.
    is_of_system: bool,
    /// Whether it stands on a `mod` or a `use`.
    is_on_module: bool,
    /// Whether it stands on the whole file: a crate may be one of a single system.
    is_on_crate: bool,
}

fn cfgs(file: &File) -> Vec<Cfg> {
    let words = code::words(&file.text).unwrap_or_default();
    let mut found = Vec::new();
    // The end of the last attribute of a `mod` or a `use`.
    let mut module_until = 0;
    for at in 0..words.len() {
        if code::is(&words, at, &["#", "["]) && is_module(&words, code::close(&words, at + 1) + 1) {
            module_until = code::close(&words, at + 1);
        }
        let open = if code::is(&words, at + 1, &["!"]) { at + 2 } else { at + 1 };
        let is_cfg = ["cfg", "cfg_attr", "cfg_if", "cfg_select"].contains(&words[at].text.as_str());
        if is_cfg && words.get(open).is_some_and(|word| ["(", "{"].contains(&word.text.as_str())) {
            let inside = &words[open..code::close(&words, open)];
            let is_system = |at: &usize| code::is(inside, *at, &["target_os", "="]);
            let mut systems: Vec<_> = (0..inside.len())
                .filter(is_system)
                .filter_map(|at| Some(inside.get(at + 2)?.text.clone()))
                .collect();
            systems.sort();
            systems.dedup();
            let is_of_system = inside.iter().any(|word| WORDS.contains(&word.text.as_str()));
            let is_on_module = at < module_until;
            let is_on_crate = at >= 3 && code::is(&words, at - 3, &["#", "!", "["]);
            found.push(Cfg { line: words[at].line, systems, is_of_system, is_on_module, is_on_crate });
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

#[cfg(test)]
mod tests {
    use super::{lists, names, places};
    use crate::sources::fixture::tree;

    const LIST: &str = "#[cfg(any(target_os = \"linux\", target_os = \"android\"))] mod epoll;";

    fn count(path: &str, text: &str) -> usize {
        places(&tree(&[(path, text)])).len()
    }

    #[test]
    fn descriptors_and_system_calls_stay_below() {
        let lines = |name: &str, text: &str| {
            names(&tree(&[(&format!("crates/ferrio-poll/src/{name}.rs"), text)])).len()
        };
        assert_eq!(
            lines("poll", "use std::{io, os::fd::AsFd};\nfn f(x: libc::c_int) {}\nuse rustix::io;"),
            3
        );
        assert_eq!(lines("poll", "use std::{io, fmt}; // libc\nmod os;"), 0);
        for name in ["sys", "sys/linux/epoll", "os/linux", "net/unix", "unix/pipe", "windows/named_pipe"] {
            assert_eq!(lines(name, "use std::os::fd::AsFd; use rustix::io;"), 0, "{name}");
        }
        assert!(names(&tree(&[("bench/kit/src/slab.rs", "use rustix::io;")])).is_empty());
    }

    #[test]
    fn a_system_stands_below() {
        for on in ["#[cfg(target_os = \"linux\")] mod x;", "fn f() { if cfg!(target_os = \"linux\") {} }"] {
            assert_eq!(count("crates/a/src/poll.rs", on), 1);
            assert_eq!(count("crates/a/src/sys.rs", on) + count("crates/a/src/sys/x.rs", on), 0);
            assert_eq!(count("crates/a/tests/it.rs", on), 0);
        }
        assert_eq!(count("crates/a/src/poll.rs", "// #[cfg(target_os = \"linux\")]"), 0);
    }

    #[test]
    fn above_a_cfg_of_the_system_chooses_a_module() {
        for word in ["unix", "not(windows)", "target_family = \"unix\"", "target_vendor = \"apple\""] {
            let on_use = format!("#[cfg({word})]\n#[doc(alias = \"x\")]\npub(crate) use x::Y;\nfn f() {{}}");
            let on_fn = format!("mod m; #[cfg({word})] fn f() {{}} use n;");
            assert_eq!(count("crates/a/src/lib.rs", &on_use), 0, "{word}");
            assert_eq!(count("crates/a/src/poll.rs", &on_fn), 1, "{word}");
            assert_eq!(count("crates/a/src/unix/pipe.rs", &on_fn), 0, "{word}");
        }
        assert_eq!(count("crates/a/src/poll.rs", "#[cfg(test)] fn f() {}"), 0);
    }

    #[test]
    fn a_list_stands_in_one_file() {
        let other = "#[cfg(any(target_os = \"android\", target_os = \"linux\"))]\nmod eventfd;";
        let files = [("crates/a/src/sys.rs", LIST), ("crates/a/src/sys/waker.rs", other)];
        assert_eq!(lists(&tree(&files)).len(), 1);
        assert!(lists(&tree(&[("crates/a/src/sys.rs", &format!("{LIST}\n{other}"))])).is_empty());
    }

    #[test]
    fn a_long_list_stands_once() {
        let long = "any(target_os = \"haiku\", target_os = \"hurd\", target_os = \"redox\")";
        let once = format!("#[cfg_attr({long}, path = \"posix.rs\")] mod system;\n{LIST}");
        let count = |text: &str| lists(&tree(&[("crates/a/src/sys.rs", text)])).len();
        assert_eq!(count(&once), 0);
        assert_eq!(count(&format!("{once}\n#[cfg(not({long}))] mod signal;")), 1);
    }
}
