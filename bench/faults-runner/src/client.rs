//! One client of the fleet: a thread that sends and one that reads and checks.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::line::{Checker, line};

/// How often a client says something while it waits for the others: also so that a
/// server which was lied to about its socket hears of it again.
const PULSE: Duration = Duration::from_millis(50);

/// How long a client's send may be stuck before it counts as broken.
const STUCK: Duration = Duration::from_secs(30);

/// What the fleet knows of a client while it runs. Each value is written by one
/// thread; the others wait for it to arrive.
#[derive(Debug)]
pub(crate) struct Progress {
    /// How many lines it has sent.
    pub(crate) sent: AtomicUsize,
    /// By sender: one more than the number of the last line that it has got.
    pub(crate) got: Vec<AtomicUsize>,
    /// All bytes that it has got.
    pub(crate) bytes: AtomicU64,
    /// Set once its connection has ended.
    pub(crate) gone: AtomicBool,
    /// What was wrong with what it got.
    pub(crate) complaint: Mutex<Option<String>>,
    /// How many lines it is to send at once; the fleet sets this.
    pub(crate) burst: AtomicUsize,
    /// Set once it is to send nothing more.
    quiet: AtomicBool,
}

/// A connected client.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) progress: Arc<Progress>,
    /// Its own end, by which the server knows it.
    pub(crate) address: SocketAddr,
    stream: TcpStream,
    reader: JoinHandle<()>,
    /// None once it is silent.
    writer: Option<JoinHandle<()>>,
}

impl Client {
    /// Connects client `number` of `count` and lets it talk.
    pub(crate) fn join(address: SocketAddr, number: usize, count: usize) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(STUCK))?;
        let address = stream.local_addr()?;
        let progress = Arc::new(Progress::new(count));
        let (from, to) = (stream.try_clone()?, stream.try_clone()?);
        let (reading, writing) = (Arc::clone(&progress), Arc::clone(&progress));
        let reader = thread::spawn(move || reading.read(from));
        let writer = Some(thread::spawn(move || writing.write(to, number)));
        Ok(Self { progress, address, stream, reader, writer })
    }

    /// Has it send nothing more; what it has sent is known then.
    pub(crate) fn hush(&mut self) {
        self.progress.quiet.store(true, Ordering::Relaxed);
        self.writer.take().into_iter().for_each(join);
    }

    /// Ends it, wherever it is.
    pub(crate) fn end(mut self) -> Arc<Progress> {
        // It may be gone.
        let _ = self.stream.shutdown(Shutdown::Both);
        self.hush();
        join(self.reader);
        self.progress
    }
}

fn join(thread: JoinHandle<()>) {
    thread.join().expect("a thread of a client");
}

impl Progress {
    fn new(count: usize) -> Self {
        Self {
            sent: AtomicUsize::new(0),
            got: (0..count).map(|_| AtomicUsize::new(0)).collect(),
            bytes: AtomicU64::new(0),
            gone: AtomicBool::new(false),
            complaint: Mutex::new(None),
            burst: AtomicUsize::new(0),
            quiet: AtomicBool::new(false),
        }
    }

    fn read(&self, mut stream: TcpStream) {
        let mut checker = Checker::new(self.got.len());
        let mut buf = vec![0; 64 * 1024];
        let mut partial = Vec::new();
        while let Ok(count) = stream.read(&mut buf) {
            if count == 0 {
                break;
            }
            self.bytes.fetch_add(count as u64, Ordering::Relaxed);
            for piece in buf[..count].split_inclusive(|byte| *byte == b'\n') {
                partial.extend_from_slice(piece);
                if !partial.ends_with(b"\n") {
                    continue;
                }
                match checker.check(&partial) {
                    Ok((sender, number)) => self.got[sender].store(number + 1, Ordering::Relaxed),
                    Err(complaint) => self.complain(complaint),
                }
                partial.clear();
            }
        }
        self.gone.store(true, Ordering::Relaxed);
    }

    fn write(&self, mut stream: TcpStream, client: usize) {
        let mut number = 0;
        while !self.quiet.load(Ordering::Relaxed) && !self.gone.load(Ordering::Relaxed) {
            let burst = self.burst.swap(0, Ordering::Relaxed).max(1);
            for _ in 0..burst {
                if stream.write_all(&line(client, number)).is_err() {
                    self.gone.store(true, Ordering::Relaxed);
                    return;
                }
                number += 1;
                self.sent.store(number, Ordering::Relaxed);
            }
            thread::sleep(PULSE);
        }
    }

    fn complain(&self, complaint: String) {
        // The first one tells most.
        self.complaint.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(complaint);
    }
}
