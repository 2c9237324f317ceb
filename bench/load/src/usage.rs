//! What the server used, as the kernel accounts it.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crate::latency::Latencies;
use crate::limit::PATIENCE;
use crate::server::Server;

/// How long the server gets to fall asleep: the account of a thread is exact when
/// it does not run.
const SETTLE: Duration = Duration::from_millis(10);

/// The accounts of a server at the beginning of a phase.
#[derive(Debug)]
pub(crate) struct Account {
    allocations: u64,
    cpu: u64,
}

/// What is printed.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Verified messages, or connections in churn.
    pub(crate) requests: u64,
    /// The scheduler's run time of all threads of the server.
    pub(crate) cpu: u64,
    /// How often the server asked for memory.
    pub(crate) allocations: u64,
    /// How many connections there were, which can be fewer than asked for.
    pub(crate) connections: usize,
    /// Private memory of the server for all connections together, if it was looked at.
    pub(crate) memory: Option<i64>,
    /// Median and 99th percentile of the latency, if it was looked at.
    pub(crate) latency: Option<(u64, u64)>,
}

impl Account {
    /// Opens the account; the mark stands before everything that is counted.
    pub(crate) fn open(server: &Server) -> io::Result<Self> {
        let allocations = server.mark()?;
        thread::sleep(SETTLE);
        Ok(Self { allocations, cpu: cpu(server.pid())? })
    }

    /// Closes it after `requests` requests.
    pub(crate) fn close(self, server: &Server, requests: u64, latencies: Latencies) -> io::Result<Figures> {
        thread::sleep(SETTLE);
        let cpu = cpu(server.pid())? - self.cpu;
        let allocations = server.mark()? - self.allocations;
        if requests == 0 {
            return Err(io::Error::other("not one request was made"));
        }
        let latency = latencies.percentiles();
        Ok(Figures { requests, cpu, allocations, latency, ..Figures::default() })
    }
}

/// Waits until a process has done nothing for a while.
pub(crate) fn settle(pid: u32) -> io::Result<()> {
    let end = Instant::now() + PATIENCE;
    let mut last = cpu(pid)?;
    while Instant::now() < end {
        thread::sleep(3 * SETTLE);
        let now = cpu(pid)?;
        if now == last {
            return Ok(());
        }
        last = now;
    }
    Err(io::Error::other("the server does not come to rest"))
}

/// The private memory of a process, after it has settled.
pub(crate) fn memory(pid: u32) -> io::Result<i64> {
    thread::sleep(SETTLE);
    let path = format!("/proc/{pid}/smaps_rollup");
    let text = fs::read_to_string(&path)?;
    let kib = |line: &str| line.split_whitespace().nth(1)?.parse::<i64>().ok();
    Ok(text.lines().filter(|line| line.starts_with("Private_")).filter_map(kib).sum::<i64>() * 1024)
}

/// The run time of all threads, in ns.
fn cpu(pid: u32) -> io::Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        let time = text.split_whitespace().next().and_then(|time| time.parse::<u64>().ok());
        sum += time.ok_or_else(|| io::Error::other("schedstat without a run time"))?;
    }
    Ok(sum)
}

impl Display for Figures {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { requests, cpu, allocations, connections, .. } = self;
        write!(f, "{{\"requests\":{requests},\"cpu_ns\":{cpu},\"allocations\":{allocations}")?;
        write!(f, ",\"connections\":{connections}")?;
        if let Some(memory) = self.memory {
            write!(f, ",\"memory_bytes\":{memory}")?;
        }
        if let Some((p50, p99)) = self.latency {
            write!(f, ",\"p50_ns\":{p50},\"p99_ns\":{p99}")?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use std::process;

    use super::{Figures, cpu, memory};

    #[test]
    fn the_accounts_of_this_process_can_be_read() {
        assert!(cpu(process::id()).expect("schedstat") > 0);
        assert!(memory(process::id()).expect("smaps_rollup") > 0);
    }

    #[test]
    fn only_what_was_looked_at_is_printed() {
        let figures = Figures { requests: 3, cpu: 40, connections: 2, ..Figures::default() };
        let text = r#"{"requests":3,"cpu_ns":40,"allocations":0,"connections":2}"#;
        assert_eq!(figures.to_string(), text);
        let figures = Figures { latency: Some((5, 9)), memory: Some(-4096), ..figures };
        assert!(figures.to_string().ends_with(r#","memory_bytes":-4096,"p50_ns":5,"p99_ns":9}"#));
    }
}
