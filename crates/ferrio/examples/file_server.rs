//! Static files over HTTP/1.0: the bytes go from the file to the socket without this program.
//!
//! `cargo run --example file_server --features proactor -- FOLDER`, then
//! `curl -v http://127.0.0.1:7323/NAME`. A request is received, its file is asked for by `Statx`
//! and opened by `Open`, and its bytes are moved by `Splice` from the file into a pipe and from
//! the pipe into the socket. Only regular files below the folder are served: neither `..` nor a
//! symbolic link leads out of it. It accepts one connection at a time, and none while as many as
//! it may have are open.
//!
//! | file | what it holds |
//! |---|---|
//! | `file_server/connection.rs` | a connection, step by step |
//! | `file_server/request.rs` | what is asked for, and what of it is allowed |

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use ferrio::proactor::{Completions, Kind, Proactor, op};
use ferrio::{Events, Poll, Token};

#[path = "file_server/connection.rs"]
mod connection;
#[path = "completion/driver.rs"]
mod driver;
#[path = "file_server/request.rs"]
mod request;

use connection::{Connection, Step};
use driver::{Driver, wait};

/// Serves the files of a folder.
#[derive(Parser)]
struct Options {
    /// The folder.
    folder: PathBuf,
    /// Where it listens.
    #[arg(long, default_value = "127.0.0.1:7323")]
    listen: SocketAddr,
    /// What does the operations.
    #[arg(long, value_enum, default_value = "auto")]
    driver: Driver,
}

const LISTENER: Token = Token(0);
/// How many connections are open at once; each has four descriptors at most.
const CONNECTIONS_MAX: usize = 200;
/// How long a connection may take for one step: to send its request, or to take the next bytes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long the listener rests after an error.
const REST: Duration = Duration::from_millis(100);

struct Server {
    proactor: Proactor,
    /// An accept, or the rest after one, is under way.
    is_accepting: bool,
    connections: HashMap<Token, Connection>,
    next_token: usize,
    root: PathBuf,
}

pub(crate) fn main() -> ExitCode {
    match serve(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("file_server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &Options) -> io::Result<()> {
    let folder = &options.folder;
    let root = folder
        .canonicalize()
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", folder.display())))?;
    let mut proactor = options.driver.proactor(Poll::new()?)?;
    let listener = TcpListener::bind(options.listen)?;
    println!("listening on {}", listener.local_addr()?);
    let listener = proactor.attach(listener);
    let connections = HashMap::new();
    let mut server = Server { proactor, is_accepting: false, connections, next_token: 1, root };
    let mut events = Events::with_capacity(16);
    let mut completions = Completions::with_capacity(256);
    loop {
        if !server.is_accepting && server.connections.len() < CONNECTIONS_MAX {
            server.proactor.submit(LISTENER, op::Accept { handle: listener })?;
            server.is_accepting = true;
        }
        let timeout = server.time_left();
        wait(&mut server.proactor, &mut events, &mut completions, timeout)?;
        while let Some(completion) = completions.next() {
            server.take(completion.token, completion.kind)?;
        }
        server.expire();
    }
}

impl Server {
    fn take(&mut self, token: Token, kind: Kind<'_>) -> io::Result<()> {
        if token == LISTENER {
            return self.accepted(kind);
        }
        // What is left of a connection that was closed is dropped here.
        let Some(connection) = self.connections.get_mut(&token) else { return Ok(()) };
        match connection.go_on(&mut self.proactor, token, &self.root, kind) {
            Ok(Step::UnderWay) => connection.deadline = Instant::now() + PATIENCE,
            Ok(Step::Over) => self.close(token),
            Err(error) => {
                eprintln!("file_server: {error}");
                self.close(token);
            }
        }
        Ok(())
    }

    fn accepted(&mut self, kind: Kind<'_>) -> io::Result<()> {
        match kind {
            Kind::Accepted(stream) => {
                self.is_accepting = false;
                let token = Token(self.next_token);
                self.next_token += 1;
                let connection = Connection::begin(&mut self.proactor, token, stream)?;
                self.connections.insert(token, connection);
            }
            Kind::Ended(Err(error)) => {
                eprintln!("file_server: accept: {error}");
                self.proactor.submit(LISTENER, op::Timeout::at(Instant::now() + REST))?;
            }
            _ => self.is_accepting = false,
        }
        Ok(())
    }

    fn time_left(&self) -> Option<Duration> {
        let first = self.connections.values().map(|connection| connection.deadline).min()?;
        Some(first.saturating_duration_since(Instant::now()))
    }

    fn expire(&mut self) {
        let now = Instant::now();
        let late = self.connections.iter().filter(|(_, connection)| connection.deadline <= now);
        let late: Vec<Token> = late.map(|(token, _)| *token).collect();
        for token in late {
            self.close(token);
        }
    }

    fn close(&mut self, token: Token) {
        if let Some(connection) = self.connections.remove(&token) {
            connection.close(&mut self.proactor);
        }
    }
}
