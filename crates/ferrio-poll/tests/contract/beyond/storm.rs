//! Everything at once: threads that register, change, drain, drop and send in all modes while
//! one polls. No token is stale and no message is lost.

use std::env;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mio::net::UdpSocket;
use mio::{Interest, Mode, Registry, Token};

use crate::harness::{PATIENCE, in_own_process, poll_with_events};
use crate::net_harness::connected_udp_pair;

/// What the poller and a worker know of one source. Its registrations are numbered from 1 on.
#[derive(Default)]
struct Ledger {
    /// The last registration that has ended.
    ended: AtomicUsize,
    /// The last registration that was reported readable, and how often.
    heard: AtomicUsize,
    reports: AtomicUsize,
}

/// A source of a worker, with its peer.
struct Socket<'a> {
    socket: UdpSocket,
    peer: UdpSocket,
    ledger: &'a Ledger,
    /// Its token is this, times the number of registrations, plus its place.
    place: usize,
    /// The current registration, or 0.
    registration: usize,
    registrations: usize,
    interest: Interest,
    mode: Mode,
}

impl Socket<'_> {
    fn token(&self) -> Token {
        Token(self.registration * SOURCES + self.place)
    }

    /// Begins a registration, or has another follow the one that there is.
    fn register(&mut self, registry: &Registry, dice: &mut Dice) {
        let former = self.registration;
        self.registrations += 1;
        self.registration = self.registrations;
        self.interest = dice.choose(&[Interest::READABLE, Interest::WRITABLE, BOTH]);
        self.mode = dice.choose(&[Mode::Edge, Mode::Level, Mode::Oneshot]);
        let (token, interest, mode) = (self.token(), self.interest, self.mode);
        if former == 0 {
            registry.register_with(&mut self.socket, token, interest, mode).unwrap();
        } else {
            registry.reregister_with(&mut self.socket, token, interest, mode).unwrap();
            self.ledger.ended.store(former, Ordering::Release);
        }
    }

    fn deregister(&mut self, registry: &Registry) {
        if self.registration != 0 {
            registry.deregister(&mut self.socket).unwrap();
            self.end();
        }
    }

    /// The socket is closed while it is registered, and another takes its place.
    fn renew(&mut self) {
        (self.socket, self.peer) = connected_udp_pair();
        self.end();
    }

    fn end(&mut self) {
        self.ledger.ended.fetch_max(self.registration, Ordering::AcqRel);
        self.registration = 0;
    }

    /// Reads until nothing is left.
    fn drain(&self) {
        while self.socket.recv(&mut [0; 8]).is_ok() {}
    }

    /// Sends a message to the source, which is heard of.
    fn exchange(&mut self, registry: &Registry) {
        if self.registration == 0 || !self.interest.is_readable() {
            return;
        }
        self.drain();
        if self.mode == Mode::Oneshot {
            let (token, interest) = (self.token(), self.interest);
            registry.reregister_with(&mut self.socket, token, interest, Mode::Oneshot).unwrap();
            // Room is always there, and would be the one shot.
            if interest.is_writable() {
                return;
            }
        }
        let before = self.ledger.reports.load(Ordering::Acquire);
        self.peer.send(b"message").unwrap();
        let deadline = Instant::now() + PATIENCE;
        while self.ledger.reports.load(Ordering::Acquire) == before
            || self.ledger.heard.load(Ordering::Acquire) != self.registration
        {
            assert!(Instant::now() < deadline, "lost: {:?} {:?}", self.interest, self.mode);
            thread::yield_now();
        }
        self.drain();
    }
}

/// Random numbers that are the same in each run: xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

#[test]
fn in_a_storm_no_token_is_stale_and_no_message_is_lost() {
    // A child that another test starts would hold a dropped socket for a moment, which epoll then
    // still reports.
    in_own_process("beyond::storm::in_a_storm_no_token_is_stale_and_no_message_is_lost", storm);
}

fn storm() {
    let operations = env::var("FERRIO_STORM").map_or(40_000, |text| text.parse().expect("a number"));
    let ledgers: Vec<Ledger> = (0..SOURCES).map(|_| Ledger::default()).collect();
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let working = AtomicUsize::new(WORKERS);
    let has_failed = AtomicBool::new(false);
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (registry, ledgers) = (&registry, &ledgers);
            let (working, has_failed) = (&working, &has_failed);
            scope.spawn(move || {
                let done = Done { working, has_failed };
                work(registry, ledgers, worker, operations / WORKERS, has_failed);
                drop(done);
            });
        }
        while working.load(Ordering::Acquire) > 0 {
            // What has ended by now is silent in the wait that begins now.
            let ended: Vec<_> = ledgers.iter().map(|ledger| ledger.ended.load(Ordering::Acquire)).collect();
            poll.wait(&mut events, Some(Duration::from_millis(20))).unwrap();
            for event in &events {
                let (registration, place) = (event.token().0 / SOURCES, event.token().0 % SOURCES);
                if registration <= ended[place] {
                    has_failed.store(true, Ordering::Relaxed);
                    panic!("{:?} is stale: registration {} has ended", event, ended[place]);
                }
                if event.is_readable() {
                    ledgers[place].heard.store(registration, Ordering::Release);
                    ledgers[place].reports.fetch_add(1, Ordering::AcqRel);
                }
            }
        }
    });
    assert!(!has_failed.load(Ordering::Relaxed));
}

/// Does `operations` on the sources of `worker`.
fn work(registry: &Registry, ledgers: &[Ledger], worker: usize, operations: usize, has_failed: &AtomicBool) {
    let mut dice = Dice(worker as u64 + 1);
    let mut sockets: Vec<_> = (worker * EACH..(worker + 1) * EACH)
        .map(|place| {
            let (socket, peer) = connected_udp_pair();
            let ledger = &ledgers[place];
            let (interest, mode) = (BOTH, Mode::Edge);
            Socket { socket, peer, ledger, place, registration: 0, registrations: 0, interest, mode }
        })
        .collect();
    for _ in 0..operations {
        if has_failed.load(Ordering::Relaxed) {
            return;
        }
        let socket = &mut sockets[dice.below(EACH as u64) as usize];
        match dice.below(100) {
            0..35 => socket.register(registry, &mut dice),
            35..65 => socket.exchange(registry),
            65..85 => socket.deregister(registry),
            85..97 => socket.drain(),
            _ => socket.renew(),
        }
    }
}

/// Says that a worker has ended, also if it panicked.
struct Done<'a> {
    working: &'a AtomicUsize,
    has_failed: &'a AtomicBool,
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.has_failed.store(true, Ordering::Relaxed);
        }
        self.working.fetch_sub(1, Ordering::AcqRel);
    }
}

const WORKERS: usize = 4;

/// How many sources a worker has.
const EACH: usize = 4;

const SOURCES: usize = WORKERS * EACH;

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
