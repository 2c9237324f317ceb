//! What a parker finds beside the events, whatever takes the packets.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::windows::io::{AsRawSocket, AsSocket};
use std::time::{Duration, Instant};

use super::Beside;
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::event::{self, Event};
use crate::sys::selected::Selected;
use crate::sys::windows::CANDIDATES;
use crate::sys::windows::handle::{self, Place};
use crate::sys::windows::selector::{Scratch, Selector};
use crate::token::Token;

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
const PATIENCE: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_millis(50);

/// A selector with a parker's sockets.
struct Parker {
    selector: Selector,
    scratch: Scratch,
    beside: Beside,
}

impl Parker {
    fn new() -> Parker {
        let selector = Selector::new(CANDIDATES[0]).unwrap();
        let beside = selector.beside();
        Parker { selector, scratch: Scratch::default(), beside }
    }

    fn arm(&mut self, place: usize, socket: &impl AsSocket, interest: Interest) {
        self.beside.arm(place, socket.as_socket(), interest).unwrap();
    }

    /// The tokens of the events of one wait with room for so many, and what was found beside.
    fn wait(&mut self, room: usize, timeout: Duration) -> (Vec<usize>, Vec<usize>) {
        let mut events = vec![event::EMPTY; room];
        let selected =
            self.selector.wait_beside(&mut self.scratch, &mut events, &self.beside, Some(timeout)).unwrap();
        (tokens(&events, selected), self.found())
    }

    /// The tokens of a wait that knows of nothing beside.
    fn wait_plainly(&mut self, timeout: Duration) -> Vec<usize> {
        let mut events = [event::EMPTY; 8];
        let selected = self.selector.wait(&mut self.scratch, &mut events, Some(timeout)).unwrap();
        tokens(&events, selected)
    }

    /// Looks without room until something is found beside.
    fn look_until_found(&mut self) -> Vec<usize> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.selector.look_beside(&mut self.scratch, &self.beside).unwrap();
            let found = self.found();
            if !found.is_empty() || Instant::now() > deadline {
                return found;
            }
        }
    }

    fn found(&mut self) -> Vec<usize> {
        self.beside.found().map(|event| event::token(&event).0).collect()
    }

    fn register(&self, socket: &impl AsSocket, token: usize, interest: Interest, mode: Mode) -> Place {
        let mut place = Place::new();
        self.selector.register(handle::of(socket), &mut place, Token(token), interest, mode).unwrap();
        place
    }
}

fn tokens(events: &[Event], selected: Selected) -> Vec<usize> {
    events[..selected.count].iter().map(|event| event::token(event).0).collect()
}

fn udp() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").unwrap()
}

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    server.set_nonblocking(true).unwrap();
    (server, client)
}

#[test]
fn a_socket_beside_is_found_once_and_ends_the_wait() {
    let mut parker = Parker::new();
    let (mut server, mut client) = pair();
    parker.arm(3, &server, Interest::READABLE);
    assert_eq!(parker.wait(8, SILENCE), (vec![], vec![]));
    client.write_all(b"x").unwrap();
    assert_eq!(parker.wait(8, PATIENCE), (vec![], vec![3]));
    // It is still readable, but was asked for once.
    assert_eq!(parker.wait(8, SILENCE), (vec![], vec![]));
    parker.arm(3, &server, Interest::READABLE);
    assert_eq!(parker.wait(8, PATIENCE), (vec![], vec![3]));
    assert_eq!(server.read(&mut [0; 8]).unwrap(), 1);
    parker.arm(3, &server, Interest::READABLE);
    assert_eq!(parker.wait(8, SILENCE), (vec![], vec![]));
}

#[test]
fn a_plain_wait_keeps_what_it_finds_beside_and_goes_on() {
    let mut parker = Parker::new();
    let socket = udp();
    parker.arm(0, &socket, Interest::WRITABLE);
    let begin = Instant::now();
    assert!(parker.wait_plainly(SILENCE).is_empty());
    assert!(begin.elapsed() >= SILENCE);
    let begin = Instant::now();
    assert_eq!(parker.wait(8, PATIENCE), (vec![], vec![0]), "it ends at once");
    assert!(begin.elapsed() < PATIENCE);
}

#[test]
fn both_the_user_and_the_parker_hear_of_one_socket() {
    let mut parker = Parker::new();
    let (server, mut client) = pair();
    let _place = parker.register(&server, 7, Interest::READABLE, Mode::Edge);
    parker.arm(7, &server, Interest::READABLE);
    client.write_all(b"x").unwrap();
    let (mut events, mut found) = (vec![], vec![]);
    while events.is_empty() || found.is_empty() {
        let news = parker.wait(8, PATIENCE);
        assert_ne!(news, (vec![], vec![]), "nothing more than {events:?}, {found:?}");
        events.extend(news.0);
        found.extend(news.1);
    }
    assert_eq!((events, found), (vec![7], vec![7]));
}

#[test]
fn what_is_beside_needs_no_room_and_the_events_of_others_are_not_lost() {
    let mut parker = Parker::new();
    let sources: Vec<_> = (0..40).map(|_| udp()).collect();
    let register = |(token, socket)| parker.register(socket, token, Interest::WRITABLE, Mode::Edge);
    let _places: Vec<_> = sources.iter().enumerate().map(register).collect();
    let socket = udp();
    parker.arm(9, &socket, Interest::WRITABLE);
    assert_eq!(parker.look_until_found(), [9]);
    let mut heard = Vec::new();
    while heard.len() < sources.len() {
        parker.arm(9, &socket, Interest::WRITABLE);
        let (events, found) = parker.wait(1, PATIENCE);
        assert!(!(events.is_empty() && found.is_empty()), "only {} came", heard.len());
        heard.extend(events);
    }
    heard.sort_unstable();
    assert!(heard.into_iter().eq(0..sources.len()));
}

#[test]
fn nothing_is_found_of_a_socket_that_was_forgotten_or_replaced() {
    let mut parker = Parker::new();
    let (writable, silent) = (udp(), udp());
    for taken in [false, true] {
        parker.arm(0, &writable, Interest::WRITABLE);
        parker.arm(1, &writable, Interest::WRITABLE);
        if taken {
            // Both stand in the list.
            assert!(parker.wait_plainly(SILENCE).is_empty());
        }
        parker.beside.forget(0);
        parker.arm(1, &silent, Interest::READABLE);
        assert_eq!(parker.wait(8, SILENCE), (vec![], vec![]));
        parker.beside.forget(1);
    }
    parker.beside.forget(70);
    // The polls that were ended come back.
    let begin = Instant::now();
    while parker.selector.shared.usage().1 > 0 {
        assert!(begin.elapsed() < PATIENCE, "a slot is still in use");
        assert_eq!(parker.wait(8, SILENCE), (vec![], vec![]));
    }
}

#[test]
fn a_socket_that_was_closed_without_a_word_is_replaced_by_one_of_its_number() {
    let mut parker = Parker::new();
    let (server, client) = pair();
    parker.arm(0, &server, Interest::READABLE);
    let number = server.as_raw_socket();
    drop((server, client));
    assert_eq!(parker.wait(8, SILENCE), (vec![], vec![]));
    // The system gives numbers out anew, mostly at once.
    let sockets: Vec<_> = (0..64).map(|_| udp()).collect();
    let same = sockets.iter().find(|socket| socket.as_raw_socket() == number);
    let socket = same.unwrap_or(&sockets[0]);
    parker.arm(0, socket, Interest::WRITABLE);
    assert_eq!(parker.wait(8, PATIENCE), (vec![], vec![0]));
}

#[test]
fn a_wake_ends_a_wait_and_is_heard_without_room() {
    let mut parker = Parker::new();
    let socket = udp();
    parker.arm(0, &socket, Interest::READABLE);
    parker.selector.signal().unwrap();
    let mut events = [event::EMPTY; 8];
    let (selector, beside) = (&parker.selector, &parker.beside);
    let selected = selector.wait_beside(&mut parker.scratch, &mut events, beside, Some(PATIENCE)).unwrap();
    assert!(selected.woken && selected.count == 0);
    selector.signal().unwrap();
    assert!(selector.look_beside(&mut parker.scratch, beside).unwrap());
    assert!(!selector.look_beside(&mut parker.scratch, beside).unwrap());
}

#[test]
fn what_is_not_taken_out_stays() {
    let mut parker = Parker::new();
    let sockets = [udp(), udp(), udp()];
    for (place, socket) in sockets.iter().enumerate() {
        parker.arm(place, socket, BOTH);
    }
    let (mut found, begin) = (Vec::new(), Instant::now());
    while found.len() < sockets.len() && begin.elapsed() < PATIENCE {
        assert!(parker.wait_plainly(SILENCE).is_empty());
        // The iterator is dropped before its end.
        found.extend(parker.beside.found().next().map(|event| event::token(&event).0));
    }
    found.sort_unstable();
    assert_eq!(found, [0, 1, 2]);
}

#[test]
fn what_no_socket_has_cannot_be_asked_for() {
    let mut parker = Parker::new();
    let socket = udp();
    parker.arm(0, &socket, Interest::WRITABLE);
    let refused = parker.beside.arm(0, socket.as_socket(), Interest::AIO).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    // Nor is what was asked for before.
    assert_eq!(parker.wait(8, SILENCE), (vec![], vec![]));
}

#[test]
fn a_question_costs_one_poll_and_a_change_of_mind_no_cancel() {
    let mut parker = Parker::new();
    let (server, mut client) = pair();
    for _ in 0..20 {
        parker.arm(0, &server, Interest::READABLE);
        client.write_all(b"x").unwrap();
        assert_eq!(parker.wait(8, PATIENCE), (vec![], vec![0]));
        assert_eq!((&server).read(&mut [0; 8]).unwrap(), 1);
    }
    assert_eq!(parker.selector.shared.costs(), (20, 0));
    // What is under way already is not asked for again.
    parker.arm(0, &server, Interest::READABLE);
    parker.arm(0, &server, BOTH);
    assert_eq!(parker.wait(8, PATIENCE), (vec![], vec![0]));
    parker.arm(0, &server, Interest::READABLE);
    assert_eq!(parker.wait(8, SILENCE), (vec![], vec![]));
    assert_eq!(parker.selector.shared.costs(), (22, 0));
}
