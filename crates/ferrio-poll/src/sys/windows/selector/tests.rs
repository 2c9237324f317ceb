//! What only the inside of a selector shows: its slots, its polls, and what AFD does to them.
#![allow(unsafe_code, reason = "a poll of a foreigner")]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Scratch, Selector};
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::event::{self, Event};
use crate::sys::socket_option::Settings;
use crate::sys::windows::afd::{self, Afd, Block, PollInfo};
use crate::sys::windows::batch::Batch;
use crate::sys::windows::chunks::{CHUNK_SLOTS, CHUNKS_BEFORE_REAP};
use crate::sys::windows::event::Flags;
use crate::sys::windows::handle::{self, AsSource, Place};
use crate::sys::windows::hooks;
use crate::sys::windows::port::{Key, Packet, Port};
use crate::sys::windows::{CANDIDATES, socket};
use crate::token::Token;

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
const PATIENCE: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_millis(50);

/// A registered source.
struct Source<T: AsSource> {
    inner: T,
    place: Place,
}

impl<T: AsSource> Source<T> {
    fn new(inner: T) -> Source<T> {
        Source { inner, place: Place::new() }
    }

    fn register(
        &mut self,
        selector: &Selector,
        token: usize,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        selector.register(handle::of(&self.inner), &mut self.place, Token(token), interest, mode)
    }

    fn deregister(&mut self, selector: &Selector) -> io::Result<()> {
        selector.deregister(handle::of(&self.inner), &mut self.place)
    }

    fn rearm(&self, direction: Interest) {
        hooks::rearm(handle::of(&self.inner), &self.place, direction);
    }
}

fn selector() -> Selector {
    Selector::new(CANDIDATES[0]).unwrap()
}

fn udp() -> UdpSocket {
    socket::udp("127.0.0.1:0".parse().unwrap(), &Settings::default()).unwrap()
}

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    server.set_nonblocking(true).unwrap();
    (server, client)
}

/// The tokens of one wait.
fn wait(selector: &Selector, scratch: &mut Scratch, timeout: Duration) -> Vec<usize> {
    let mut events = [event::EMPTY; 8];
    let found = selector.wait(scratch, &mut events, Some(timeout)).unwrap();
    events[..found.count].iter().map(|event: &Event| event::token(event).0).collect()
}

#[test]
fn slots_and_handles_do_not_grow_with_registrations_that_nobody_waits_for() {
    let selector = selector();
    let mut source = Source::new(udp());
    for token in 0..10_000 {
        source.register(&selector, token, BOTH, Mode::Edge).unwrap();
        source.deregister(&selector).unwrap();
    }
    let (chunks, _) = selector.shared.usage();
    assert!(chunks <= 8, "{chunks} handles of AFD");
    assert!(wait(&selector, &mut Scratch::default(), SILENCE).is_empty(), "a stale token");
    let (_, used) = selector.shared.usage();
    assert_eq!(used, 0);
}

#[test]
fn slots_and_handles_do_not_grow_with_registrations_and_waits() {
    let (selector, mut scratch) = (selector(), Scratch::default());
    let mut source = Source::new(udp());
    for token in 0..10_000 {
        source.register(&selector, token, BOTH, Mode::Edge).unwrap();
        assert_eq!(wait(&selector, &mut scratch, PATIENCE), [token]);
        source.deregister(&selector).unwrap();
    }
    assert!(wait(&selector, &mut scratch, SILENCE).is_empty());
    assert_eq!(selector.shared.usage(), (1, 0));
}

#[test]
fn a_message_costs_one_poll_and_no_cancel_while_a_worker_reads() {
    const MESSAGES: usize = 200;
    let (selector, mut scratch) = (Arc::new(selector()), Scratch::default());
    let (server, mut client) = pair();
    let mut source = Source::new(server);
    source.register(&selector, 1, BOTH, Mode::Edge).unwrap();
    assert_eq!(wait(&selector, &mut scratch, PATIENCE), [1], "there is room");
    // The reading side is asked for by the wait in which the poller sleeps.
    assert!(wait(&selector, &mut scratch, SILENCE).is_empty());
    let (polls, cancels) = selector.shared.costs();
    let is_over = Arc::new(AtomicBool::new(false));
    let poller = thread::spawn({
        let (selector, is_over) = (Arc::clone(&selector), Arc::clone(&is_over));
        move || {
            while !is_over.load(Ordering::Relaxed) {
                wait(&selector, &mut scratch, SILENCE);
            }
        }
    });
    for _ in 0..MESSAGES {
        client.write_all(b"message").unwrap();
        let mut buf = [0; 16];
        // Until it has come, as a worker does that the poller tells of it.
        while (&source.inner).read(&mut buf).is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(1));
        assert_eq!((&source.inner).read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
        source.rearm(Interest::READABLE);
    }
    is_over.store(true, Ordering::Relaxed);
    poller.join().unwrap();
    let (polls, cancels) = (selector.shared.costs().0 - polls, selector.shared.costs().1 - cancels);
    assert!(polls <= MESSAGES * 105 / 100, "{polls} polls for {MESSAGES} messages");
    assert_eq!(cancels, 0);
}

#[test]
fn a_socket_that_was_closed_behind_its_registration_is_silent_and_says_so() {
    let (selector, mut scratch) = (selector(), Scratch::default());
    let (server, mut client) = pair();
    let mut source = Source::new(server);
    source.register(&selector, 1, Interest::READABLE, Mode::Level).unwrap();
    assert!(wait(&selector, &mut scratch, SILENCE).is_empty());
    let Source { inner, mut place } = source;
    drop(inner);
    let _ = client.write_all(b"late");
    assert!(wait(&selector, &mut scratch, SILENCE).is_empty());
    let other = udp();
    let result = selector.reregister(handle::of(&other), &mut place, Token(2), BOTH, Mode::Edge);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound);
    let error = selector.deregister(handle::of(&other), &mut place).unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
    assert_eq!(selector.shared.usage().1, 0);
}

#[test]
fn an_exclusive_poll_of_a_foreigner_ends_ours_and_nothing_is_lost() {
    let (selector, mut scratch) = (selector(), Scratch::default());
    let (server, mut client) = pair();
    let base = afd::base_socket(std::os::windows::io::AsSocket::as_socket(&server)).unwrap();
    let mut source = Source::new(server);
    source.register(&selector, 1, Interest::READABLE, Mode::Edge).unwrap();
    assert!(wait(&selector, &mut scratch, SILENCE).is_empty());

    let port = Port::new().unwrap();
    let foreigner = Afd::open(&port).unwrap();
    let block = Block::new();
    let info = PollInfo::new(base, Flags::RECEIVE).exclusive();
    // SAFETY: the block lives until the packet was taken below.
    unsafe { foreigner.poll(&block, info, 1) }.unwrap();
    assert!(wait(&selector, &mut scratch, SILENCE).is_empty(), "a poll without handles is no event");
    client.write_all(b"x").unwrap();
    assert_eq!(wait(&selector, &mut scratch, PATIENCE), [1]);
    let mut packets = [Packet::EMPTY; 1];
    assert_eq!(port.take(&mut packets, Some(PATIENCE)).unwrap(), 1);
}

#[test]
fn a_failure_to_ask_for_a_direction_is_told_by_the_poller() {
    let (selector, mut scratch) = (selector(), Scratch::default());
    let (server, client) = pair();
    let mut source = Source::new(server);
    source.register(&selector, 1, BOTH, Mode::Edge).unwrap();
    assert_eq!(wait(&selector, &mut scratch, PATIENCE), [1]);
    let Source { inner, place } = source;
    drop((inner, client));
    // No poll was under way that would have seen the close.
    let other = udp();
    hooks::rearm(handle::of(&other), &place, BOTH);
    assert_eq!(wait(&selector, &mut scratch, PATIENCE), [1]);
    assert!(wait(&selector, &mut scratch, SILENCE).is_empty(), "the poller does not spin");
}

#[test]
fn a_selector_ends_in_any_order_with_its_registrations_and_their_threads() {
    for round in 0..50 {
        let selector = Arc::new(selector());
        let mut sources: Vec<_> = (0..40).map(|_| Source::new(udp())).collect();
        for (token, source) in sources.iter_mut().enumerate() {
            source.register(&selector, token, Interest::READABLE, Mode::Edge).unwrap();
        }
        let late = thread::spawn({
            let selector = Arc::clone(&selector);
            move || {
                let mut source = Source::new(udp());
                source.register(&selector, 99, BOTH, Mode::Level).unwrap();
                source
            }
        });
        if round % 2 == 0 {
            drop(sources);
            drop(selector);
        } else {
            drop(selector);
            drop(sources);
        }
        drop(late.join().unwrap());
    }
}

#[test]
fn two_selectors_watch_one_socket() {
    let (one, two) = (selector(), selector());
    let (server, mut client) = pair();
    let mut first = Source::new(server.try_clone().unwrap());
    let mut second = Source::new(server);
    first.register(&one, 1, Interest::READABLE, Mode::Edge).unwrap();
    second.register(&two, 2, Interest::READABLE, Mode::Edge).unwrap();
    client.write_all(b"x").unwrap();
    assert_eq!(wait(&one, &mut Scratch::default(), PATIENCE), [1]);
    assert_eq!(wait(&two, &mut Scratch::default(), PATIENCE), [2]);
    let error = first.register(&two, 3, BOTH, Mode::Edge).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(first.deregister(&two).unwrap_err().kind(), ErrorKind::NotFound);
    first.deregister(&one).unwrap();
}

/// The packet that comes next.
fn packet(selector: &Selector) -> Packet {
    let mut packets = [Packet::EMPTY; 1];
    assert_eq!(selector.shared.port.take(&mut packets, Some(PATIENCE)).unwrap(), 1);
    packets[0]
}

#[test]
fn a_slot_that_is_used_again_within_a_wait_has_an_event_of_its_own() {
    let (selector, mut listed) = (selector(), Vec::new());
    let mut events = [event::EMPTY; 8];
    let mut batch = Batch::new(1, &mut events);
    let mut first = Source::new(udp());
    first.register(&selector, 1, Interest::WRITABLE, Mode::Edge).unwrap();
    selector.shared.came_back(packet(&selector), &mut batch, &mut listed);
    first.deregister(&selector).unwrap();
    let mut second = Source::new(udp());
    second.register(&selector, 2, Interest::WRITABLE, Mode::Edge).unwrap();
    selector.shared.came_back(packet(&selector), &mut batch, &mut listed);
    let (handle, place) = (handle::of(&second.inner), &mut second.place);
    selector.reregister(handle, place, Token(3), Interest::WRITABLE, Mode::Edge).unwrap();
    selector.shared.came_back(packet(&selector), &mut batch, &mut listed);
    let count = batch.count();
    assert_eq!(events[..count].iter().map(|event| event::token(event).0).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(wait(&selector, &mut Scratch::default(), SILENCE).is_empty());
}

#[test]
fn a_flood_of_packets_that_are_no_events_does_not_hold_a_look() {
    let selector = Arc::new(selector());
    let is_over = Arc::new(AtomicBool::new(false));
    let flood: Vec<_> = (0..2)
        .map(|_| {
            let (selector, is_over) = (Arc::clone(&selector), Arc::clone(&is_over));
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    selector.signal().unwrap();
                }
            })
        })
        .collect();
    let begin = Instant::now();
    let mut events = [event::EMPTY; 1];
    for _ in 0..20 {
        selector.wait(&mut Scratch::default(), &mut events, Some(Duration::ZERO)).unwrap();
    }
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
    is_over.store(true, Ordering::Relaxed);
    flood.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn packets_of_others_that_were_taken_in_place_of_the_poller_are_not_lost() {
    let (selector, mut scratch) = (selector(), Scratch::default());
    let mut kept: Vec<_> = (0..CHUNK_SLOTS * CHUNKS_BEFORE_REAP - 1).map(|_| Source::new(udp())).collect();
    for (token, source) in kept.iter_mut().enumerate() {
        source.register(&selector, token, Interest::WRITABLE, Mode::Edge).unwrap();
    }
    let mut gone = Source::new(udp());
    gone.register(&selector, 999, Interest::READABLE, Mode::Edge).unwrap();
    gone.deregister(&selector).unwrap();
    // There is no free slot now, but one that is closing.
    let mut last = Source::new(udp());
    last.register(&selector, kept.len(), Interest::WRITABLE, Mode::Edge).unwrap();
    assert!(selector.shared.put_back.pop().map(|packet| selector.shared.put_back.push(packet)).is_some());
    let mut heard = Vec::new();
    while heard.len() <= kept.len() {
        let tokens = wait(&selector, &mut scratch, PATIENCE);
        assert!(!tokens.is_empty(), "only {} came", heard.len());
        heard.extend(tokens);
    }
    heard.sort_unstable();
    assert!(heard.into_iter().eq(0..=kept.len()));
}

#[test]
fn a_poller_that_computes_keeps_no_packets_from_another() {
    // As with workers that take turns: this thread takes a packet and does not sleep.
    let port = Arc::new(Port::new().unwrap());
    port.post(Packet::new(Key::Wake, 0, 0)).unwrap();
    assert_eq!(port.take(&mut [Packet::EMPTY; 1], Some(PATIENCE)).unwrap(), 1);
    port.post(Packet::new(Key::Wake, 0, 0)).unwrap();
    let other = thread::spawn({
        let port = Arc::clone(&port);
        move || port.take(&mut [Packet::EMPTY; 1], Some(PATIENCE)).unwrap()
    });
    while !other.is_finished() {
        std::hint::spin_loop();
    }
    assert_eq!(other.join().unwrap(), 1);
}
