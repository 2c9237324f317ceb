//! The tests that do not run here, with the reason.
//!
//! `skips` prints the list: `cargo test --test contract harness::skips -- --show-output`.

use std::env;
use std::fmt;

use crate::harness::system::{self, IS_LINUX, SKIPS};
use crate::harness::this_program;
use crate::subject;

/// A test that is left out on a system.
#[derive(Debug)]
pub(crate) struct Skip {
    /// Its full name, or that of its module.
    pub(crate) test: &'static str,
    /// Where it is left out.
    pub(crate) kind: Kind,
    /// What the system does instead.
    pub(crate) reason: &'static str,
}

/// Where a test is left out.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Under the emulator of another processor, which passes on only what it knows.
    #[cfg_attr(windows, expect(dead_code, reason = "it runs programs of Linux"))]
    Qemu,
    /// Under wine, which departs from Windows there.
    #[cfg_attr(unix, expect(dead_code, reason = "wine is no Unix"))]
    Wine,
    /// On every Windows.
    #[cfg_attr(unix, expect(dead_code, reason = "no Unix is Windows"))]
    Windows,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SKIPPED {} ({:?}): {}", self.test, self.kind, self.reason)
    }
}

/// Modules that are compiled on Unix only, and what they are about.
const UNIX_BY_NATURE: &[(&str, &str)] = &[
    ("beyond::accept_shortage", "a limit of descriptors"),
    ("beyond::boot_timer_descriptor", "the descriptor of a timer"),
    ("beyond::connector_silence", "Unix sockets, and queues of listeners that are full"),
    ("beyond::descriptor_parking", "the descriptor of a Poll"),
    ("beyond::descriptor_sources", "sources made of descriptors"),
    ("beyond::descriptors", "the descriptors of exits and timers"),
    ("beyond::embedding", "the descriptor of a Poll"),
    ("beyond::forks", "fork(2)"),
    ("beyond::job_changes", "children that are stopped and go on"),
    ("beyond::linux_extras", "flags and settings of epoll"),
    ("beyond::raw_descriptors", "raw descriptors and pipes"),
    ("beyond::unix_activation", "descriptors that a process starts with"),
    ("beyond::unix_processes", "statuses that are taken once, and shells"),
    ("beyond::unix_short_reads", "Unix sockets, terminals and options of Linux"),
    ("beyond::unix_socket_files", "files of Unix sockets"),
    ("beyond::unix_sticky", "pipes, FIFOs, terminals and options of Linux"),
    ("descriptors", "raw descriptors"),
    ("poll_descriptor", "the descriptor of a Poll"),
    ("signals", "signals that interrupt a call"),
    ("sigpipe", "SIGPIPE"),
    ("sizes", "a promise for Unix"),
    ("source_fd", "raw descriptors"),
    ("unix_datagram", "Unix sockets"),
    ("unix_flags", "pipes and Unix sockets"),
    ("unix_handles", "Unix sockets"),
    ("unix_listener", "Unix sockets"),
    ("unix_paths", "Unix sockets"),
    ("unix_pipe", "pipes"),
    ("unix_stream", "Unix sockets"),
];

/// Modules that are compiled on Linux and Android only, and what they are about. Another is
/// about the values of queued signals, with the feature for signals.
const LINUX_BY_NATURE: &[(&str, &str)] = &[
    ("linux::abstract_names", "abstract names of Unix sockets"),
    ("linux::capabilities", "capabilities(7), and what /proc tells of a timer"),
    ("linux::datagram_addresses", "abstract names of Unix sockets"),
    ("linux::descriptors", "eventfd(2), timerfd_create(2), pidfd_open(2) and what /proc tells"),
    ("linux::error_queue", "IP_RECVERR and MSG_ZEROCOPY, and files of /proc"),
    ("linux::short_reads", "options of sockets and pipes"),
    ("linux::socket_options", "options of sockets"),
    ("linux::splice", "splice(2) and sendfile(2)"),
    ("linux::traced_child", "ptrace(2) as Linux has it"),
    ("linux::udp_errors", "error queues"),
    ("linux::udp_facts", "GSO and GRO, and control messages"),
    ("linux::unix_descriptors", "descriptors that are passed, and options of Linux beside them"),
    ("linux::unix_peers", "SO_PEERCRED and SO_PEERPIDFD"),
    ("linux::unix_seqpacket", "records as Linux keeps them, and abstract names"),
    ("linux::zero_copy", "MSG_ZEROCOPY"),
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
    let output = this_program().args(["--list", "--format=terse"]).output().expect("a child process");
    String::from_utf8(output.stdout).expect("a list of tests")
}

#[test]
fn what_is_skipped_exists() {
    let tests = tests();
    // The real mio lacks what goes beyond it, and signals are a feature.
    let is_compiled = |skip: &&Skip| {
        let (module, _) = skip.test.rsplit_once("::").expect("the full name of a test");
        tests.lines().any(|test| test.starts_with(&format!("{module}::")))
    };
    for skip in SKIPS.iter().filter(is_compiled) {
        let line = format!("{}: test", skip.test);
        assert!(tests.lines().any(|test| test == line), "no such test: {skip}");
    }
    for skip in skips() {
        println!("{skip}");
    }
}

#[test]
fn what_is_unix_by_nature_is_compiled_there_alone() {
    assert_compiled_if(cfg!(unix), "UNIX", UNIX_BY_NATURE);
}

#[test]
fn what_is_linux_by_nature_is_compiled_there_alone() {
    assert_compiled_if(IS_LINUX, "LINUX", LINUX_BY_NATURE);
}

/// Prints `modules`, and fails unless they are compiled exactly if `is_meant`.
fn assert_compiled_if(is_meant: bool, system: &str, modules: &[(&str, &str)]) {
    let tests = tests();
    for (module, reason) in modules {
        println!("{system} {module}: {reason}");
        let prefix = format!("{module}::");
        let is_here = tests.lines().any(|test| test.starts_with(&prefix));
        // The real mio lacks what goes beyond it.
        assert!(is_here == is_meant || !subject::IS_FERRIO, "{module}");
    }
}
