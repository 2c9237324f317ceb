//! Nothing is allocated per operation, completion or piece of data.
//!
//! A binary of its own: the allocator of the whole process is a counting one.
#![cfg(target_os = "linux")]

#[path = "../../ferrio-poll/tests/allocations/counting.rs"]
mod counting;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use ferrio_poll::{Backend, Events, Poll, Token};
use ferrio_proactor::{Choice, Chunk, Completions, Config, Handle, Kind, Proactor, op};

use crate::counting::allocations;

const CONNECTIONS: usize = 50;
const WARM_UP: usize = 20;
const ROUNDS: usize = 200;

/// How the answers go out.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Now,
    Submitted,
    ToAll,
}

/// A server that echoes, and its clients.
struct Echo {
    proactor: Proactor,
    events: Events,
    completions: Completions,
    address: SocketAddr,
    clients: Vec<TcpStream>,
    handles: Vec<Handle>,
    /// Connections that were accepted and dropped.
    dropped: usize,
}

impl Echo {
    fn new(driver: Choice, backend: Backend) -> io::Result<Echo> {
        let poll = Poll::builder().backend(backend).build()?;
        let mut proactor = Proactor::new(poll, Config { driver, ..Config::default() })?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let clients = (0..CONNECTIONS).map(|_| {
            let client = TcpStream::connect(address).unwrap();
            let handle = proactor.attach(listener.accept().unwrap().0);
            let connection = proactor.submit(Token(1), op::RecvMany { handle });
            connection.map(|_| (client, handle)).map_err(io::Error::from)
        });
        let connections = clients.collect::<io::Result<Vec<_>>>()?;
        let (clients, handles) = connections.into_iter().unzip();
        let handle = proactor.attach(listener);
        proactor.submit(Token(0), op::AcceptMany { handle })?;
        let (events, completions) = (Events::with_capacity(16), Completions::with_capacity(64));
        Ok(Echo { proactor, events, completions, address, clients, handles, dropped: 0 })
    }

    /// Each client sends and is answered, and one more connection is accepted.
    fn round(&mut self, answer: Answer) {
        self.round_of(CONNECTIONS, answer);
    }

    /// The same with so many of the clients.
    fn round_of(&mut self, senders: usize, answer: Answer) {
        for client in &mut self.clients[..senders] {
            client.write_all(b"ping").unwrap();
        }
        let last = TcpStream::connect(self.address).unwrap();
        let mut awaited = senders + 1;
        let mut sends = 0;
        while awaited > 0 || sends > 0 {
            match self.proactor.poll(&mut self.events, &mut self.completions, Some(Duration::from_secs(5))) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                polled => polled.unwrap(),
            }
            while let Some(completion) = self.completions.next() {
                match completion.kind {
                    Kind::Accepted(fd) => {
                        self.dropped += 1;
                        drop(fd);
                        awaited -= 1;
                    }
                    Kind::Received(chunk) => {
                        awaited -= 1;
                        let handle = self.handles[CONNECTIONS - awaited.max(1)];
                        match answer {
                            Answer::Now => drop(self.proactor.send_now(handle, &chunk).unwrap()),
                            Answer::Submitted => {
                                self.proactor.submit(Token(2), op::Send::new(handle, chunk)).unwrap();
                                sends += 1;
                            }
                            Answer::ToAll => {
                                self.proactor.send_all(Token(3), [handle], chunk).unwrap();
                                sends += 1;
                            }
                        }
                    }
                    Kind::Done(mut done) => {
                        sends -= 1;
                        let is_taken =
                            done.take::<op::Send<Chunk>>().map(|(result, _)| result.unwrap()).is_some();
                        assert!(is_taken || done.take::<op::SendAll>().is_some());
                    }
                    kind => panic!("{kind:?}"),
                }
            }
        }
        drop(last);
        for client in &mut self.clients {
            client.set_nonblocking(true).unwrap();
            while client.read(&mut [0; 64]).is_ok() {}
            client.set_nonblocking(false).unwrap();
        }
    }
}

#[test]
fn an_echo_allocates_nothing_once_it_runs() {
    for driver in [Choice::Readiness, Choice::Ring] {
        for backend in [Backend::Epoll, Backend::Poll2] {
            for answer in [Answer::Now, Answer::Submitted, Answer::ToAll] {
                let mut echo = match Echo::new(driver, backend) {
                    Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                        println!("SKIPPED: {error}");
                        continue;
                    }
                    echo => echo.unwrap(),
                };
                // The first rounds grow what is used again from then on.
                (0..WARM_UP).for_each(|_| echo.round(answer));
                let before = allocations();
                (0..ROUNDS).for_each(|_| echo.round(answer));
                let count = allocations() - before;
                let submitted = echo.proactor.stats().submitted;
                println!(
                    "{driver:?} over {backend:?}, {answer:?}: {count} allocations, {submitted} operations"
                );
                assert_eq!(count, 0, "{driver:?} over {backend:?}, {answer:?}: {count} allocations");
                assert_eq!(echo.dropped, WARM_UP + ROUNDS);
            }
        }
    }
}

#[test]
fn a_burst_after_a_quiet_time_allocates_nothing() {
    for driver in [Choice::Readiness, Choice::Ring] {
        for backend in [Backend::Epoll, Backend::Poll2] {
            let mut echo = match Echo::new(driver, backend) {
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                    println!("SKIPPED: {error}");
                    continue;
                }
                echo => echo.unwrap(),
            };
            (0..WARM_UP).for_each(|_| echo.round_of(1, Answer::Now));
            let before = allocations();
            echo.round(Answer::Now);
            let count = allocations() - before;
            assert_eq!(count, 0, "{driver:?} over {backend:?}: {count} allocations");
        }
    }
}

/// Clients of one round of [`Churn`].
const CLIENTS: usize = 8;

/// How many rounds of these.
const CHURNS: usize = 1000;

/// A server of short connections: each is accepted, sends a request, is answered and closed.
struct Churn {
    proactor: Proactor,
    events: Events,
    completions: Completions,
    address: SocketAddr,
    /// Those of this round, by their tokens.
    handles: Vec<Handle>,
}

impl Churn {
    fn new(driver: Choice, backend: Backend) -> io::Result<Churn> {
        let poll = Poll::builder().backend(backend).build()?;
        let mut proactor = Proactor::new(poll, Config { driver, ..Config::default() })?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let handle = proactor.attach(listener);
        proactor.submit(Token(usize::MAX), op::AcceptMany { handle })?;
        let (events, completions) = (Events::with_capacity(16), Completions::with_capacity(64));
        Ok(Churn { proactor, events, completions, address, handles: Vec::with_capacity(CLIENTS) })
    }

    /// A few connections from their begin to their end. Either the server closes them, with a
    /// receive under way, or it is told of their end first.
    fn round(&mut self, server_closes: bool) {
        let mut clients: [Option<TcpStream>; CLIENTS] = std::array::from_fn(|_| {
            let mut client = TcpStream::connect(self.address).unwrap();
            client.write_all(b"ping").unwrap();
            Some(client)
        });
        let (mut answered, mut ended) = (0, 0);
        while ended < CLIENTS {
            match self.proactor.poll(&mut self.events, &mut self.completions, Some(Duration::from_secs(5))) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                polled => polled.unwrap(),
            }
            assert!(!self.completions.is_empty(), "{answered} were answered, {ended} have ended");
            while let Some(completion) = self.completions.next() {
                match completion.kind {
                    Kind::Accepted(fd) => {
                        let handle = self.proactor.attach(fd);
                        self.proactor.submit(Token(self.handles.len()), op::RecvMany { handle }).unwrap();
                        self.handles.push(handle);
                    }
                    Kind::Received(chunk) => {
                        let handle = self.handles[completion.token.0];
                        self.proactor.submit(completion.token, op::Send::new(handle, chunk)).unwrap();
                    }
                    Kind::Done(mut done) => {
                        let (result, send) = done.take::<op::Send<Chunk>>().unwrap();
                        assert_eq!((result.unwrap(), &*send.buf), (4, &b"ping"[..]));
                        answered += 1;
                        if server_closes {
                            self.proactor.close(send.handle);
                        } else {
                            drop(clients[completion.token.0].take());
                        }
                    }
                    Kind::Ended(_) => {
                        ended += 1;
                        self.proactor.close(self.handles[completion.token.0]);
                    }
                    kind => panic!("{kind:?}"),
                }
            }
        }
        self.handles.clear();
    }
}

#[test]
fn short_connections_allocate_nothing_once_they_run() {
    for driver in [Choice::Readiness, Choice::Ring] {
        for backend in [Backend::Epoll, Backend::Poll2] {
            for server_closes in [false, true] {
                let mut churn = match Churn::new(driver, backend) {
                    Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                        println!("SKIPPED: {error}");
                        continue;
                    }
                    churn => churn.unwrap(),
                };
                (0..WARM_UP).for_each(|_| churn.round(server_closes));
                let before = allocations();
                (0..CHURNS).for_each(|_| churn.round(server_closes));
                let count = allocations() - before;
                let what = format!("{driver:?} over {backend:?}, the server closes: {server_closes}");
                println!("{what}: {count} allocations, {} connections", CHURNS * CLIENTS);
                assert_eq!(count, 0, "{what}");
                assert_eq!(churn.proactor.stats().handles, 1, "{what}: the listener is left");
            }
        }
    }
}
