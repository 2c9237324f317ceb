//! The accept loop that a program need not write.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net;
use std::time::Duration;

use mio::event::Source;
use mio::net::{Acceptor, Listener};
use mio::{Events, Interest, Mode, Poll, Registry, Token};

use crate::harness::{PATIENCE, SILENCE, poll_once};
use crate::net_harness::tcp_listener;

const LISTENER: Token = Token(3);

/// A listener that gives what it was told to.
struct Script {
    results: RefCell<VecDeque<io::Result<u32>>>,
    /// True if it refuses whatever is asked of its registration.
    is_stubborn: Cell<bool>,
    /// What it is registered as.
    token: Option<Token>,
}

impl Script {
    fn acceptor(results: impl IntoIterator<Item = io::Result<u32>>) -> Acceptor<Script> {
        Acceptor::new(Script {
            results: RefCell::new(results.into_iter().collect()),
            is_stubborn: Cell::new(false),
            token: None,
        })
    }

    /// Becomes registered as `token`, or not at all.
    fn change(&mut self, token: Option<Token>) -> io::Result<()> {
        if self.is_stubborn.get() {
            return Err(ErrorKind::OutOfMemory.into());
        }
        self.token = token;
        Ok(())
    }
}

impl Listener for Script {
    type Stream = u32;
    type Address = ();

    fn accept(&self) -> io::Result<(u32, ())> {
        let next = self.results.borrow_mut().pop_front();
        next.unwrap_or_else(|| Err(ErrorKind::WouldBlock.into())).map(|number| (number, ()))
    }
}

impl Source for Script {
    fn register(&mut self, _: &Registry, token: Token, _: Interest) -> io::Result<()> {
        self.change(Some(token))
    }

    fn reregister(&mut self, _: &Registry, token: Token, _: Interest) -> io::Result<()> {
        self.change(Some(token))
    }

    fn deregister(&mut self, _: &Registry) -> io::Result<()> {
        self.change(None)
    }
}

/// What one turn takes.
fn turn<L: Listener>(acceptor: &mut Acceptor<L>) -> Vec<L::Stream> {
    let mut streams = Vec::new();
    while let Some((stream, _)) = acceptor.accept().unwrap() {
        streams.push(stream);
    }
    streams
}

#[test]
fn clients_are_accepted_by_the_event_of_the_acceptor() {
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(8));
    let (listener, address) = tcp_listener();
    let mut acceptor = Acceptor::new(listener);
    poll.registry().register(&mut acceptor, LISTENER, Interest::READABLE).unwrap();
    let client = net::TcpStream::connect(address).unwrap();
    poll_once(&mut poll, &mut events, PATIENCE);
    assert!(events.iter().all(|event| event.token() == LISTENER) && !events.is_empty());
    let (stream, peer) = acceptor.accept().unwrap().expect("a connection");
    assert_eq!(peer, client.local_addr().unwrap());
    assert!(acceptor.accept().unwrap().is_none());
    assert_eq!(acceptor.stats().accepted, 1);
    drop(stream);

    poll.registry().deregister(&mut acceptor).unwrap();
    let _client = net::TcpStream::connect(address).unwrap();
    poll_once(&mut poll, &mut events, SILENCE);
    assert!(events.is_empty(), "{events:?}");
    // Its listener goes on without it.
    acceptor.into_listener().accept().unwrap();
}

#[test]
fn a_rush_is_taken_in_turns_and_nobody_is_left_behind() {
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(8));
    let (listener, address) = tcp_listener();
    let mut acceptor = Acceptor::new(listener).turn(3);
    poll.registry().register(&mut acceptor, LISTENER, Interest::READABLE).unwrap();
    let clients: Vec<_> = (0..10).map(|_| net::TcpStream::connect(address).unwrap()).collect();
    let mut streams = Vec::new();
    while streams.len() < clients.len() {
        poll_once(&mut poll, &mut events, PATIENCE);
        assert!(!events.is_empty(), "{} of {} were accepted", streams.len(), clients.len());
        let taken = turn(&mut acceptor);
        assert!(taken.len() <= 3, "{} in one turn", taken.len());
        streams.extend(taken);
    }
    assert_eq!(acceptor.stats().accepted, 10);
}

#[test]
fn a_connection_that_failed_does_not_end_the_turn() {
    let aborted = || Err(ErrorKind::ConnectionAborted.into());
    let interrupted = Err(ErrorKind::Interrupted.into());
    let mut acceptor = Script::acceptor([aborted(), Ok(1), interrupted, aborted(), Ok(2), aborted()]);
    assert_eq!(turn(&mut acceptor), [1, 2]);
    let stats = acceptor.stats();
    assert_eq!((stats.accepted, stats.failed, stats.refused, stats.pauses), (2, 4, 0, 0));
    assert!(!acceptor.is_paused());
}

#[test]
fn a_flood_of_failed_connections_holds_nobody_up() {
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(8));
    let flood = (0..1000).map(|_| Err(ErrorKind::ConnectionAborted.into())).chain([Ok(7)]);
    let mut acceptor = Script::acceptor(flood);
    poll.registry().register(&mut acceptor, LISTENER, Interest::READABLE).unwrap();
    let (mut turns, mut taken) = (0, turn(&mut acceptor));
    while taken.is_empty() {
        assert!(acceptor.stats().failed <= 64 * (turns + 1), "a turn had no end");
        poll_once(&mut poll, &mut events, PATIENCE);
        assert_eq!(events.len(), 1, "no turn follows");
        taken = turn(&mut acceptor);
        turns += 1;
    }
    assert_eq!((taken, turns, acceptor.stats().failed), (vec![7], 15, 1000));
}

#[test]
fn an_error_of_the_listener_itself_is_returned() {
    let mut acceptor = Script::acceptor([Err(ErrorKind::InvalidInput.into()), Ok(1)]);
    assert_eq!(acceptor.accept().unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(acceptor.accept().unwrap(), Some((1, ())));
}

#[test]
fn an_acceptor_is_registered_as_edge_and_readable_alone() {
    let poll = Poll::new().unwrap();
    let (listener, _) = tcp_listener();
    let mut acceptor = Acceptor::new(listener);
    for mode in [Mode::Level, Mode::Oneshot] {
        let error = poll.registry().register_with(&mut acceptor, LISTENER, Interest::READABLE, mode);
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains(&format!("{mode:?}")), "{error}");
    }
    let both = Interest::READABLE | Interest::WRITABLE;
    let error = poll.registry().register(&mut acceptor, LISTENER, both).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    // Nothing of it is left.
    poll.registry().register(&mut acceptor, LISTENER, Interest::READABLE).unwrap();
    poll.registry().reregister(&mut acceptor, Token(4), Interest::READABLE).unwrap();
    poll.registry().deregister(&mut acceptor).unwrap();
}

#[test]
fn a_registration_that_fails_half_way_leaves_what_was() {
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(8));
    let registry = poll.registry().try_clone().unwrap();
    // Each turn is followed by an event of the timer, which tells as what that is registered.
    let mut acceptor = Script::acceptor((0..1000).map(|_| Err(ErrorKind::ConnectionAborted.into())));
    let mut tokens = |acceptor: &mut Acceptor<Script>| {
        assert!(turn(acceptor).is_empty());
        let timeout = if acceptor.listener().token.is_some() { PATIENCE } else { SILENCE };
        poll_once(&mut poll, &mut events, timeout);
        (acceptor.listener().token, events.iter().next().map(|event| event.token()))
    };
    let refuse = |acceptor: &Acceptor<Script>, refuses| acceptor.listener().is_stubborn.set(refuses);
    let (first, second) = (Some(Token(3)), Some(Token(4)));
    for _ in 0..3 {
        refuse(&acceptor, true);
        registry.register(&mut acceptor, Token(3), Interest::READABLE).unwrap_err();
        assert_eq!(tokens(&mut acceptor), (None, None));
        refuse(&acceptor, false);
        registry.register(&mut acceptor, Token(3), Interest::READABLE).unwrap();
        refuse(&acceptor, true);
        registry.reregister(&mut acceptor, Token(4), Interest::READABLE).unwrap_err();
        assert_eq!(tokens(&mut acceptor), (first, first));
        refuse(&acceptor, false);
        registry.reregister(&mut acceptor, Token(4), Interest::READABLE).unwrap();
        refuse(&acceptor, true);
        registry.deregister(&mut acceptor).unwrap_err();
        assert_eq!(tokens(&mut acceptor), (second, second));
        refuse(&acceptor, false);
        registry.deregister(&mut acceptor).unwrap();
        assert_eq!(tokens(&mut acceptor), (None, None));
    }
}

#[test]
fn a_registration_with_another_poll_is_refused_and_changes_nothing() {
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(8));
    let other = Poll::new().unwrap();
    let (listener, address) = tcp_listener();
    let mut acceptor = Acceptor::new(listener);
    poll.registry().register(&mut acceptor, LISTENER, Interest::READABLE).unwrap();
    other.registry().register(&mut acceptor, Token(9), Interest::READABLE).unwrap_err();
    other.registry().reregister(&mut acceptor, Token(9), Interest::READABLE).unwrap_err();
    other.registry().deregister(&mut acceptor).unwrap_err();
    let _client = net::TcpStream::connect(address).unwrap();
    poll_once(&mut poll, &mut events, PATIENCE);
    assert_eq!(events.iter().next().map(|event| event.token()), Some(LISTENER));
    assert_eq!(turn(&mut acceptor).len(), 1);
    poll.registry().deregister(&mut acceptor).unwrap();
}

#[test]
fn a_resume_without_a_pause_does_nothing() {
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(8));
    let mut acceptor = Script::acceptor([]);
    poll.registry().register(&mut acceptor, LISTENER, Interest::READABLE).unwrap();
    acceptor.resume();
    poll_once(&mut poll, &mut events, Duration::ZERO);
    assert!(events.is_empty() && !acceptor.is_paused());
}
