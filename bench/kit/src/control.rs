//! How a subject talks with the one who measures it.
//!
//! A mark is one write that begins with `mark`: strace shows it, so that the
//! system calls between two marks can be counted.

use std::io::{self, Write};
use std::process;
use std::thread;
use std::time::{Duration, Instant};

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
    /// What was used in the stretches that have ended.
    used: Use,
    /// The account when the current stretch began, and when that was; none in a pause.
    begin: Option<(Instant, Use)>,
}

/// What a process has used.
#[derive(Clone, Copy, Debug, Default)]
struct Use {
    allocations: u64,
    cpu: Duration,
    wall: Duration,
}

impl Meter {
    /// Marks the beginning.
    pub fn start() -> io::Result<Self> {
        let mut meter = Self::paused()?;
        meter.resume();
        Ok(meter)
    }

    /// Marks the beginning of a loop that says itself what counts.
    pub fn paused() -> io::Result<Self> {
        mark(allocations::count())?;
        Ok(Self::discarded())
    }

    /// A meter for rounds that come before the first mark: nobody reads it.
    pub(crate) fn discarded() -> Self {
        Self { used: Use::default(), begin: None }
    }

    /// What follows counts.
    pub fn resume(&mut self) {
        let now = Instant::now();
        self.begin = Some((now, Use { allocations: allocations::count(), cpu: cpu(), ..Use::default() }));
    }

    /// What follows does not count.
    pub fn pause(&mut self) {
        let Some((start, begin)) = self.begin.take() else { return };
        self.used.cpu += cpu() - begin.cpu;
        self.used.allocations += allocations::count() - begin.allocations;
        self.used.wall += start.elapsed();
    }

    /// Marks the end after `requests` turns and prints the result.
    pub fn stop(mut self, requests: u64) -> io::Result<()> {
        self.pause();
        mark(allocations::count())?;
        let (cpu, wall, allocations) =
            (self.used.cpu.as_nanos(), self.used.wall.as_nanos(), self.used.allocations);
        let live = allocations::live_bytes();
        say(format_args!(
            "{{\"requests\":{requests},\"cpu_ns\":{cpu},\"wall_ns\":{wall},\
             \"allocations\":{allocations},\"live_bytes\":{live}}}\n"
        ))
    }
}

/// The run time of all threads of this process.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("a process has run for some time, or none")
}
