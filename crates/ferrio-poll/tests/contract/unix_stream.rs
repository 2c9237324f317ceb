//! `UnixStream`: connecting, reading and writing, readiness, closing.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{self, SocketAddr};

use mio::event::Event;
use mio::net::{UnixDatagram, UnixListener, UnixStream};
use mio::{Interest, Token};
use rustix::net::RecvFlags;

use crate::harness::system::stream_with_std_peer;
use crate::harness::unix::SocketPath;
use crate::harness::{
    BOTH, PATIENCE, assert_would_block, expect_events, expect_no_events, expect_one_event, poll_with_events,
};
use crate::net_harness::{drain, fill, read_len};
use crate::subject::{self, Hint};

const STREAM: Token = Token(1);
const PEER: Token = Token(2);

#[test]
fn a_connect_is_exactly_one_writable_event_and_echoes() {
    let path = SocketPath::new();
    let listener = net::UnixListener::bind(&path).unwrap();
    let (mut poll, mut events) = poll_with_events();
    let mut stream = UnixStream::connect(&path).unwrap();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_writable() && !event.is_readable());
    assert!(!event.is_read_closed() && !event.is_write_closed());
    let (mut peer, _) = listener.accept().unwrap();
    stream.write_all(b"ping").unwrap();
    peer.write_all(&read_len(&peer, 4)).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_readable)]);
    assert_eq!(drain(&stream), (b"ping".to_vec(), false));
}

#[test]
fn connect_addr_connects_to_a_path() {
    let path = SocketPath::new();
    let listener = UnixListener::bind(&path).unwrap();
    let address = SocketAddr::from_pathname(&path).unwrap();
    let stream = UnixStream::connect_addr(&address).unwrap();
    assert_eq!(stream.peer_addr().unwrap().as_pathname(), Some(path.as_ref()));
    assert!(stream.local_addr().unwrap().is_unnamed());
    listener.accept().unwrap();
}

#[test]
fn connecting_to_a_missing_path_is_not_found() {
    let error = UnixStream::connect(SocketPath::new()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn connecting_to_a_datagram_socket_is_an_error() {
    let path = SocketPath::new();
    let _socket = UnixDatagram::bind(&path).unwrap();
    let error = UnixStream::connect(&path).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::EPROTOTYPE));
}

#[test]
fn a_stream_made_from_std_reports_and_reads() {
    let (mut stream, mut peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"std").unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    assert_eq!(drain(&stream), (b"std".to_vec(), false));
}

#[test]
fn the_two_of_a_pair_are_connected_and_unnamed() {
    let (mut left, mut right) = UnixStream::pair().unwrap();
    assert!(left.local_addr().unwrap().is_unnamed());
    assert!(left.peer_addr().unwrap().is_unnamed());
    left.write_all(b"ping").unwrap();
    let mut buf = [0; 8];
    assert_eq!(right.read(&mut buf).unwrap(), 4);
    right.write_all(&buf[..4]).unwrap();
    assert_eq!(left.read(&mut buf).unwrap(), 4);
}

#[test]
fn reading_from_an_empty_stream_would_block() {
    let (mut stream, _peer) = UnixStream::pair().unwrap();
    assert_would_block(stream.read(&mut [0; 8]));
    assert_would_block((&stream).read(&mut [0; 8]));
    assert_would_block(stream.read_vectored(&mut [IoSliceMut::new(&mut [0; 8])]));
}

#[test]
fn vectored_writes_gather_and_vectored_reads_scatter() {
    let (mut left, mut right) = UnixStream::pair().unwrap();
    let parts = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cdefg")];
    assert_eq!(left.write_vectored(&parts).unwrap(), 7);
    left.flush().unwrap();
    let (mut head, mut tail) = ([0; 3], [0; 8]);
    let mut bufs = [IoSliceMut::new(&mut head), IoSliceMut::new(&mut tail)];
    assert_eq!(right.read_vectored(&mut bufs).unwrap(), 7);
    assert_eq!((&head, &tail[..4]), (b"abc", &b"defg"[..]));
}

#[test]
fn shared_references_read_and_write() {
    let (left, right) = UnixStream::pair().unwrap();
    (&left).write_all(b"one").unwrap();
    assert_eq!((&left).write_vectored(&[IoSlice::new(b"two")]).unwrap(), 3);
    (&left).flush().unwrap();
    let mut buf = [0; 4];
    assert_eq!((&right).read(&mut buf).unwrap(), 4);
    assert_eq!((&right).read_vectored(&mut [IoSliceMut::new(&mut buf)]).unwrap(), 2);
    assert_eq!(&buf[..2], b"wo");
}

#[test]
fn one_mebibyte_arrives_whole_through_drain_loops() {
    const LEN: usize = 1 << 20;
    let (mut stream, mut peer) = UnixStream::pair().unwrap();
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
fn each_small_message_after_a_drain_is_a_new_event() {
    let (mut stream, mut peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    for number in 0..50_u8 {
        peer.write_all(&[number]).unwrap();
        assert!(expect_one_event(&mut poll, &mut events, STREAM).is_readable());
        assert_eq!(drain(&stream), (vec![number], false));
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_full_stream_becomes_writable_when_the_peer_reads() {
    let (mut stream, peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, STREAM);
    let written = fill(&stream);
    expect_no_events(&mut poll, &mut events);
    read_len(&peer, written);
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    assert_eq!(stream.write(b"more").unwrap(), 4);
}

#[test]
fn reregister_replaces_the_token_and_the_interest() {
    let (mut stream, mut peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"bytes").unwrap();
    poll.registry().reregister(&mut stream, PEER, Interest::WRITABLE).unwrap();
    let event = expect_one_event(&mut poll, &mut events, PEER);
    assert!(event.is_writable() && !event.is_readable());
    poll.registry().reregister(&mut stream, STREAM, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, STREAM).is_readable());
}

#[test]
fn a_deregistered_stream_is_silent() {
    let (mut stream, mut peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    poll.registry().deregister(&mut stream).unwrap();
    peer.write_all(b"bytes").unwrap();
    drop(peer);
    expect_no_events(&mut poll, &mut events);
    assert_eq!(drain(&stream), (b"bytes".to_vec(), true));
}

#[test]
fn the_peers_close_is_exactly_one_event_closed_both_ways() {
    let (mut stream, peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    drop(peer);
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_readable() && event.is_read_closed());
    assert_eq!(event.is_write_closed(), subject::gives(Hint::OtherEnd));
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_peer_that_stops_writing_is_read_closed_only() {
    let (mut stream, mut peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    peer.write_all(b"last words").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_readable() && event.is_read_closed() && !event.is_write_closed());
    assert_eq!(drain(&stream), (b"last words".to_vec(), true));
    stream.write_all(b"answer").unwrap();
    assert_eq!(read_len(&peer, 6), b"answer");
}

#[test]
fn shutting_down_reads_reports_read_closed() {
    let (mut stream, _peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    stream.shutdown(Shutdown::Read).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_read_closed() && !event.is_write_closed());
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
    assert_eq!(stream.write(b"still").unwrap(), 5);
}

#[test]
fn shutting_down_writes_ends_the_peer_and_fails_further_writes() {
    let (mut stream, mut peer) = stream_with_std_peer();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
    assert_eq!(stream.write(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    peer.write_all(b"answer").unwrap();
    assert_eq!(drain(&stream), (b"answer".to_vec(), false));
}

#[test]
fn shutting_down_both_reports_both_closed() {
    let (mut stream, mut peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_writable)]);
    stream.shutdown(Shutdown::Both).unwrap();
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert!(event.is_read_closed() && event.is_write_closed());
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
    assert_eq!(stream.write(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn writing_to_a_dropped_peer_is_a_broken_pipe() {
    let (mut stream, peer) = stream_with_std_peer();
    drop(peer);
    assert_eq!(stream.write(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    let error = stream.write_vectored(&[IoSlice::new(b"late")]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn a_peer_dropped_with_bytes_unread_is_a_reset() {
    let (mut stream, peer) = stream_with_std_peer();
    stream.write_all(b"unread").unwrap();
    drop(peer);
    let error = stream.read(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn bytes_written_before_a_drop_arrive_before_the_end() {
    let (left, mut right) = UnixStream::pair().unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, PEER, Interest::READABLE).unwrap();
    (&left).write_all(b"last words").unwrap();
    drop(left);
    assert!(expect_one_event(&mut poll, &mut events, PEER).is_readable());
    assert_eq!(drain(&right), (b"last words".to_vec(), true));
}

#[test]
fn try_io_passes_results_and_arms_the_next_event() {
    let (mut stream, mut peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    let recv = |stream: &UnixStream| {
        let mut buf = [0; 3];
        stream.try_io(|| Ok(rustix::net::recv(stream, &mut buf, RecvFlags::empty())?.0))
    };
    for _ in 0..3 {
        peer.write_all(b"one").unwrap();
        expect_one_event(&mut poll, &mut events, STREAM);
        assert_eq!(recv(&stream).unwrap(), 3);
        assert_would_block(recv(&stream));
    }
    let error = stream.try_io(|| Err::<(), _>(io::Error::other("mine"))).unwrap_err();
    assert_eq!(error.to_string(), "mine");
}

#[test]
fn a_hung_up_stream_can_still_be_reregistered_and_deregistered() {
    let (mut stream, peer) = stream_with_std_peer();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut stream, STREAM, BOTH).unwrap();
    drop(peer);
    expect_events(&mut poll, &mut events, &[(STREAM, Event::is_write_closed)]);
    poll.registry().reregister(&mut stream, PEER, Interest::READABLE).unwrap();
    expect_events(&mut poll, &mut events, &[(PEER, Event::is_read_closed)]);
    poll.registry().deregister(&mut stream).unwrap();
    expect_no_events(&mut poll, &mut events);
}
