//! The server under test, as a child process.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::options::Options;

/// How long strace gets to write all it knows.
const FAREWELL: Duration = Duration::from_secs(5);

/// A running server. It is killed when this value goes.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// What its control thread reads.
    stdin: Option<ChildStdin>,
    /// What its control thread says.
    stdout: RefCell<BufReader<ChildStdout>>,
    address: String,
    /// Whether the child is strace, with the server below it.
    is_traced: bool,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) fn start(options: &Options) -> io::Result<Self> {
        let mut command = match &options.strace {
            None => Command::new(&options.server),
            Some(file) => {
                let mut strace = Command::new("strace");
                strace.args(["-f", "-q", "-o"]).arg(file).arg("--").arg(&options.server);
                strace
            }
        };
        command.arg(options.job);
        command.arg("--cores").arg(format!("{0},{0}", options.server_core));
        if let Some(name) = &options.variant {
            command.arg("--variant").arg(name);
        }
        if let Some(path) = &options.unix {
            command.arg("--unix").arg(path);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        let stdout = RefCell::new(BufReader::new(child.stdout.take().expect("it is piped")));
        let is_traced = options.strace.is_some();
        let mut server = Self { child, stdin, stdout, address: String::new(), is_traced };
        server.address = server.line("ready ")?;
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Its process; strace's if that is used.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Makes it print a mark, and returns how often it has asked for memory.
    pub(crate) fn mark(&self) -> io::Result<u64> {
        self.stdin.as_ref().expect("open until it is dropped").write_all(b"mark\n")?;
        self.line("mark ")?.parse().map_err(io::Error::other)
    }

    /// The rest of a line that begins with `head`.
    fn line(&self, head: &str) -> io::Result<String> {
        let mut line = String::new();
        self.stdout.borrow_mut().read_line(&mut line)?;
        let rest = line.trim_end().strip_prefix(head).map(str::to_owned);
        rest.ok_or_else(|| io::Error::other(format!("the server said {line:?} instead of `{head}`")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Without input the server ends by itself; strace then writes all it knows.
        let is_traced = self.is_traced;
        self.stdin.take();
        let end = Instant::now() + FAREWELL;
        while is_traced && Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
