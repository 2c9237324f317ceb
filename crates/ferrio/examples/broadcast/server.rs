//! The loop: it waits, accepts, reads lines, and writes them to all other clients.

use std::fs;
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use ferrio::net::{AcceptError, accept_error};
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
    listeners: Vec<Box<dyn Listener>>,
    /// When to accept: a client may be waiting. `None` until an event says so.
    accept_at: Option<Instant>,
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
const LISTENERS: Token = Token(1);

/// How often the counters are printed.
const REPORT_EVERY: Duration = Duration::from_secs(10);
/// How long to wait when no client can be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The most clients that are accepted in one turn of the loop.
const ACCEPT_BUDGET: usize = 256;
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
        for listener in &mut listeners {
            poll.registry().register(listener, LISTENERS, Interest::READABLE)?;
        }
        Ok(Server {
            options,
            poll,
            listeners,
            accept_at: None,
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
                    LISTENERS => _ = self.accept_at.get_or_insert_with(Instant::now),
                    // An event of a client that was removed meanwhile finds none.
                    token => {
                        if let Some(client) = self.clients.get_mut(token) {
                            client.note(event);
                            self.ready.push(token);
                        }
                    }
                }
            }
            self.accept();
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
        [ready, self.accept_at, self.drain_until, deadline]
            .into_iter()
            .flatten()
            .fold(report_at, Instant::min)
    }

    /// Accepts the clients that wait. One that has left already is no error. Whatever else
    /// goes wrong, a lack of descriptors or memory above all, may pass.
    fn accept(&mut self) {
        if self.accept_at.is_none_or(|at| Instant::now() < at) {
            return;
        }
        let mut drained = 0;
        for _ in 0..ACCEPT_BUDGET {
            let Some(listener) = self.listeners.get(drained) else { break };
            let added = listener.accept_stream().and_then(|stream| self.add(stream));
            match added {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => drained += 1,
                Err(error) if accept_error(&error) == AcceptError::Retry => {}
                Err(_) => return self.pause(),
            }
        }
        if drained == self.listeners.len() {
            self.accept_at = None;
        } else {
            // The budget is spent. Another listener comes first in the next turn, so that a
            // rush at one of them does not keep out the clients of the others.
            self.listeners.rotate_left(1);
        }
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

    /// Stops accepting for a while, and closes idle clients that send no more.
    fn pause(&mut self) {
        self.statistics.pauses += 1;
        self.accept_at = Some(Instant::now() + ACCEPT_PAUSE);
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
        self.accept_at = self.accept_at.map(|_| Instant::now());
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
        for mut listener in self.listeners.drain(..) {
            self.poll.registry().deregister(&mut listener)?;
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
