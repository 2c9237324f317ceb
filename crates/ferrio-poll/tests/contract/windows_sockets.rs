//! Faults of mio on Windows that this crate does not have, and what only Windows' sockets do.

#![allow(unsafe_code, reason = "the flags of a handle, and a socket that does not exist")]

use std::os::windows::io::{AsRawSocket, FromRawSocket, RawSocket};
use std::thread;
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream, UdpSocket};
use mio::{Interest, Token};
use windows_sys::Win32::Foundation::{GetHandleInformation, HANDLE_FLAG_INHERIT};

use crate::harness::{
    PATIENCE, any_local_v4, expect_events, expect_no_events, expect_one_event, poll_with_events,
};

const SOURCE: Token = Token(1);
const OTHER: Token = Token(2);

/// True if a child would inherit `socket`.
fn is_inherited(socket: RawSocket) -> bool {
    let mut flags = 0;
    // SAFETY: it reads the flags of a handle.
    let found = unsafe { GetHandleInformation(socket as *mut _, &mut flags) };
    assert_ne!(found, 0);
    flags & HANDLE_FLAG_INHERIT != 0
}

#[test]
fn no_socket_is_inherited_by_a_child() {
    let (mut poll, mut events) = poll_with_events();
    let mut listener = TcpListener::bind(any_local_v4()).unwrap();
    poll.registry().register(&mut listener, SOURCE, Interest::READABLE).unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    let (accepted, _) = listener.accept().unwrap();
    let datagrams = UdpSocket::bind(any_local_v4()).unwrap();
    for socket in [
        listener.as_raw_socket(),
        stream.as_raw_socket(),
        accepted.as_raw_socket(),
        datagrams.as_raw_socket(),
    ] {
        assert!(!is_inherited(socket));
    }
}

#[test]
fn a_wait_in_which_only_cancelled_polls_come_back_is_not_cut_short() {
    const TIMEOUT: Duration = Duration::from_millis(200);
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let mut socket = UdpSocket::bind(any_local_v4()).unwrap();
    registry.register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    let start = Instant::now();
    let owner = thread::spawn(move || {
        thread::sleep(TIMEOUT / 4);
        registry.deregister(&mut socket).unwrap();
    });
    poll.poll(&mut events, Some(TIMEOUT)).unwrap();
    assert!(start.elapsed() >= TIMEOUT, "ended after {:?}", start.elapsed());
    assert!(events.is_empty());
    owner.join().unwrap();
}

#[test]
fn a_registration_that_fails_is_an_error_at_once_and_the_poll_goes_on() {
    let (mut poll, mut events) = poll_with_events();
    // SAFETY: no process has as many handles, so it is nobody's.
    let mut broken = unsafe { UdpSocket::from_raw_socket(0x7fff_fffc) };
    poll.registry().register(&mut broken, SOURCE, Interest::READABLE).unwrap_err();
    std::mem::forget(broken);
    expect_no_events(&mut poll, &mut events);

    let mut socket = UdpSocket::bind(any_local_v4()).unwrap();
    poll.registry().register(&mut socket, OTHER, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, OTHER);
}

#[test]
fn a_stream_that_is_reported_writable_is_connected() {
    let (mut poll, mut events) = poll_with_events();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        poll.registry().register(&mut stream, SOURCE, Interest::READABLE | Interest::WRITABLE).unwrap();
        expect_events(
            &mut poll,
            &mut events,
            &[(SOURCE, |event| event.is_writable() && !event.is_readable())],
        );
        assert_eq!(stream.peer_addr().unwrap(), listener.local_addr().unwrap());
        assert!(stream.take_error().unwrap().is_none());
        drop(listener.accept().unwrap());
    }
}

#[test]
fn a_changed_interest_is_heard_while_another_thread_sleeps_and_ends_no_wait() {
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let mut socket = UdpSocket::bind(any_local_v4()).unwrap();
    let address = socket.local_addr().unwrap();
    registry.register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    let owner = thread::spawn(move || {
        for _ in 0..100 {
            registry.reregister(&mut socket, OTHER, Interest::READABLE).unwrap();
        }
        std::net::UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"now", address).unwrap();
        socket
    });
    // The first event is that of the datagram: a change by itself reports nothing.
    poll.poll(&mut events, Some(PATIENCE)).unwrap();
    assert_eq!(events.iter().map(|event| event.token()).collect::<Vec<_>>(), [OTHER]);
    drop(owner.join().unwrap());
}
