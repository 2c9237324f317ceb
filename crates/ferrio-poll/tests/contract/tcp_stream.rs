//! `TcpStream`: connecting, reading, writing, peeking, `try_io`.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net;

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Token};
use socket2::SockRef;

use crate::harness::system::duplicate;
use crate::harness::{
    BOTH, PATIENCE, assert_would_block, expect_events, expect_no_events, expect_one_event, poll_with_events,
    retry,
};
use crate::net_harness::{
    any_local_v6, drain, fill, read_len, settle, tcp_listener, tcp_pair, tcp_with_std_peer,
};

const STREAM: Token = Token(1);
const PEER: Token = Token(2);

#[test]
fn a_connect_is_exactly_one_writable_event() {
    let (_listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    let mut stream = TcpStream::connect(address).unwrap();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_writable());
    assert!(!event.is_readable() && !event.is_error() && !event.is_priority());
    assert!(!event.is_read_closed() && !event.is_write_closed());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_connect_is_known_good_by_take_error_and_peer_addr() {
    let (_listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    let mut stream = TcpStream::connect(address).unwrap();
    poll.registry().register(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    assert!(stream.take_error().unwrap().is_none());
    assert_eq!(stream.peer_addr().unwrap(), address);
}

#[test]
fn the_local_address_is_known_as_soon_as_connect_returns() {
    let (listener, address) = tcp_listener();
    let stream = TcpStream::connect(address).unwrap();
    let local = stream.local_addr().unwrap();
    assert_eq!(retry(|| listener.accept()).unwrap().1, local);
}

#[test]
fn a_connect_over_ipv6_echoes() {
    let listener = TcpListener::bind(any_local_v6()).unwrap();
    let (mut poll, mut events) = poll_with_events();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    let (mut peer, _) = retry(|| listener.accept()).unwrap();
    stream.write_all(b"six").unwrap();
    let mut buf = [0; 8];
    let n = retry(|| peer.read(&mut buf)).unwrap();
    peer.write_all(&buf[..n]).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_readable)]);
    assert_eq!(drain(&stream), (b"six".to_vec(), false));
}

#[test]
fn a_stream_made_from_std_reports_and_echoes() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    stream.set_nonblocking(true).unwrap();
    let mut stream = TcpStream::from_std(stream);
    let (mut peer, _) = listener.accept().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    stream.write_all(b"std").unwrap();
    peer.write_all(&read_len(&peer, 3)).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_readable)]);
    assert_eq!(drain(&stream), (b"std".to_vec(), false));
}

#[test]
fn reading_from_an_empty_stream_would_block() {
    let (mut stream, _peer) = tcp_with_std_peer();
    assert_would_block(stream.read(&mut [0; 8]));
    assert_would_block(stream.peek(&mut [0; 8]));
    assert_would_block(stream.read_vectored(&mut [IoSliceMut::new(&mut [0; 8])]));
}

#[test]
fn shared_references_read_and_write() {
    let (stream, peer) = tcp_pair();
    (&stream).write_all(b"shared").unwrap();
    (&stream).flush().unwrap();
    let mut buf = [0; 8];
    assert_eq!(retry(|| (&peer).read(&mut buf)).unwrap(), 6);
    assert_eq!(&buf[..6], b"shared");
    assert_would_block((&peer).read(&mut buf));
}

#[test]
fn vectored_writes_gather_and_vectored_reads_scatter() {
    let (mut stream, mut peer) = tcp_pair();
    let parts = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cdefg")];
    assert_eq!(stream.write_vectored(&parts).unwrap(), 7);
    stream.flush().unwrap();
    let (mut head, mut tail) = ([0; 3], [0; 8]);
    let mut bufs = [IoSliceMut::new(&mut head), IoSliceMut::new(&mut tail)];
    assert_eq!(retry(|| peer.read_vectored(&mut bufs)).unwrap(), 7);
    assert_eq!((&head, &tail[..4]), (b"abc", &b"defg"[..]));
}

#[test]
fn shared_references_read_and_write_vectored() {
    let (stream, peer) = tcp_pair();
    let parts = [IoSlice::new(b"one"), IoSlice::new(b"two")];
    assert_eq!((&stream).write_vectored(&parts).unwrap(), 6);
    let (mut head, mut tail) = ([0; 2], [0; 4]);
    let mut bufs = [IoSliceMut::new(&mut head), IoSliceMut::new(&mut tail)];
    assert_eq!(retry(|| (&peer).read_vectored(&mut bufs)).unwrap(), 6);
    assert_eq!((&head, &tail), (b"on", b"etwo"));
}

#[test]
fn several_writes_succeed_at_once_and_arrive_in_order() {
    let (mut stream, peer) = tcp_with_std_peer();
    for part in [b"one ", b"two ", b"tri ", b"for "] {
        assert_eq!(stream.write(part).unwrap(), part.len());
    }
    assert_eq!(read_len(peer, 16), b"one two tri for ");
}

#[test]
fn one_mebibyte_arrives_whole_through_drain_loops() {
    const LEN: usize = 1 << 20;
    let (mut stream, mut peer) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    poll.registry().register(&mut peer, PEER, Interest::READABLE).unwrap();
    let bytes: Vec<u8> = (0..LEN).map(|at| (at % 251) as u8).collect();
    let (mut sent, mut received) = (0, Vec::new());
    while received.len() < LEN {
        poll.poll(&mut events, Some(PATIENCE)).unwrap();
        assert!(!events.is_empty(), "stuck at {sent} sent, {} received", received.len());
        for event in events.iter() {
            if event.token() == PEER {
                received.extend_from_slice(&drain(&peer).0);
                continue;
            }
            while sent < LEN {
                match stream.write(&bytes[sent..]) {
                    Ok(n) => sent += n,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => panic!("write failed: {error}"),
                }
            }
        }
    }
    assert!(received == bytes, "the bytes differ");
}

#[test]
fn a_full_stream_becomes_writable_when_the_peer_reads() {
    let (mut stream, peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    // Room may appear while the first bytes are on their way; full is when a
    // further write blocks after that.
    let mut written = fill(&stream);
    settle();
    written += fill(&stream);
    read_len(&peer, written);
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    assert!(stream.write(b"more").unwrap() > 0);
}

#[test]
fn peek_shows_bytes_and_leaves_them() {
    let (stream, mut peer) = tcp_with_std_peer();
    peer.write_all(b"look").unwrap();
    let mut buf = [0; 8];
    assert_eq!(retry(|| stream.peek(&mut buf)).unwrap(), 4);
    assert_eq!(stream.peek(&mut buf[..2]).unwrap(), 2);
    assert_eq!(drain(&stream), (b"look".to_vec(), false));
}

#[test]
fn peek_does_not_consume_the_event() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"look").unwrap();
    retry(|| stream.peek(&mut [0; 8])).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, STREAM).is_readable());
    assert_eq!(stream.peek(&mut [0; 8]).unwrap(), 4);
    assert_eq!(drain(&stream), (b"look".to_vec(), false));
}

#[test]
fn a_peek_that_would_block_arms_the_next_event() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"one").unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_readable)]);
    // One read of exactly what is there neither blocks nor runs short.
    assert_eq!(stream.read(&mut [0; 3]).unwrap(), 3);
    assert_would_block(stream.peek(&mut [0; 8]));
    expect_no_events(&mut poll, &mut events);
    peer.write_all(b"two").unwrap();
    assert!(expect_one_event(&mut poll, &mut events, STREAM).is_readable());
    assert_eq!(stream.peek(&mut [0; 8]).unwrap(), 3);
}

#[test]
fn try_io_passes_the_value_of_the_operation() {
    let (stream, _peer) = tcp_with_std_peer();
    assert_eq!(stream.try_io(|| Ok("value")).unwrap(), "value");
}

#[test]
fn try_io_passes_the_error_of_the_operation() {
    let (stream, _peer) = tcp_with_std_peer();
    let error = stream.try_io(|| Err::<(), _>(io::Error::other("mine"))).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Other);
    assert_eq!(error.to_string(), "mine");
}

#[test]
fn a_try_io_that_would_block_arms_the_next_event() {
    let (mut stream, mut peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    let recv = |stream: &TcpStream| {
        let mut buf = [0; 3];
        stream.try_io(|| (&*SockRef::from(stream)).read(&mut buf))
    };
    for _ in 0..3 {
        peer.write_all(b"one").unwrap();
        assert!(expect_one_event(&mut poll, &mut events, STREAM).is_readable());
        assert_eq!(recv(&stream).unwrap(), 3);
        assert_would_block(recv(&stream));
    }
    expect_no_events(&mut poll, &mut events);
}

/// Writes to a stream by another handle of it, as an operation of the stream.
struct Past<'a> {
    stream: &'a TcpStream,
    past: &'a net::TcpStream,
}

impl Write for Past<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.try_io(|| (&*self.past).write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_try_io_write_that_would_block_arms_the_next_event() {
    let (mut stream, peer) = tcp_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    // The bytes go in past the stream, so only `try_io` can arm it. It may find room: the peer
    // acknowledges the bytes some time after they came.
    let past: net::TcpStream = duplicate(&stream);
    let mut written = fill(&past);
    written += fill(Past { stream: &stream, past: &past });
    read_len(&peer, written);
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
}

#[test]
fn the_addresses_of_both_ends_agree() {
    let (stream, peer) = tcp_pair();
    assert_eq!(stream.local_addr().unwrap(), peer.peer_addr().unwrap());
    assert_eq!(stream.peer_addr().unwrap(), peer.local_addr().unwrap());
}
