//! What the tests of a Unix do with examples beside.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitStatus, Output};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{Example, Peer, program, text};

impl Example {
    /// Starts it with a descriptor limit, soft and hard.
    pub(crate) fn start_limited(descriptors: u32, name: &str, args: &[&str]) -> Self {
        Self::spawn(&mut limited(descriptors, name, args))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a signal to the child");
    }

    /// Waits for its end; returns how it ended and what it said last.
    fn wait(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("its output");
        (self.child.wait().expect("its status"), rest)
    }

    /// Waits for its end, which is a good one; returns what it said last.
    pub(crate) fn end(self) -> String {
        let (status, rest) = self.wait();
        assert!(status.success(), "{status}: {rest}");
        rest
    }

    /// Ends it by SIGTERM and returns its counters.
    pub(crate) fn finish(self) -> Counters {
        self.signal(Signal::TERM);
        self.counters()
    }

    /// Its counters, once a signal has ended it.
    pub(crate) fn counters(self) -> Counters {
        let rest = self.end();
        let last = rest.lines().find_map(|line| line.strip_prefix("final: "));
        Counters(last.expect("a final line").to_owned())
    }

    /// How many descriptors it has open.
    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("/proc").count()
    }

    /// How much memory it has, in KiB.
    pub(crate) fn resident_kib(&self) -> Option<u64> {
        let status = self.proc_file("status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok())
    }

    /// A file about the process below /proc.
    pub(crate) fn proc_file(&self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.child.id())).expect("/proc")
    }
}

/// The broadcast server's last line.
#[derive(Debug)]
pub(crate) struct Counters(String);

impl Counters {
    pub(crate) fn value(&self, name: &str) -> u64 {
        let value = self.0.split(' ').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {}", self.0))
    }

    /// Everything that was due is accounted for.
    pub(crate) fn assert_balanced(&self) {
        let ended = self.value("delivered") + self.value("dropped");
        assert_eq!(self.value("due"), ended, "{}", self.0);
    }
}

/// Runs it with a descriptor limit, soft and hard.
pub(crate) fn run_limited(descriptors: u32, name: &str, args: &[&str]) -> Output {
    limited(descriptors, name, args).output().expect("the example runs")
}

fn limited(descriptors: u32, name: &str, args: &[&str]) -> Command {
    let script = format!("ulimit -n {descriptors}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(program(name)).args(args);
    command
}

impl Peer for UnixStream {
    fn limit_reads(&self, limit: Duration) {
        self.set_read_timeout(Some(limit)).expect("a time limit");
    }
}

/// The same, for an example that lets the environment choose its backend.
pub(crate) fn text_on(backend: &str, name: &str) -> String {
    let mut command = Command::new(program(name));
    command.env("FERRIO_BACKEND", backend);
    text(command)
}
