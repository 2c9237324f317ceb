//! Starts examples as child processes, and talks to them.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{run_limited, text_on};

/// How long anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long silence is watched before a test believes it.
const SILENCE: Duration = Duration::from_millis(60);

/// A running example; it ends with the test.
pub(crate) struct Example {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Example {
    pub(crate) fn start(name: &str, args: &[&str]) -> Self {
        Self::spawn(Command::new(program(name)).args(args))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the example starts");
        let stdout = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, stdout }
    }

    /// The next `listening on …` line's end.
    pub(crate) fn place(&mut self) -> String {
        loop {
            let line = self.line();
            if let Some(place) = line.strip_prefix("listening on ") {
                return place.trim_end().to_owned();
            }
        }
    }

    pub(crate) fn addr(&mut self) -> SocketAddr {
        self.place().parse().expect("an address")
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        let count = self.stdout.read_line(&mut line).expect("its output");
        assert!(count > 0, "the example ended too early");
        line
    }

    /// The next line that has `part` in it.
    pub(crate) fn line_with(&mut self, part: &str) -> String {
        loop {
            let line = self.line();
            if line.contains(part) {
                return line;
            }
        }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // Fails if it has ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs an example to its end.
pub(crate) fn run(name: &str, args: &[&str]) -> Output {
    Command::new(program(name)).args(args).output().expect("the example runs")
}

/// Runs an example with arguments that it refuses: its message has each of `expected`.
pub(crate) fn assert_refused(name: &str, args: &[&str], expected: &[&str]) {
    let output = run(name, args);
    assert!(!output.status.success(), "{args:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    for part in expected {
        assert!(text.contains(part), "{args:?}: {text:?} lacks {part:?}");
    }
}

/// Runs an example that succeeds, and returns what it printed.
pub(crate) fn text_of(name: &str) -> String {
    text(Command::new(program(name)))
}

fn text(mut command: Command) -> String {
    let output = command.output().expect("the example runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    String::from_utf8(output.stdout).expect("text")
}

/// A stream that a test may read with a time limit.
pub(crate) trait Peer: Read + Write {
    fn limit_reads(&self, limit: Duration);
}

impl Peer for TcpStream {
    fn limit_reads(&self, limit: Duration) {
        self.set_read_timeout(Some(limit)).expect("a time limit");
    }
}

/// Connects `count` clients that the server has accepted for certain: each but
/// the first sends an empty line, and all before it hear of it.
pub(crate) fn join(addr: SocketAddr, count: usize) -> Vec<TcpStream> {
    let mut peers: Vec<TcpStream> = Vec::new();
    for _ in 0..count {
        let mut peer = TcpStream::connect(addr).expect("a connection");
        if !peers.is_empty() {
            peer.write_all(b"\n").expect("a line out");
        }
        for other in &mut peers {
            expect(other, b"\n");
        }
        peers.push(peer);
    }
    peers
}

/// Reads exactly `bytes`.
pub(crate) fn expect(peer: &mut impl Peer, bytes: &[u8]) {
    peer.limit_reads(PATIENCE);
    let mut got = vec![0; bytes.len()];
    peer.read_exact(&mut got).expect("bytes in time");
    // The begin tells enough, and some of these are megabytes.
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
    assert!(got == bytes, "{:?} is not {:?}", text(&got), text(bytes));
}

pub(crate) fn expect_silence(peer: &mut impl Peer) {
    peer.limit_reads(SILENCE);
    loop {
        match peer.read(&mut [0; 64]) {
            // A read with a time limit ends with a signal, whatever its handler says.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => return,
            other => panic!("expected silence, not {other:?}"),
        }
    }
}

/// Reads to the end, which a reset is too.
pub(crate) fn expect_closed(peer: &mut impl Peer) -> Vec<u8> {
    peer.limit_reads(PATIENCE);
    let mut rest = Vec::new();
    match peer.read_to_end(&mut rest) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("not closed: {error}"),
        _ => rest,
    }
}

/// Tries until it succeeds; returns how long that took.
pub(crate) fn eventually(mut attempt: impl FnMut() -> io::Result<()>) -> Duration {
    let start = Instant::now();
    while let Err(error) = attempt() {
        assert!(start.elapsed() < PATIENCE, "still: {error}");
        thread::sleep(Duration::from_millis(10));
    }
    start.elapsed()
}

/// Examples are built beside the directory of this test program.
pub(crate) fn program(name: &str) -> PathBuf {
    let mut path = env::current_exe().expect("a path of its own");
    path.pop();
    path.pop();
    path.extend(["examples", &format!("{name}{}", env::consts::EXE_SUFFIX)]);
    assert!(path.exists(), "{} is missing: run `cargo build --examples` first", path.display());
    path
}

/// A path that no other test uses.
pub(crate) fn unique_path(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    env::temp_dir().join(format!("ferrio-{}-{number}-{name}", std::process::id()))
}
