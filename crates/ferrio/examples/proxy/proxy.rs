//! The loop: it waits, accepts, gives each pair its turn, and closes idle ones.

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ferrio::event::Event;
use ferrio::net::{AcceptError, TcpListener, TcpStream, accept_error};
use ferrio::time::Wheel;
use ferrio::{Events, Interest, Poll, ReadyList, Registry, Sources, Token};
use socket2::SockRef;

use crate::pair::{Pair, Side, Turn};

pub(crate) struct Proxy {
    poll: Poll,
    listener: TcpListener,
    /// The addresses of the server, in the order in which they are tried.
    targets: Vec<SocketAddr>,
    idle_max: Duration,
    pairs: Sources<Pair>,
    ready: ReadyList,
    deadlines: Wheel<Deadline>,
}

enum Deadline {
    /// Accepting may work again.
    Accept,
    /// This pair has been idle for too long.
    Idle(Token),
}

/// Small tokens are never those of a `Sources` table.
const LISTENER: Token = Token(0);
/// The tags of the two connections of a pair, which share the rest of their tokens.
const CLIENT: u8 = 0;
const SERVER: u8 = 1;

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
/// The most clients that are accepted in one turn of the loop.
const ACCEPT_BUDGET: usize = 64;
/// How long to wait when no client can be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl Proxy {
    pub(crate) fn new(listen: &str, targets: Vec<SocketAddr>, idle_max: Duration) -> io::Result<Proxy> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::bind_to(listen)?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        say(&format!("listening on {}", listener.local_addr()?));
        let (pairs, ready) = (Sources::new(), ReadyList::new());
        Ok(Proxy { poll, listener, targets, idle_max, pairs, ready, deadlines: Wheel::new(Instant::now()) })
    }

    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        let mut scratch = Vec::new();
        loop {
            self.poll.poll_until(&mut events, self.ready.deadline(self.deadlines.next_deadline()))?;
            for event in &events {
                self.note(event);
            }
            for _ in 0..self.ready.len() {
                let Some(token) = self.ready.pop() else { break };
                if token == LISTENER {
                    self.accept()?;
                } else {
                    self.serve(token, &mut scratch);
                }
            }
            self.expire();
        }
    }

    /// Remembers what an event says, and lists what it names.
    fn note(&mut self, event: &Event) {
        let token = event.token().untagged();
        self.ready.push(token);
        // An event of a pair that was closed meanwhile finds none, and neither does its turn.
        let Some(pair) = self.pairs.get_mut(token) else { return };
        let is_server = event.token().tag() == SERVER;
        let side = if is_server { &mut pair.server } else { &mut pair.client };
        side.is_readable |= event.is_readable() || event.is_read_closed();
        if is_server && !pair.is_connected {
            if let Err(error) = pair.finish_connecting() {
                self.try_next_target(token, &error);
            }
        }
    }

    /// Accepts the clients that wait.
    fn accept(&mut self) -> io::Result<()> {
        for _ in 0..ACCEPT_BUDGET {
            match self.listener.accept() {
                // An error of one client ends that client, not the proxy.
                Ok((client, peer)) => self.add(client, peer).unwrap_or_else(|error| log(peer, &error)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => match accept_error(&error) {
                    AcceptError::Retry => {}
                    AcceptError::Pause => {
                        say(&format!("accepting pauses: {error}"));
                        self.deadlines.insert(Instant::now() + ACCEPT_PAUSE, Deadline::Accept);
                        return Ok(());
                    }
                    _ => return Err(error),
                },
            }
        }
        // The budget is spent: the pairs come first.
        self.ready.push(LISTENER);
        Ok(())
    }

    /// Makes a pair of a client and a new connection to the server.
    fn add(&mut self, mut client: TcpStream, peer: SocketAddr) -> io::Result<()> {
        let registry = self.poll.registry();
        let entry = self.pairs.vacant_entry();
        let token = entry.token();
        let Some((server, target)) = connect(registry, token, &self.targets, 0, peer) else { return Ok(()) };
        registry.register(&mut client, token.tagged(CLIENT), BOTH)?;
        let idle = self.deadlines.insert(Instant::now() + self.idle_max, Deadline::Idle(token));
        entry.insert(Pair::new(client, (server, target), peer, idle));
        Ok(())
    }

    /// Connects to the next address of the server, or gives the client up.
    fn try_next_target(&mut self, token: Token, error: &io::Error) {
        let Some(pair) = self.pairs.get_mut(token) else { return };
        log_target(pair.peer, self.targets[pair.target], error);
        let registry = self.poll.registry();
        match connect(registry, token, &self.targets, pair.target + 1, pair.peer) {
            Some((server, target)) => (pair.server, pair.target) = (Side::new(server), target),
            None => self.abort(token, "given up"),
        }
    }

    /// Gives a pair its turn.
    fn serve(&mut self, token: Token, scratch: &mut Vec<u8>) {
        let Some(pair) = self.pairs.get_mut(token) else { return };
        let before = pair.progress();
        let turn = pair.serve(scratch);
        if pair.progress() != before {
            self.deadlines.reset(pair.idle, Instant::now() + self.idle_max);
        }
        match turn {
            Ok(Turn::Blocked) => {}
            Ok(Turn::Done) => self.close(token, "done"),
            Ok(Turn::Unfinished) => self.ready.push(token),
            Err(error) => self.abort(token, &error.to_string()),
        }
    }

    /// Does what is due.
    fn expire(&mut self) {
        let now = Instant::now();
        while let Some((_, deadline)) = self.deadlines.expire(now) {
            match deadline {
                Deadline::Accept => self.ready.push(LISTENER),
                Deadline::Idle(token) => self.abort(token, "idle"),
            }
        }
    }

    /// Closes a pair that has not come to its end, and has both sides see that: a plain close
    /// would look as if all had been sent.
    fn abort(&mut self, token: Token, why: &str) {
        if let Some(pair) = self.pairs.get(token) {
            for side in [&pair.client, &pair.server] {
                // One that fails is closed already.
                let _ = SockRef::from(&side.stream).set_linger(Some(Duration::ZERO));
            }
        }
        self.close(token, why);
    }

    /// Dropping the streams closes them, and that ends their registrations.
    fn close(&mut self, token: Token, why: &str) {
        let Some(pair) = self.pairs.remove(token) else { return };
        self.deadlines.remove(pair.idle);
        let (client, server) = (pair.client.sent, pair.server.sent);
        say(&format!("{}: {why}, {client} bytes to the server, {server} bytes back", pair.peer));
    }
}

/// Begins to connect to the first of `targets` from `first` on for which that does not fail at
/// once.
fn connect(
    registry: &Registry,
    token: Token,
    targets: &[SocketAddr],
    first: usize,
    peer: SocketAddr,
) -> Option<(TcpStream, usize)> {
    for (index, target) in targets.iter().enumerate().skip(first) {
        let connected = TcpStream::connect(*target).and_then(|mut server| {
            registry.register(&mut server, token.tagged(SERVER), BOTH)?;
            Ok(server)
        });
        match connected {
            Ok(server) => return Some((server, index)),
            Err(error) => log_target(peer, *target, &error),
        }
    }
    None
}

fn log_target(peer: SocketAddr, target: SocketAddr, error: &io::Error) {
    say(&format!("{peer}: cannot connect to {target}: {error}"));
}

fn log(peer: SocketAddr, error: &io::Error) {
    say(&format!("{peer}: {error}"));
}

/// Writes a line to the log. If nobody reads it any more, the proxy goes on all the same.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
