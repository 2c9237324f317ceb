//! Clients that come all at once, in a process of their own, so that the limit of
//! descriptors of their server is not theirs. Each has a thread and no loop.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How often a client that is served asks again.
const PULSE: Duration = Duration::from_millis(250);
/// A client needs little.
const STACK: usize = 64 * 1024;

/// What the clients say at their end.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// How many were answered at least once.
    pub(crate) answered: u64,
    /// How many connections ended before the clients did.
    pub(crate) ended: u64,
    /// The longest time that one which had been answered before waited for an answer.
    pub(crate) slowest_us: u64,
}

/// The process of the clients. Closing its input ends it.
pub(crate) struct Crowd(Child);

impl Crowd {
    /// Has `count` clients connect to `address`.
    pub(crate) fn start(address: SocketAddr, count: usize) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["crowd", &address.to_string(), &count.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map(Self)
    }

    /// Ends the clients.
    pub(crate) fn end(self) -> io::Result<Report> {
        let output = self.0.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut numbers = text.split_whitespace().map(str::parse);
        let mut next = || numbers.next().and_then(Result::ok).ok_or_else(|| io::Error::other("no report"));
        Ok(Report { answered: next()?, ended: next()?, slowest_us: next()? })
    }
}

/// The process itself: connects `count` clients to `address`, and reports once its input ends.
pub(crate) fn run(address: SocketAddr, count: usize) -> io::Result<()> {
    let is_over = Arc::new(AtomicBool::new(false));
    let mut clients = Vec::new();
    for _ in 0..count {
        let (stream, is_over) = (TcpStream::connect(address)?, Arc::clone(&is_over));
        let handle = stream.try_clone()?;
        let thread = thread::Builder::new().stack_size(STACK).spawn(move || ask(stream, &is_over))?;
        clients.push((handle, thread));
    }
    io::stdin().read_to_end(&mut Vec::new())?;
    is_over.store(true, Ordering::SeqCst);
    let mut report = Report::default();
    for (stream, thread) in clients {
        // It may be gone.
        let _ = stream.shutdown(Shutdown::Both);
        thread.thread().unpark();
        let one = thread.join().expect("a client");
        report.answered += one.answered;
        report.ended += one.ended;
        report.slowest_us = report.slowest_us.max(one.slowest_us);
    }
    println!("{} {} {}", report.answered, report.ended, report.slowest_us);
    Ok(())
}

/// One client: asks again and again.
fn ask(mut stream: TcpStream, is_over: &AtomicBool) -> Report {
    let mut report = Report::default();
    loop {
        let begin = Instant::now();
        let result = stream.write_all(b"?").and_then(|()| stream.read_exact(&mut [0]));
        let is_over = is_over.load(Ordering::SeqCst);
        if result.is_ok() {
            // How long the first answer took says how long it stood in the queue.
            let was_answered = report.answered == 1 && !is_over;
            let time_us = if was_answered { begin.elapsed().as_micros() as u64 } else { 0 };
            report.slowest_us = report.slowest_us.max(time_us);
            report.answered = 1;
        } else {
            report.ended = u64::from(!is_over);
        }
        if is_over || result.is_err() {
            return report;
        }
        thread::park_timeout(PULSE);
    }
}
