//! The tests that do not run here, with the reason.
//!
//! `skips` prints the list: `cargo test --test operations harness::skips -- --show-output`.

use std::env;
use std::fmt::{self, Display, Formatter};
use std::process::Command;

use crate::harness::system::{self, SKIPS};

/// A test that is left out on a system.
#[derive(Debug)]
pub(crate) struct Skip {
    /// Its full name.
    pub(crate) test: &'static str,
    /// Where it is left out.
    pub(crate) kind: Kind,
    /// What the system does instead.
    pub(crate) reason: &'static str,
}

/// Where a test is left out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Under wine, which departs from Windows there.
    #[cfg_attr(unix, expect(dead_code, reason = "wine is no Unix"))]
    Wine,
    /// On every Windows.
    #[cfg_attr(unix, expect(dead_code, reason = "no Unix is Windows"))]
    Windows,
}

impl Display for Skip {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "SKIPPED {} ({:?}): {}", self.test, self.kind, self.reason)
    }
}

/// Modules that are compiled on Unix only, and what they are about.
const UNIX_BY_NATURE: &[(&str, &str)] = &[
    ("ends::records", "Unix sockets that keep records"),
    ("files::open::fifos", "pipes with a path"),
    ("files::pipes", "pipes"),
    ("files::terminals", "terminals"),
    ("forks", "fork(2)"),
    ("gaps::unix", "messages that fail and leave their Unix socket as it is"),
    ("interrupts", "signals that interrupt a call"),
    ("overflow::unix", "Unix sockets"),
];

/// Modules that are compiled on Linux only, and what they are about.
const LINUX_BY_NATURE: &[(&str, &str)] = &[
    ("connect::names", "abstract names of Unix sockets"),
    ("files::uncached", "direct reads, and a cache that is told what to forget"),
    ("idle", "errors in the queue of a socket"),
    ("messages::control", "descriptors that are passed, and control data as Linux has it"),
    ("netlink", "sockets of the kernel"),
];

/// True, and says why, if the calling test is left out here. `test` is its full name.
/// `FERRIO_NO_SKIPS` has all of them run, to see which a newer system passes.
pub(crate) fn is_skipped(test: &str) -> bool {
    let Some(skip) = skips().find(|skip| skip.test == test) else { return false };
    println!("{skip}");
    env::var_os("FERRIO_NO_SKIPS").is_none()
}

/// Those that hold for this machine.
fn skips() -> impl Iterator<Item = &'static Skip> {
    SKIPS.iter().filter(|skip| system::is(skip.kind))
}

/// The full names of all tests of this program.
fn tests() -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--list", "--format=terse"])
        .output()
        .expect("a child process");
    String::from_utf8(output.stdout).expect("a list of tests")
}

#[test]
fn what_is_skipped_exists() {
    let tests = tests();
    for skip in SKIPS {
        let line = format!("{}: test", skip.test);
        assert!(tests.lines().any(|test| test == line), "no such test: {skip}");
    }
    for skip in skips() {
        println!("{skip}");
    }
}

#[test]
fn what_is_unix_or_linux_by_nature_is_compiled_there_alone() {
    let tests = tests();
    let on_unix = UNIX_BY_NATURE.iter().map(|module| ("UNIX", module, cfg!(unix)));
    let on_linux = LINUX_BY_NATURE.iter().map(|module| ("LINUX", module, cfg!(target_os = "linux")));
    for (system, (module, reason), is_meant) in on_unix.chain(on_linux) {
        println!("{system} {module}: {reason}");
        let prefix = format!("{module}::");
        assert_eq!(tests.lines().any(|test| test.starts_with(&prefix)), is_meant, "{module}");
    }
}
