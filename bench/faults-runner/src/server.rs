//! A server that runs under strace(1), and what it says at its end.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use wait_timeout::ChildExt;

use crate::subject::Subject;
use crate::table::Fault;

/// How long a server may take to end after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that runs under strace. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: SocketAddr,
}

/// How a server ended.
#[derive(Debug)]
pub(crate) struct Ending {
    /// How it failed, if it did.
    pub(crate) failure: Option<String>,
    /// Its last line.
    pub(crate) ledger: Ledger,
}

impl Running {
    /// Starts `subject` with `fault` in `pattern`, and waits until it listens. What
    /// the fault hits is written to `trace`.
    pub(crate) fn start(subject: Subject, fault: &Fault, pattern: &str, trace: &Path) -> Result<Self> {
        // With -D the server is our own child, and the tracer is its.
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-yy", "-D", "-o"]).arg(trace).args(fault.options(pattern));
        command.arg(subject.program()).args(subject.arguments()).args(fault.arguments);
        command.envs(subject.environment());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("strace")?;
        let stdout = BufReader::new(child.stdout.take().context("its output")?);
        let address = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut server = Self { child, stdout, address };
        server.address = server.listening().with_context(|| format!("{subject} does not listen"))?;
        Ok(server)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    fn listening(&mut self) -> Result<SocketAddr> {
        let mut line = String::new();
        while self.stdout.read_line(&mut line)? > 0 {
            if let Some(address) = line.trim_end().strip_prefix("listening on ") {
                return Ok(address.parse()?);
            }
            line.clear();
        }
        bail!("it ended before that")
    }

    /// Ends it by SIGTERM, and waits for it and for the trace.
    pub(crate) fn stop(mut self) -> Ending {
        let failure = self.terminate().err().map(|error| format!("{error:#}"));
        let mut rest = String::new();
        // The tracer holds the pipe too: its end means that the trace is complete.
        let _ = self.stdout.read_to_string(&mut rest);
        Ending { failure, ledger: Ledger::last_of(&rest) }
    }

    fn terminate(&mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let Some(status) = self.child.wait_timeout(PATIENCE)? else {
            self.child.kill()?;
            self.child.wait()?;
            bail!("the server did not end");
        };
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails if it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server's own account: `final: name=value …`.
#[derive(Debug, Default)]
pub(crate) struct Ledger(BTreeMap<String, u64>);

impl Ledger {
    /// The ledger in the last lines that a server printed.
    pub(crate) fn last_of(text: &str) -> Self {
        let line = text.lines().rev().find_map(|line| line.strip_prefix("final: ")).unwrap_or_default();
        let pairs = line.split(' ').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Self(pairs.collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values of `names`; an error is the name of one that is not there.
    pub(crate) fn values<const N: usize>(&self, names: [&'static str; N]) -> Result<[u64; N], &'static str> {
        let mut values = [0; N];
        for (value, name) in values.iter_mut().zip(names) {
            *value = *self.0.get(name).ok_or(name)?;
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;

    #[test]
    fn the_last_ledger_counts() {
        let ledger = Ledger::last_of("listening on x\nfinal: due=1\nfinal: due=7 bytes=12\n");
        assert_eq!(ledger.values(["due", "bytes"]), Ok([7, 12]));
        assert_eq!(ledger.values(["due", "dropped"]), Err("dropped"));
        assert_eq!(Ledger::last_of("final: due=x\n").values(["due"]), Err("due"));
        assert!(Ledger::last_of("due=7\n").is_empty());
    }
}
