//! The loop: events in, lines across, queues out.

use std::time::{Duration, Instant};
use std::{collections::VecDeque, fs, io, io::ErrorKind, io::Read, mem, os::unix::net, rc::Rc};

use ferrio::{Events, Interest, Poll, Token, event::Event, net::UnixStream};
use rustix::io::Errno;
use signal_hook::{consts::SIGINT, consts::SIGTERM, low_level::pipe};

use crate::statistics::{Statistics, say};
use crate::{client::Client, door, door::Door, door::Stream, options::Options, slab::Slab};

pub(crate) struct Server {
    options: Options,
    poll: Poll,
    doors: Vec<Box<dyn Door>>,
    knock: bool,              // somebody may wait at a door
    pause: Option<Instant>,   // until then only a leaving client reopens the doors
    signals: UnixStream,      // a byte arrives with each
    stop_by: Option<Instant>, // draining ends here at the latest
    clients: Slab<Client>,
    turn: VecDeque<Token>, // clients with something to do
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
        let (signals, sender) = net::UnixStream::pair()?;
        signals.set_nonblocking(true)?;
        let mut signals = UnixStream::from_std(signals);
        poll.registry().register(&mut signals, SIGNALS, Interest::READABLE)?;
        pipe::register(SIGINT, sender.try_clone()?)?;
        pipe::register(SIGTERM, sender)?;
        let mut doors = vec![door::tcp(options.listen)?];
        doors.extend(options.unix.as_deref().map(door::unix).transpose()?);
        for door in &mut doors {
            poll.registry().register(door, DOORS, Interest::READABLE)?;
        }
        let (clients, turn, count) = (Slab::EMPTY, VecDeque::new(), Statistics::default());
        let (knock, pause, stop_by) = (false, None, None);
        Ok(Self { options, poll, doors, knock, pause, signals, stop_by, clients, turn, count })
    }

    /// Serves until a signal, then drains.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut scratch = vec![0; READ_BUDGET];
        let mut report_at = Instant::now() + REPORT_EVERY;
        while !self.is_drained() {
            match self.poll.poll(&mut events, Some(self.patience(report_at))) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result?,
            }
            for event in &events {
                match event.token() {
                    SIGNALS => self.stop()?,
                    DOORS => self.knock = true,
                    token => self.note(token, event),
                }
            }
            self.accept()?;
            self.take_turns(&mut scratch);
            if report_at <= Instant::now() {
                report_at += REPORT_EVERY;
                say(&self.count);
            }
        }
        let left = self.clients.iter_mut().map(|(_, client)| client.queue.len() as u64);
        self.count.dropped += left.sum::<u64>();
        say(format!("final: {}", self.count));
        Ok(())
    }

    /// Notes what an event says, and puts the client on the list.
    fn note(&mut self, token: Token, event: &Event) {
        let Some(client) = self.clients.get_mut(token) else { return };
        let state = &mut client.state;
        state.readable |= (event.is_readable() || event.is_read_closed()) && !state.ended;
        state.blocked &= !event.is_writable();
        state.hung_up |= event.is_write_closed() || event.is_error();
        list(&mut self.turn, token, client);
    }

    /// Takes in who waits; without descriptors or memory, pauses.
    fn accept(&mut self) -> io::Result<()> {
        if !self.knock || self.pause.is_some_and(|until| Instant::now() < until) {
            return Ok(());
        }
        self.pause = None;
        let mut empty = 0;
        for door in 0..self.doors.len() {
            for _ in 0..ACCEPT_BUDGET {
                let admitted = self.doors[door].next().and_then(|stream| self.admit(stream));
                let Err(error) = admitted else { continue };
                match Errno::from_io_error(&error) {
                    Some(Errno::WOULDBLOCK) => {
                        empty += 1;
                        break;
                    }
                    Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::NOSPC) => {
                        self.pause();
                        return Ok(());
                    }
                    Some(Errno::BADF | Errno::FAULT | Errno::INVAL | Errno::NOTSOCK) => return Err(error),
                    // ECONNABORTED, EPROTO, EINTR and the like: only this client is lost.
                    _ => {}
                }
            }
        }
        self.knock = empty < self.doors.len();
        Ok(())
    }

    fn admit(&mut self, mut stream: Box<dyn Stream>) -> io::Result<()> {
        let registry = self.poll.registry();
        self.clients.insert(|token| {
            registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
            Ok(Client::new(stream))
        })?;
        self.count.accepted += 1;
        self.count.clients += 1;
        Ok(())
    }

    /// Stops accepting for a while. Idle half-closed clients make room.
    fn pause(&mut self) {
        self.count.pauses += 1;
        self.pause = Some(Instant::now() + ACCEPT_PAUSE);
        for (token, client) in self.clients.iter_mut() {
            if client.state.ended && client.queue.is_empty() {
                client.state.gone = true;
                list(&mut self.turn, token, client);
            }
        }
    }

    /// Lets each listed client read, write or go. Who has more to read is
    /// listed again, for the next turn: nobody starves.
    fn take_turns(&mut self, scratch: &mut [u8]) {
        let mut next = VecDeque::new();
        while let Some(token) = self.turn.pop_front() {
            let Some(client) = self.clients.get_mut(token) else { continue };
            client.state.listed = false;
            let lines = client.read(scratch, self.options.line_max, &mut self.count);
            client.flush(&mut self.count);
            if client.state.gone || client.state.ended && client.state.hung_up {
                self.close(token);
            } else if client.state.readable {
                list(&mut next, token, client);
            }
            // While draining, input is read, or closing would reset the connection.
            if self.stop_by.is_none() && !lines.is_empty() {
                self.relay(token, &lines);
            }
        }
        self.turn = next;
    }

    fn relay(&mut self, sender: Token, lines: &[Rc<[u8]>]) {
        self.count.lines += lines.len() as u64;
        for (token, client) in self.clients.iter_mut().filter(|(token, _)| *token != sender) {
            for line in lines {
                client.push(line, &self.options, &mut self.count);
            }
            list(&mut self.turn, token, client);
        }
    }

    fn close(&mut self, token: Token) {
        let Some(mut client) = self.clients.remove(token) else { return };
        self.count.clients -= 1;
        self.count.dropped += client.queue.len() as u64;
        // Closing ends a registration that this could not.
        let _ = self.poll.registry().deregister(&mut client.stream);
        self.pause = None;
    }

    /// Begins to drain; a second signal ends it.
    fn stop(&mut self) -> io::Result<()> {
        while self.signals.read(&mut [0; 16]).is_ok() {}
        let patience = if self.stop_by.is_none() { DRAIN_MAX } else { Duration::ZERO };
        self.stop_by = Some(Instant::now() + patience);
        for mut door in self.doors.drain(..) {
            self.poll.registry().deregister(&mut door)?;
        }
        // It may be gone already.
        let _ = self.options.unix.take().map(fs::remove_file);
        Ok(())
    }

    fn is_drained(&mut self) -> bool {
        let idle = |(_, client): (Token, &mut Client)| client.queue.is_empty();
        let now = Instant::now();
        self.stop_by.is_some_and(|by| by <= now || self.clients.iter_mut().all(idle))
    }

    /// How long nothing can be done without an event.
    fn patience(&self, report_at: Instant) -> Duration {
        if !self.turn.is_empty() || self.knock && self.pause.is_none() {
            return Duration::ZERO;
        }
        let alarms = [self.pause, self.stop_by].into_iter().flatten();
        alarms.fold(report_at, Instant::min).saturating_duration_since(Instant::now())
    }
}

fn list(turn: &mut VecDeque<Token>, token: Token, client: &mut Client) {
    if !mem::replace(&mut client.state.listed, true) {
        turn.push_back(token);
    }
}
