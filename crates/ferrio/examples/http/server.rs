//! The loop: it waits, accepts, and gives each connection its turn.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use ferrio::net::{AcceptError, TcpListener, TcpStream, accept_error};
use ferrio::time::Wheel;
use ferrio::{Events, Interest, Poll, ReadyList, Sources, Token};

use crate::connection::Connection;

pub(crate) struct Server {
    poll: Poll,
    listener: TcpListener,
    idle_max: Duration,
    connections: Sources<Connection>,
    ready: ReadyList,
    /// When a connection has been idle for too long, and for the token of the listener, when
    /// accepting may work again.
    deadlines: Wheel<Token>,
}

/// Small tokens are never those of a `Sources` table.
const LISTENER: Token = Token(0);

/// The most clients that are accepted in one turn of the loop.
const ACCEPT_BUDGET: usize = 64;
/// How long to wait when no client can be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl Server {
    pub(crate) fn new(listen: &str, idle_max: Duration) -> io::Result<Server> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::bind_to(listen)?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        println!("listening on {}", listener.local_addr()?);
        let (connections, ready) = (Sources::new(), ReadyList::new());
        Ok(Server { poll, listener, idle_max, connections, ready, deadlines: Wheel::new(Instant::now()) })
    }

    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            self.poll.poll_until(&mut events, self.ready.deadline(self.deadlines.next_deadline()))?;
            for event in &events {
                // An event of a connection that was closed meanwhile finds none.
                if let Some(connection) = self.connections.get_mut(event.token()) {
                    connection.note(event);
                }
                self.ready.push(event.token());
            }
            for _ in 0..self.ready.len() {
                let Some(token) = self.ready.pop() else { break };
                if token == LISTENER {
                    self.accept()?;
                } else {
                    self.serve(token);
                }
            }
            self.expire();
        }
    }

    /// Accepts the clients that wait.
    fn accept(&mut self) -> io::Result<()> {
        for _ in 0..ACCEPT_BUDGET {
            match self.listener.accept() {
                // An error of one client ends that client, not the server.
                Ok((stream, peer)) => {
                    self.add(stream).unwrap_or_else(|error| eprintln!("{peer}: {error}"));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => match accept_error(&error) {
                    AcceptError::Retry => {}
                    AcceptError::Pause => {
                        self.deadlines.insert(Instant::now() + ACCEPT_PAUSE, LISTENER);
                        return Ok(());
                    }
                    _ => return Err(error),
                },
            }
        }
        // The budget is spent: the connections come first.
        self.ready.push(LISTENER);
        Ok(())
    }

    fn add(&mut self, mut stream: TcpStream) -> io::Result<()> {
        // An answer is not to wait for the acknowledgement of the one before.
        stream.set_nodelay(true)?;
        let entry = self.connections.vacant_entry();
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, entry.token(), interest)?;
        let deadline = self.deadlines.insert(Instant::now() + self.idle_max, entry.token());
        entry.insert(Connection::new(stream, deadline));
        Ok(())
    }

    fn serve(&mut self, token: Token) {
        let Some(connection) = self.connections.get_mut(token) else { return };
        match connection.serve() {
            Ok(turn) if turn.is_done => self.close(token),
            Ok(turn) => {
                if turn.has_moved {
                    self.deadlines.reset(connection.deadline, Instant::now() + self.idle_max);
                }
                if turn.is_unfinished {
                    self.ready.push(token);
                }
            }
            // An error of one client ends that client, not the server.
            Err(_) => self.close(token),
        }
    }

    fn expire(&mut self) {
        let now = Instant::now();
        while let Some((_, token)) = self.deadlines.expire(now) {
            let Some(connection) = self.connections.get_mut(token) else {
                // It is the listener's.
                self.ready.push(token);
                continue;
            };
            if connection.time_out().unwrap_or(true) {
                self.close(token);
            } else {
                // The client gets some time to take the answer.
                connection.deadline = self.deadlines.insert(now + self.idle_max, token);
                self.ready.push(token);
            }
        }
    }

    /// Dropping the stream closes it, and that ends its registration.
    fn close(&mut self, token: Token) {
        if let Some(connection) = self.connections.remove(token) {
            self.deadlines.remove(connection.deadline);
        }
    }
}
