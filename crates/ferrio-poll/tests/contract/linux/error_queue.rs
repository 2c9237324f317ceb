//! The queue of errors of a socket, and files that know when they are ready.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net;
use std::time::Instant;

use mio::net::UdpSocket;
use mio::{Interest, Token};
use rustix::net::SendFlags;

use crate::beyond::sticky::drain_udp;
use crate::harness::skips::is_skipped;
use crate::harness::unix::{register_fd, set_option};
use crate::harness::{SILENCE, assert_kind, expect_one_event, poll_once, poll_with_events};
use crate::net_harness::{is_refusal, settle, tcp_pair};
use crate::subject::{self, Hint};

const SOURCE: Token = Token(3);

/// An option of a socket, which the `libc` crate does not have for Android.
pub(crate) const SO_ZEROCOPY: i32 = 60;
/// The flag of a send, as well.
pub(crate) const MSG_ZEROCOPY: u32 = 0x400_0000;

/// A socket that keeps its errors, connected to an address that refuses.
fn refused_udp() -> UdpSocket {
    let target = net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket.connect(target).unwrap();
    set_option(&socket, libc::IPPROTO_IP, libc::IP_RECVERR, 1);
    socket
}

#[test]
fn an_error_that_stays_in_its_queue_is_one_event() {
    let (mut poll, mut events) = poll_with_events();
    let mut socket = refused_udp();
    poll.registry().register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    socket.send(b"anyone?").unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(is_refusal(&event), "{event:?}");
    drain_udp(&socket);
    // The error stays in the queue, which nobody reads.
    let mut count = 0;
    let start = Instant::now();
    while start.elapsed() < 4 * SILENCE {
        poll_once(&mut poll, &mut events, SILENCE);
        count += events.len();
        drain_udp(&socket);
    }
    assert!(count <= 1, "{count} events for one error");
}

#[test]
fn an_error_of_the_queue_ends_nothing_and_raw_tells_it_from_a_close() {
    if is_skipped("linux::error_queue::an_error_of_the_queue_ends_nothing_and_raw_tells_it_from_a_close") {
        return;
    }
    if !subject::gives(Hint::ErrorQueue) {
        return println!("SKIPPED: there is no queue of errors");
    }
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, mut peer) = tcp_pair();
    set_option(&stream, libc::SOL_SOCKET, SO_ZEROCOPY, 1);
    let both = Interest::READABLE | Interest::WRITABLE;
    poll.registry().register(&mut stream, SOURCE, both).unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    let zero_copy = SendFlags::from_bits_retain(MSG_ZEROCOPY);
    assert_eq!(rustix::net::send(&stream, b"sent", zero_copy).unwrap(), 4);
    settle();
    // The notice that the buffer is free again lies in the error queue.
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_write_closed() && event.raw().error, "{event:?}");
    assert!(!event.raw().hangup && !event.raw().read_hangup, "{event:?}");
    // And the connection lives.
    stream.write_all(b" more").unwrap();
    settle();
    assert_eq!(peer.read(&mut [0; 64]).unwrap(), 9);
    peer.write_all(b"answer").unwrap();
    settle();
    assert_eq!(stream.read(&mut [0; 64]).unwrap(), 6);
}

#[test]
fn files_are_watched_if_they_know_when_they_are_ready() {
    let poll = poll_with_events().0;
    let mounts = File::open("/proc/self/mountinfo").unwrap();
    register_fd(&poll, &mounts, SOURCE, Interest::PRIORITY).unwrap();
    for path in ["/dev/null", "/dev/zero", "/proc/self/status", "/"] {
        let file = File::open(path).unwrap();
        let result = register_fd(&poll, &file, SOURCE, Interest::READABLE);
        assert_kind(result, io::ErrorKind::PermissionDenied);
    }
}
