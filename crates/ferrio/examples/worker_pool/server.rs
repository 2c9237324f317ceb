//! The loop: it waits, accepts, hands jobs over, and takes results.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use ferrio::net::{AcceptError, TcpListener, TcpStream, accept_error};
use ferrio::{Events, Interest, Poll, ReadyList, Sources, Token, user};

use crate::connection::Connection;
use crate::pool::{Done, Job, Pool};

pub(crate) struct Server {
    poll: Poll,
    listener: TcpListener,
    /// When to accept again although no event says so.
    accept_at: Option<Instant>,
    pool: Pool,
    results: user::Receiver<Done>,
    connections: Sources<Connection>,
    ready: ReadyList,
    /// Connections with a job for which the pool had no room.
    held_up: ReadyList,
}

/// Small tokens are never those of a `Sources` table.
const LISTENER: Token = Token(0);
const RESULTS: Token = Token(1);

/// The most clients that are accepted in one turn of the loop.
const ACCEPT_BUDGET: usize = 64;
/// How long to wait when no client can be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The most jobs that one connection hands over in one turn.
const JOB_BUDGET: usize = 4;

impl Server {
    pub(crate) fn new(listen: &str, threads: usize, queue: usize) -> io::Result<Server> {
        let poll = Poll::new()?;
        let mut listener = TcpListener::bind_to(listen)?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let (pool, mut results) = Pool::start(threads, queue)?;
        poll.registry().register(&mut results, RESULTS, Interest::READABLE)?;
        println!("listening on {}", listener.local_addr()?);
        Ok(Server {
            poll,
            listener,
            accept_at: None,
            pool,
            results,
            connections: Sources::new(),
            ready: ReadyList::new(),
            held_up: ReadyList::new(),
        })
    }

    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(256);
        loop {
            self.poll.poll_until(&mut events, self.ready.deadline(self.accept_at))?;
            for event in &events {
                match event.token() {
                    LISTENER => self.accept_at = Some(Instant::now()),
                    RESULTS => self.take_results(),
                    // An event of a connection that was closed meanwhile finds none.
                    token => {
                        if let Some(connection) = self.connections.get_mut(token) {
                            connection.note(event);
                            self.ready.push(token);
                        }
                    }
                }
            }
            if self.accept_at.is_some_and(|at| at <= Instant::now()) {
                self.accept_at = self.accept()?;
            }
            for _ in 0..self.ready.len() {
                let Some(token) = self.ready.pop() else { break };
                // An error of one client ends that client, not the server.
                if !self.serve(token).unwrap_or(false) {
                    // What the pool still does for it finds no connection.
                    self.connections.remove(token);
                    self.held_up.remove(token);
                }
            }
        }
    }

    /// Takes what the threads have done. Each result is a free place in the pool, so that
    /// those who wait for one try again.
    fn take_results(&mut self) {
        for Done { connection: token, number, answer } in self.results.try_iter() {
            if let Some(connection) = self.connections.get_mut(token) {
                connection.take_answer(number, answer);
                self.ready.push(token);
            }
        }
        while let Some(token) = self.held_up.pop() {
            self.ready.push(token);
        }
    }

    /// Gives a connection its turn. False if it is done.
    fn serve(&mut self, token: Token) -> io::Result<bool> {
        let Some(connection) = self.connections.get_mut(token) else { return Ok(true) };
        connection.write()?;
        connection.read()?;
        for _ in 0..JOB_BUDGET {
            let submit = |number, line: &[u8]| {
                self.pool.submit(Job { connection: token, number, line: line.to_vec() }).is_ok()
            };
            if connection.has_job() && !connection.hand_over(submit) {
                // Nothing is read of it until there is room for its line.
                self.held_up.push(token);
                return Ok(true);
            }
        }
        // A line that is answered at once, such as one that is too long.
        connection.write()?;
        // After the write: it may have made room for more, and no event says that.
        if connection.has_job() || connection.may_read() {
            self.ready.push(token);
        }
        Ok(!connection.is_done())
    }

    /// Accepts the clients that wait. Returns when to go on; `None` if an event will say so.
    fn accept(&mut self) -> io::Result<Option<Instant>> {
        for _ in 0..ACCEPT_BUDGET {
            match self.listener.accept() {
                Ok((stream, peer)) => {
                    self.add(stream).unwrap_or_else(|error| eprintln!("{peer}: {error}"));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => match accept_error(&error) {
                    AcceptError::Retry => {}
                    AcceptError::Pause => return Ok(Some(Instant::now() + ACCEPT_PAUSE)),
                    _ => return Err(error),
                },
            }
        }
        Ok(Some(Instant::now()))
    }

    fn add(&mut self, mut stream: TcpStream) -> io::Result<()> {
        let entry = self.connections.vacant_entry();
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, entry.token(), interest)?;
        entry.insert(Connection::new(stream));
        Ok(())
    }
}
