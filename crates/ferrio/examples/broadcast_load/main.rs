//! A load for the `broadcast` example, which verifies every line it receives.
//!
//! ```text
//! cargo run --release --example broadcast
//! cargo run --release --example broadcast_load -- [--server ADDR] [--idle N]
//!     [--talkers N] [--lines N]
//! ```
//!
//! Each talker sends its lines, and every other client, idle or talker, must
//! receive them: whole, once, and in the talker's order. The ledger is
//! `expected = sent x (clients - 1) = received`; the exit code says whether it
//! holds. A client cannot see when the server has accepted it, so a *probe* line
//! goes round first, again and again until all clients have seen one.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, mem};

use ferrio::net::TcpStream;
use ferrio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};

#[cfg(unix)]
use crate::unix as system;
#[cfg(windows)]
use crate::windows as system;

/// Bytes in a line, its newline included.
const LINE: usize = 64;
/// Stands where a line has its talker.
const PROBE: usize = 999_999;
/// How long nothing may arrive before the run gives up.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a probe may take before the next one is sent.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// How long the server may take to accept all clients.
const ACCEPT_MAX: Duration = Duration::from_secs(30);
/// Connections under way at a time, less than a listener's usual backlog.
const CONNECTING_MAX: usize = 64;
/// Clients for each source address: it has fewer ports than 16 bits can tell.
const CLIENTS_PER_SOURCE: usize = 20_000;
/// Descriptors for everything that is no client.
const RESERVED: u64 = 16;

fn main() -> ExitCode {
    match Options::parse().and_then(|options| Load::run(options).map_err(|e| e.to_string())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("broadcast_load: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The command line.
struct Options {
    server: SocketAddr,
    idle: usize,
    talkers: usize,
    lines: usize,
}

impl Options {
    fn parse() -> Result<Self, String> {
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, 7300));
        let mut options = Self { server, idle: 10_000, talkers: 100, lines: 10 };
        let mut args = env::args().skip(1);
        while let Some(name) = args.next() {
            let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
            let wrong = || format!("{name} {value:?} is not usable: give an address or a number");
            let number = || value.parse::<usize>().map_err(|_| wrong());
            match &*name {
                "--server" => options.server = value.parse().map_err(|_| wrong())?,
                "--idle" => options.idle = number()?,
                "--talkers" => options.talkers = number()?,
                "--lines" => options.lines = number()?,
                _ => return Err(format!("unknown option {name:?}")),
            }
        }
        if options.talkers == 0 || options.talkers + options.idle < 2 {
            return Err("a broadcast takes a talker and another client".into());
        }
        if options.talkers >= PROBE || options.lines > 99_999_999 {
            return Err("a line has room for 6 digits of talkers and 8 of lines".into());
        }
        Ok(options)
    }

    /// Scales the idle clients down to what the descriptor limit allows.
    fn fit_descriptors(&mut self) -> io::Result<()> {
        let most = system::raise_descriptor_limit()?.unwrap_or(u64::MAX);
        let room = usize::try_from(most.saturating_sub(RESERVED)).unwrap_or(usize::MAX);
        if self.talkers + self.idle > room {
            let idle = room.checked_sub(self.talkers).ok_or_else(|| {
                io::Error::other(format!("{} talkers need a descriptor limit above {most}", self.talkers))
            })?;
            println!("scaled down: descriptor limit {most}, {idle} idle clients instead of {}", self.idle);
            self.idle = idle;
        }
        Ok(())
    }
}

/// A connection and what it has seen.
struct Client {
    stream: TcpStream,
    connected: bool,
    probed: bool,
    /// The next line expected of each talker.
    next: Vec<u32>,
    /// A line not yet complete.
    partial: Vec<u8>,
    /// What a talker could not write yet.
    unsent: VecDeque<u8>,
}

/// The whole run.
struct Load {
    options: Options,
    poll: Poll,
    /// The talkers come first.
    clients: Vec<Client>,
    scratch: Vec<u8>,
    connecting: usize,
    probed: usize,
    probes_sent: u64,
    probes_received: u64,
    received: u64,
    /// Lines that are damaged, twice there, out of order or one's own.
    wrong: u64,
    progress_at: Instant,
}

impl Load {
    /// Runs it all. Returns whether the ledger is exact.
    fn run(mut options: Options) -> io::Result<bool> {
        options.fit_descriptors()?;
        let (talkers, lines) = (options.talkers, options.lines);
        let mut load = Self {
            options,
            poll: Poll::new()?,
            clients: Vec::new(),
            scratch: vec![0; 256 * 1024],
            connecting: 0,
            probed: 0,
            probes_sent: 0,
            probes_received: 0,
            received: 0,
            wrong: 0,
            progress_at: Instant::now(),
        };
        let start = Instant::now();
        load.connect_all()?;
        load.probe_all()?;
        let ready = start.elapsed();
        let sent = (talkers * lines) as u64;
        let expected = sent * (load.clients.len() as u64 - 1);
        let start = Instant::now();
        load.talk()?;
        while load.received + load.wrong < expected && load.progress_at.elapsed() < PATIENCE {
            load.turn(Duration::from_millis(500))?;
        }
        let took = start.elapsed();
        let Self { clients, received, wrong, probes_sent, probes_received, .. } = &load;
        println!(
            "clients={} talkers={talkers} sent={sent} expected={expected} received={received} \
             wrong={wrong} probes_sent={probes_sent} probes_received={probes_received} \
             ready_ms={} took_ms={}",
            clients.len(),
            ready.as_millis(),
            took.as_millis(),
        );
        Ok(load.received == expected && load.wrong == 0)
    }

    /// Connects all clients, a few at a time.
    fn connect_all(&mut self) -> io::Result<()> {
        let clients = self.options.talkers + self.options.idle;
        self.progress_at = Instant::now();
        while self.clients.len() < clients || self.connecting > 0 {
            while self.clients.len() < clients && self.connecting < CONNECTING_MAX {
                self.connect()?;
            }
            if self.progress_at.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("{} connections do not come about", self.connecting)));
            }
            self.turn(Duration::from_millis(100))?;
        }
        Ok(())
    }

    /// Begins one connection; its first writable event tells how it went.
    fn connect(&mut self) -> io::Result<()> {
        let index = self.clients.len();
        let mut stream = connect_from(index / CLIENTS_PER_SOURCE, self.options.server)?;
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(index), both)?;
        self.clients.push(Client {
            stream,
            connected: false,
            probed: false,
            next: vec![0; self.options.talkers],
            partial: Vec::new(),
            unsent: VecDeque::new(),
        });
        self.connecting += 1;
        Ok(())
    }

    /// Lets probes go round until all clients have seen one. Those that have not seen one
    /// in time are not served, and leave.
    fn probe_all(&mut self) -> io::Result<()> {
        let start = Instant::now();
        // The probing talker is known to be served once others hear of it.
        self.clients[0].probed = true;
        self.probed = 1;
        while self.probed < self.clients.len() && start.elapsed() < ACCEPT_MAX {
            self.send(0, PROBE, 0)?;
            self.probes_sent += 1;
            let sent_at = Instant::now();
            while self.probed < self.clients.len() && sent_at.elapsed() < PROBE_EVERY {
                self.turn(Duration::from_millis(50))?;
            }
        }
        let talkers = self.options.talkers;
        if self.probed < self.clients.len() {
            println!("scaled down: the server serves {} of {} clients", self.probed, self.clients.len());
            if self.clients[..talkers].iter().any(|client| !client.probed) || self.probed < 2 {
                return Err(io::Error::other("not every talker is served"));
            }
            // From the end, so that the served ones keep their tokens.
            let served = self.clients.iter().take_while(|client| client.probed).count();
            self.clients.truncate(served);
        }
        Ok(())
    }

    /// Sends every talker's lines, one of each talker in turn.
    fn talk(&mut self) -> io::Result<()> {
        self.progress_at = Instant::now();
        for line in 0..self.options.lines {
            for talker in 0..self.options.talkers {
                self.send(talker, talker, line)?;
                // A talker that must wait does not make the others wait long.
                if self.clients[talker].unsent.len() > 64 * LINE {
                    self.turn(Duration::from_millis(10))?;
                }
            }
            self.turn(Duration::ZERO)?;
        }
        Ok(())
    }

    fn send(&mut self, client: usize, talker: usize, line: usize) -> io::Result<()> {
        let text = format!("{talker:06} {line:08} {:.<width$}\n", "", width = LINE - 17);
        self.clients[client].unsent.extend(text.as_bytes());
        self.clients[client].write()
    }

    /// One poll, and all that it brings.
    fn turn(&mut self, timeout: Duration) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        self.poll.wait(&mut events, Some(timeout))?;
        for event in &events {
            let Token(index) = event.token();
            let Some(client) = self.clients.get_mut(index) else { continue };
            if !client.connected && !self.finish_connecting(index)? {
                continue;
            }
            if event.is_readable() {
                self.read(index)?;
            }
            self.clients[index].write()?;
        }
        Ok(())
    }

    /// Returns whether the connection is made. If it failed, so does the run.
    fn finish_connecting(&mut self, index: usize) -> io::Result<bool> {
        let client = &mut self.clients[index];
        if let Some(error) = client.stream.take_error()? {
            return Err(io::Error::new(error.kind(), format!("client {index} cannot connect: {error}")));
        }
        client.connected = client.stream.peer_addr().is_ok();
        if client.connected {
            self.connecting -= 1;
            self.progress_at = Instant::now();
        }
        Ok(client.connected)
    }

    /// Reads until it would block, and verifies each line.
    fn read(&mut self, index: usize) -> io::Result<()> {
        loop {
            let count = match self.clients[index].stream.read(&mut self.scratch) {
                Ok(0) => return Err(io::Error::other(format!("the server closed client {index}"))),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.progress_at = Instant::now();
            let scratch = mem::take(&mut self.scratch);
            for piece in scratch[..count].split_inclusive(|byte| *byte == b'\n') {
                let mut line = mem::take(&mut self.clients[index].partial);
                line.extend_from_slice(piece);
                if line.ends_with(b"\n") {
                    self.verify(index, &line);
                } else {
                    self.clients[index].partial = line;
                }
            }
            self.scratch = scratch;
        }
    }

    fn verify(&mut self, index: usize, line: &[u8]) {
        let client = &mut self.clients[index];
        let number = |at: &[u8]| std::str::from_utf8(at).ok()?.parse::<usize>().ok();
        let whole = line.len() == LINE && line[15..LINE - 1].iter().all(|b| *b == b'.' || *b == b' ');
        let (talker, sequence) = match (whole, line.get(..6), line.get(7..15)) {
            (true, Some(talker), Some(sequence)) => (number(talker), number(sequence)),
            _ => (None, None),
        };
        match (talker, sequence) {
            (Some(PROBE), _) => {
                self.probes_received += 1;
                self.probed += usize::from(!mem::replace(&mut client.probed, true));
            }
            (Some(talker), Some(sequence))
                if talker != index && client.next.get(talker).is_some_and(|n| *n as usize == sequence) =>
            {
                client.next[talker] += 1;
                self.received += 1;
            }
            _ => {
                self.wrong += 1;
                if self.wrong <= 10 {
                    println!("client {index}: wrong line {:?}", String::from_utf8_lossy(line));
                }
            }
        }
    }
}

impl Client {
    /// Writes what the socket takes of what is left.
    fn write(&mut self) -> io::Result<()> {
        while self.connected && !self.unsent.is_empty() {
            match self.stream.write(self.unsent.as_slices().0) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Connects from 127.0.0.1 (`source` 0), 127.0.0.2 and so on: each has its own
/// ports. The kernel chooses the address where the server is elsewhere.
fn connect_from(source: usize, server: SocketAddr) -> io::Result<TcpStream> {
    if source == 0 || !matches!(server.ip(), IpAddr::V4(ip) if ip.is_loopback()) {
        return TcpStream::connect(server);
    }
    let host = u8::try_from(source + 1).map_err(|_| io::Error::other("too many clients"))?;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from(([127, 0, 0, host], 0)).into())?;
    match socket.connect(&server.into()) {
        Err(error) if !system::is_under_way(&error) => Err(error),
        _ => Ok(TcpStream::from_std(socket.into())),
    }
}
