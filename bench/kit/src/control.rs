//! How a subject talks with the one who measures it.
//!
//! A mark is one write that begins with `mark`: strace shows it, so that the
//! system calls between two marks can be counted.

use std::io::{self, Write};
use std::process;
use std::thread;
use std::time::Duration;

use rustix::io::{read, write};
use rustix::stdio::{stdin, stdout};
use rustix::time::{ClockId, clock_gettime};

use crate::allocations;

/// Says where the server listens, and answers marks from a thread of its own. The
/// program ends when the other side does.
pub fn start(address: &str) -> io::Result<()> {
    say(format_args!("ready {address}\n"))?;
    thread::Builder::new().name("control".into()).spawn(answer)?;
    Ok(())
}

/// Answers each line with a mark. It allocates nothing: it would be counted.
fn answer() {
    let mut line = [0; 64];
    loop {
        match read(stdin(), &mut line) {
            Ok(0) | Err(_) => process::exit(0),
            Ok(_) => {
                if mark(allocations::count()).is_err() {
                    process::exit(1);
                }
            }
        }
    }
}

fn mark(allocations: u64) -> io::Result<()> {
    say(format_args!("mark {allocations}\n"))
}

/// Prints by a single call, without a buffer on the heap.
fn say(text: std::fmt::Arguments<'_>) -> io::Result<()> {
    let mut buffer = [0; 256];
    let mut rest = &mut buffer[..];
    rest.write_fmt(text)?;
    let free = rest.len();
    let length = buffer.len() - free;
    write(stdout(), &buffer[..length])?;
    Ok(())
}

/// Measures a loop that needs no client.
#[derive(Debug)]
pub struct Meter {
    allocations: u64,
    cpu: Duration,
}

impl Meter {
    /// Marks the beginning.
    pub fn start() -> io::Result<Self> {
        mark(allocations::count())?;
        Ok(Self { allocations: allocations::count(), cpu: cpu() })
    }

    /// Marks the end after `requests` turns and prints the result.
    pub fn stop(self, requests: u64) -> io::Result<()> {
        let cpu = cpu() - self.cpu;
        let allocations = allocations::count() - self.allocations;
        mark(allocations::count())?;
        let cpu = cpu.as_nanos();
        say(format_args!("{{\"requests\":{requests},\"cpu_ns\":{cpu},\"allocations\":{allocations}}}\n"))
    }
}

/// The run time of all threads of this process.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
