//! The loop: it waits, accepts, reads lines, and writes them to all other clients.

use std::fs;
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use ferrio::net::Acceptor;
use ferrio::signal::Signals;
use ferrio::time::Wheel;
use ferrio::{Events, Interest, Poll, ReadyList, Sources, Token};

use crate::client::Client;
use crate::listener::{self, Listener, Stream};
use crate::options::Options;
use crate::statistics::{Statistics, say};
use crate::system;

pub(crate) struct Server {
    pub(crate) options: Options,
    poll: Poll,
    acceptors: Vec<Acceptor<Box<dyn Listener>>>,
    /// What ends the server, and asks for its counters; `None` on a system without signals, where
    /// it runs until it is killed.
    signals: Option<Signals>,
    /// When draining ends at the latest; `None` until a signal comes.
    pub(crate) drain_until: Option<Instant>,
    pub(crate) clients: Sources<Client>,
    /// Clients with something to do.
    pub(crate) ready: ReadyList,
    /// When clients are to be closed.
    pub(crate) deadlines: Wheel<Deadline>,
    pub(crate) statistics: Statistics,
}

/// Why a client is closed.
pub(crate) enum Deadline {
    /// It holds up others and took nothing.
    Hold(Token),
    /// It sends no more.
    Linger(Token),
}

/// Small tokens are never those of a `Sources` table.
const SIGNALS: Token = Token(0);
/// The token of the first acceptor; those of the others follow.
const FIRST_ACCEPTOR: usize = 1;

/// How often the counters are printed.
const REPORT_EVERY: Duration = Duration::from_secs(10);
/// The most clients that are accepted of one listener in one turn of the loop.
const ACCEPT_BUDGET: u32 = 256;
/// The most bytes that are read of one client in one turn of the loop.
const READ_BUDGET: usize = 64 * 1024;
/// How long queued lines have to reach their clients when the server ends.
const DRAIN_MAX: Duration = Duration::from_secs(3);

impl Server {
    pub(crate) fn new(options: Options) -> io::Result<Server> {
        let poll = Poll::new()?;
        let mut signals = match Signals::new(system::SIGNALS) {
            Err(error) if error.kind() == ErrorKind::Unsupported => None,
            signals => Some(signals?),
        };
        if let Some(signals) = &mut signals {
            poll.registry().register(signals, SIGNALS, Interest::READABLE)?;
        }
        let mut listeners = listener::tcp(&options.listen.0)?;
        if let Some(path) = &options.unix {
            listeners.push(system::listen_at(path)?);
        }
        let mut acceptors = Vec::new();
        for listener in listeners {
            // Without descriptors, clients wait until others leave.
            let mut acceptor = Acceptor::new(listener).turn(ACCEPT_BUDGET).refuse_after(None);
            let token = Token(FIRST_ACCEPTOR + acceptors.len());
            poll.registry().register(&mut acceptor, token, Interest::READABLE)?;
            acceptors.push(acceptor);
        }
        Ok(Server {
            options,
            poll,
            acceptors,
            signals,
            drain_until: None,
            clients: Sources::new(),
            ready: ReadyList::new(),
            deadlines: Wheel::new(Instant::now()),
            statistics: Statistics::default(),
        })
    }

    /// Serves until a signal comes, then drains.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut scratch = vec![0; READ_BUDGET];
        let mut report_at = Instant::now() + REPORT_EVERY;
        while !self.is_drained() {
            self.poll.poll_until(&mut events, self.wake_at(report_at))?;
            for event in &events {
                match event.token() {
                    SIGNALS => self.take_signals()?,
                    Token(number) if number < FIRST_ACCEPTOR + self.acceptors.len() => {
                        self.accept(number - FIRST_ACCEPTOR)?;
                    }
                    // An event of a client that was removed meanwhile finds none.
                    token => {
                        if let Some(client) = self.clients.get_mut(token) {
                            client.note(event);
                            self.ready.push(token);
                        }
                    }
                }
            }
            self.take_turns(&mut scratch);
            self.expire();
            if report_at <= Instant::now() {
                report_at += REPORT_EVERY;
                say(&self.statistics);
            }
        }
        for (_, client) in self.clients.iter() {
            client.settle(&mut self.statistics);
        }
        say(format!("final: {}", self.statistics));
        Ok(())
    }

    /// Until when nothing can be done without an event.
    fn wake_at(&self, report_at: Instant) -> Instant {
        let ready = (!self.ready.is_empty()).then(Instant::now);
        let deadline = self.deadlines.next_deadline();
        [ready, self.drain_until, deadline].into_iter().flatten().fold(report_at, Instant::min)
    }

    /// Accepts the clients of a listener that wait.
    fn accept(&mut self, index: usize) -> io::Result<()> {
        let pauses = self.acceptors[index].stats().pauses;
        while let Some((stream, ())) = self.acceptors[index].accept()? {
            if self.add(stream).is_err() {
                // The system is short of memory, and this client is turned away.
                self.statistics.refused += 1;
            }
        }
        if self.acceptors[index].stats().pauses > pauses {
            self.give_way();
        }
        Ok(())
    }

    fn add(&mut self, mut stream: Box<dyn Stream>) -> io::Result<()> {
        let registry = self.poll.registry();
        self.clients.try_insert_with(|token| {
            registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
            Ok::<_, io::Error>(Client::new(stream))
        })?;
        self.statistics.accepted += 1;
        self.statistics.clients += 1;
        Ok(())
    }

    /// Closes idle clients that send no more, for others wait for their descriptors.
    fn give_way(&mut self) {
        self.statistics.pauses += 1;
        for (token, client) in self.clients.iter_mut() {
            if client.give_way() {
                self.ready.push(token);
            }
        }
    }

    /// Gives each client on the ready list its turn. One that has more to read is listed
    /// again, behind the others, so that none of them starves.
    fn take_turns(&mut self, scratch: &mut [u8]) {
        for _ in 0..self.ready.len() {
            let Some(token) = self.ready.pop() else { break };
            let Some(client) = self.clients.get_mut(token) else { continue };
            client.read(scratch, &self.options, &mut self.statistics);
            client.flush(&mut self.statistics);
            client.end_if_refused();
            if self.drain_until.is_some() {
                // Input is still read: closing with unread input would reset the connection.
                client.sent_lines.clear();
            }
            self.let_others_go_on(token);
            self.relay(token);
            self.end_turn(token);
        }
    }

    /// Closes a client that is done, and lists one that is not.
    fn end_turn(&mut self, token: Token) {
        let Some(client) = self.clients.get_mut(token) else { return };
        if client.is_done() {
            return self.close(token);
        }
        if client.is_readable() {
            self.ready.push(token);
        }
        if client.sends_no_more() && client.linger.is_none() {
            let until = Instant::now() + self.options.linger;
            client.linger = Some(self.deadlines.insert(until, Deadline::Linger(token)));
            self.statistics.clients -= 1;
            self.statistics.ended += 1;
        }
    }

    /// Closes the clients whose time is over.
    fn expire(&mut self) {
        let now = Instant::now();
        while let Some((_, deadline)) = self.deadlines.expire(now) {
            match deadline {
                Deadline::Linger(token) => self.close(token),
                Deadline::Hold(token) => {
                    self.statistics.slow += 1;
                    self.close(token);
                }
            }
        }
    }

    fn close(&mut self, token: Token) {
        let Some(mut client) = self.clients.remove(token) else { return };
        match client.linger.and_then(|key| self.deadlines.remove(key)) {
            // A deadline that has come is in the wheel no more.
            None if client.linger.is_none() => self.statistics.clients -= 1,
            _ => self.statistics.ended -= 1,
        }
        client.settle(&mut self.statistics);
        // If this fails, closing the connection ends the registration.
        let _ = self.poll.registry().deregister(&mut client.stream);
        self.forget(token, &client);
        // A client that waits for a descriptor can have this one now.
        self.acceptors.iter_mut().for_each(Acceptor::resume);
    }

    fn take_signals(&mut self) -> io::Result<()> {
        while let Some(received) = self.signals.as_mut().and_then(Signals::take) {
            if Some(received.signal()) == system::REPORT {
                say(&self.statistics);
            } else {
                self.stop()?;
            }
        }
        Ok(())
    }

    /// Begins to drain; a second signal ends that.
    fn stop(&mut self) -> io::Result<()> {
        let patience = if self.drain_until.is_none() { DRAIN_MAX } else { Duration::ZERO };
        self.drain_until = Some(Instant::now() + patience);
        self.relay_all();
        for mut acceptor in self.acceptors.drain(..) {
            self.poll.registry().deregister(&mut acceptor)?;
        }
        if let Some(path) = self.options.unix.take() {
            // It may be gone already.
            let _ = fs::remove_file(path);
        }
        Ok(())
    }

    fn is_drained(&self) -> bool {
        let is_flushed = || self.clients.iter().all(|(_, client)| client.is_flushed());
        self.drain_until.is_some_and(|until| until <= Instant::now() || is_flushed())
    }
}
