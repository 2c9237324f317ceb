//! The loop: events in, lines across, queues out.

use std::time::{Duration, Instant};
use std::{fs, io, io::ErrorKind, mem};

use ferrio::signal::{SIGINT, SIGTERM, Signals};
use ferrio::{Events, Interest, Poll, Token};
use slab::Slab;

use crate::statistics::{Statistics, say};
use crate::{client::Client, client::Line, door, door::Door, door::Stream, options::Options};

pub(crate) struct Server {
    options: Options,
    poll: Poll,
    doors: Vec<Box<dyn Door>>,
    knock: Option<Instant>,   // somebody may wait at a door; not let in before that
    signals: Signals,         // SIGINT and SIGTERM
    stop_by: Option<Instant>, // draining ends here at the latest
    clients: Slab<Client>,    // by the low half of their tokens
    turn: Vec<Token>,         // clients with something to do
    count: Statistics,
}

const SIGNALS: Token = Token(usize::MAX);
const DOORS: Token = Token(usize::MAX - 1);
const REPORT_EVERY: Duration = Duration::from_secs(10);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
const ACCEPT_BUDGET: usize = 256;
const DRAIN_MAX: Duration = Duration::from_secs(3);
const READ_BUDGET: usize = 64 * 1024;

impl Server {
    pub(crate) fn new(options: Options) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        poll.registry().register(&mut signals, SIGNALS, Interest::READABLE)?;
        let mut doors = vec![door::tcp(options.listen)?];
        doors.extend(options.unix.as_deref().map(door::unix).transpose()?);
        for door in &mut doors {
            poll.registry().register(door, DOORS, Interest::READABLE)?;
        }
        let (knock, stop_by, clients, turn, count) = Default::default();
        Ok(Self { options, poll, doors, knock, signals, stop_by, clients, turn, count })
    }

    /// Serves until a signal, then drains.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut scratch = vec![0; READ_BUDGET];
        let mut report_at = Instant::now() + REPORT_EVERY;
        while !self.is_drained() {
            self.poll.poll_until(&mut events, self.wake_at(report_at))?;
            for event in &events {
                match event.token() {
                    SIGNALS => self.stop()?,
                    DOORS => _ = self.knock.get_or_insert_with(Instant::now),
                    token => {
                        if let Some(client) = find(&mut self.clients, token) {
                            client.note(event);
                            list(&mut self.turn, client);
                        }
                    }
                }
            }
            self.accept();
            self.take_turns(&mut scratch);
            if report_at <= Instant::now() {
                report_at += REPORT_EVERY;
                say(&self.count);
            }
        }
        let left = self.clients.iter().map(|(_, client)| client.queue.len() as u64);
        self.count.dropped += left.sum::<u64>();
        say(format!("final: {}", self.count));
        Ok(())
    }

    /// Lets in who waits. A client that left already is nothing; whatever else
    /// goes wrong, above all a lack of descriptors or memory, may pass.
    fn accept(&mut self) {
        if self.knock.is_none_or(|at| Instant::now() < at) {
            return;
        }
        let mut door = 0;
        for _ in 0..ACCEPT_BUDGET {
            let Some(open) = self.doors.get(door) else { break };
            let admitted = open.next().and_then(|stream| self.admit(stream));
            match admitted.map_err(|error| error.kind()) {
                Ok(()) | Err(ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                Err(ErrorKind::WouldBlock) => door += 1,
                Err(_) => return self.pause(),
            }
        }
        self.knock = self.knock.filter(|_| door < self.doors.len());
        // A rush at one door must not close the other.
        self.doors.reverse();
    }

    /// Gives a client a token: the low half is its slot, the high half its
    /// generation. So a late event does not reach the slot's next owner.
    fn admit(&mut self, mut stream: Box<dyn Stream>) -> io::Result<()> {
        let slot = self.clients.vacant_entry();
        let token = Token(slot.key() | (self.count.accepted as usize) << HALF);
        self.poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        slot.insert(Client::new(token, stream));
        self.count.accepted += 1;
        self.count.clients += 1;
        Ok(())
    }

    /// Stops accepting for a while. Idle half-closed clients make room.
    fn pause(&mut self) {
        self.count.pauses += 1;
        self.knock = Some(Instant::now() + ACCEPT_PAUSE);
        for (_, client) in &mut self.clients {
            if client.state.ended && client.queue.is_empty() {
                client.state.gone = true;
                list(&mut self.turn, client);
            }
        }
    }

    /// Lets each listed client read, write or go. Who has more to read is
    /// listed again, behind the others: nobody starves.
    fn take_turns(&mut self, scratch: &mut [u8]) {
        for token in mem::take(&mut self.turn) {
            let Some(client) = find(&mut self.clients, token) else { continue };
            client.state.listed = false;
            let lines = client.read(scratch, self.options.line_max, &mut self.count);
            client.flush(&mut self.count);
            if client.state.gone || client.state.ended && client.state.hung_up {
                self.close(token);
            } else if client.state.readable {
                list(&mut self.turn, client);
            }
            // While draining, input is read, or closing would reset the connection.
            if self.stop_by.is_none() && !lines.is_empty() {
                self.relay(token, &lines);
            }
        }
    }

    fn relay(&mut self, sender: Token, lines: &[Line]) {
        self.count.lines += lines.len() as u64;
        for (_, client) in self.clients.iter_mut().filter(|(_, client)| client.token != sender) {
            for line in lines {
                client.push(line, &self.options, &mut self.count);
            }
            list(&mut self.turn, client);
        }
    }

    fn close(&mut self, token: Token) {
        let mut client = self.clients.remove(token.0 & SLOT);
        self.count.clients -= 1;
        self.count.dropped += client.queue.len() as u64;
        // Closing ends a registration that this could not.
        let _ = self.poll.registry().deregister(&mut client.stream);
        // Who waits at a door can have the descriptor now.
        self.knock = self.knock.map(|_| Instant::now());
    }

    /// Begins to drain; a second signal ends it.
    fn stop(&mut self) -> io::Result<()> {
        while self.signals.take().is_some() {
            let patience = if self.stop_by.is_none() { DRAIN_MAX } else { Duration::ZERO };
            self.stop_by = Some(Instant::now() + patience);
            for mut door in self.doors.drain(..) {
                self.poll.registry().deregister(&mut door)?;
            }
            // It may be gone already.
            let _ = self.options.unix.take().map(fs::remove_file);
        }
        Ok(())
    }

    fn is_drained(&self) -> bool {
        let is_idle = |(_, client): (usize, &Client)| client.queue.is_empty();
        self.stop_by.is_some_and(|by| by <= Instant::now() || self.clients.iter().all(is_idle))
    }

    /// Until when nothing can be done without an event.
    fn wake_at(&self, report_at: Instant) -> Instant {
        let busy = (!self.turn.is_empty()).then(Instant::now);
        [busy, self.knock, self.stop_by].into_iter().flatten().fold(report_at, Instant::min)
    }
}

const HALF: u32 = usize::BITS / 2;
const SLOT: usize = usize::MAX >> HALF;

/// The client of a token, if it is still there.
fn find(clients: &mut Slab<Client>, token: Token) -> Option<&mut Client> {
    clients.get_mut(token.0 & SLOT).filter(|client| client.token == token)
}

fn list(turn: &mut Vec<Token>, client: &mut Client) {
    if !mem::replace(&mut client.state.listed, true) {
        turn.push(client.token);
    }
}
