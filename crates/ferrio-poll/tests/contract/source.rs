//! `event::Source` as users implement it.

use std::io::{self, Write};

use mio::event::Source;
use mio::{Interest, Poll, Registry, Token};

use crate::harness::system::{Counter, StdStream, Stream, stream_with_std_peer};
use crate::harness::{assert_kind, expect_events, expect_no_events, expect_one_event, poll_with_events};
use crate::net_harness::tcp_with_std_peer;

const SOURCE: Token = Token(1);
const OTHER: Token = Token(2);

/// Notes what it was asked and answers with `fail`.
#[derive(Debug, Default)]
struct Witness {
    calls: Vec<(&'static str, Token, Option<Interest>)>,
    fail: Option<io::ErrorKind>,
}

impl Witness {
    fn note(&mut self, name: &'static str, token: Token, interest: Option<Interest>) -> io::Result<()> {
        self.calls.push((name, token, interest));
        self.fail.map_or(Ok(()), |kind| Err(io::Error::new(kind, "the witness refuses")))
    }
}

impl Source for Witness {
    fn register(&mut self, _: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.note("register", token, Some(interest))
    }

    fn reregister(&mut self, _: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.note("reregister", token, Some(interest))
    }

    fn deregister(&mut self, _: &Registry) -> io::Result<()> {
        self.note("deregister", Token(0), None)
    }
}

/// Two sources under one name: the second has the token after that of the first.
#[derive(Debug)]
struct Two<A, B>(A, B);

impl<A: Source, B: Source> Source for Two<A, B> {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.0.register(registry, token, interest)?;
        registry.register(&mut self.1, Token(token.0 + 1), interest)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.0.reregister(registry, token, interest)?;
        registry.reregister(&mut self.1, Token(token.0 + 1), interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.0.deregister(registry)?;
        registry.deregister(&mut self.1)
    }
}

#[test]
fn a_source_is_called_exactly_once_with_the_arguments_given() {
    let (poll, _) = poll_with_events();
    let mut witness = Witness::default();
    poll.registry().register(&mut witness, SOURCE, Interest::READABLE).unwrap();
    assert_eq!(witness.calls, [("register", SOURCE, Some(Interest::READABLE))]);
    poll.registry().reregister(&mut witness, OTHER, Interest::WRITABLE).unwrap();
    assert_eq!(witness.calls[1..], [("reregister", OTHER, Some(Interest::WRITABLE))]);
    poll.registry().deregister(&mut witness).unwrap();
    assert_eq!(witness.calls[2..], [("deregister", Token(0), None)]);
}

#[test]
fn the_errors_of_a_source_pass_through() {
    let (poll, _) = poll_with_events();
    for kind in [io::ErrorKind::NotFound, io::ErrorKind::Other, io::ErrorKind::WouldBlock] {
        let mut witness = Witness { fail: Some(kind), ..Witness::default() };
        let registry = poll.registry();
        for result in [
            registry.register(&mut witness, SOURCE, Interest::READABLE),
            registry.reregister(&mut witness, SOURCE, Interest::READABLE),
            registry.deregister(&mut witness),
        ] {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (kind, "the witness refuses"));
        }
        assert_eq!(witness.calls.len(), 3);
    }
}

/// Registers `source`, which is readable, in each way; `poll` hears it.
fn assert_is_heard<S: Source + ?Sized>(poll: &mut Poll, source: &mut S) {
    let mut events = mio::Events::with_capacity(4);
    poll.registry().register(source, SOURCE, Interest::READABLE).unwrap();
    expect_one_event(poll, &mut events, SOURCE);
    poll.registry().reregister(source, OTHER, Interest::READABLE).unwrap();
    expect_one_event(poll, &mut events, OTHER);
    poll.registry().deregister(source).unwrap();
    expect_no_events(poll, &mut events);
    assert_kind(poll.registry().deregister(source), io::ErrorKind::NotFound);
}

/// A stream with bytes to read, and its peer.
fn readable_stream() -> (Stream, StdStream) {
    let (stream, mut peer) = stream_with_std_peer();
    peer.write_all(b"bytes").unwrap();
    (stream, peer)
}

#[test]
fn a_boxed_source_is_a_source() {
    let (mut poll, _) = poll_with_events();
    let (stream, _peer) = readable_stream();
    assert_is_heard(&mut poll, &mut Box::new(stream));
}

#[test]
fn a_boxed_trait_object_is_a_source() {
    let (mut poll, _) = poll_with_events();
    let (stream, _peer) = readable_stream();
    let mut source: Box<dyn Source> = Box::new(stream);
    assert_is_heard(&mut poll, &mut source);
}

#[test]
fn a_box_in_a_box_is_a_source() {
    let (mut poll, _) = poll_with_events();
    let (stream, _peer) = readable_stream();
    let inner: Box<dyn Source + Send> = Box::new(stream);
    assert_is_heard(&mut poll, &mut Box::new(inner));
}

#[test]
fn a_reference_to_a_trait_object_is_registered() {
    let (mut poll, _) = poll_with_events();
    let (mut stream, _peer) = readable_stream();
    let source: &mut dyn Source = &mut stream;
    assert_is_heard(&mut poll, source);
}

#[test]
fn a_source_may_wrap_a_descriptor() {
    let (mut poll, _) = poll_with_events();
    let mut counter = Counter::new();
    counter.add();
    assert_is_heard(&mut poll, &mut counter);
}

#[test]
fn a_source_may_hold_two_sources() {
    let (mut poll, mut events) = poll_with_events();
    let ((unix, mut unix_peer), (tcp, mut tcp_peer)) = (stream_with_std_peer(), tcp_with_std_peer());
    let mut two = Two(unix, Box::new(tcp));
    poll.registry().register(&mut two, Token(10), Interest::READABLE).unwrap();
    unix_peer.write_all(b"bytes").unwrap();
    tcp_peer.write_all(b"bytes").unwrap();
    expect_events(
        &mut poll,
        &mut events,
        &[(Token(10), |event| event.is_readable()), (Token(11), |event| event.is_readable())],
    );
    poll.registry().reregister(&mut two, Token(20), Interest::WRITABLE).unwrap();
    expect_events(
        &mut poll,
        &mut events,
        &[(Token(20), |event| event.is_writable()), (Token(21), |event| event.is_writable())],
    );
    poll.registry().deregister(&mut two).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_source_that_fails_half_way_reports_its_error() {
    let (mut poll, mut events) = poll_with_events();
    let (stream, _peer) = readable_stream();
    let mut two = Two(stream, Witness { fail: Some(io::ErrorKind::Other), ..Witness::default() });
    assert_kind(poll.registry().register(&mut two, SOURCE, Interest::READABLE), io::ErrorKind::Other);
    assert_eq!(two.1.calls, [("register", OTHER, Some(Interest::READABLE))]);
    // The half that succeeded is the business of the source.
    expect_one_event(&mut poll, &mut events, SOURCE);
    poll.registry().deregister(&mut two.0).unwrap();
}
