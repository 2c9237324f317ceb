//! Descriptors by their numbers: those that cannot be watched are an error, never a panic,
//! a hang or a leak; those of a Poll stay in their process.

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use mio::net::TcpStream;
use mio::unix::SourceFd;
use mio::{Interest, Poll, Token};

use crate::bad_input::assert_still_works;
use crate::harness::unix::{
    assert_bad_descriptor, deregister_fd, eventfd, open_handles, register_fd, reregister_fd, signal_eventfd,
};
use crate::harness::{
    BOTH, assert_kind, expect_no_events, expect_one_event, in_own_process, poll_with_events,
};
use crate::net_harness::{drain, tcp_with_std_peer};
use crate::subject;

const SOURCE: Token = Token(1);

/// Registers the number `raw`.
fn register_raw(poll: &Poll, raw: RawFd) -> io::Result<()> {
    poll.registry().register(&mut SourceFd(&raw), SOURCE, BOTH)
}

#[test]
fn a_negative_descriptor_is_a_bad_descriptor() {
    let (mut poll, mut events) = poll_with_events();
    for raw in [-1, -2, -100, RawFd::MIN] {
        assert_bad_descriptor(register_raw(&poll, raw));
    }
    assert_still_works(&mut poll, &mut events);
}

#[test]
fn a_negative_descriptor_is_neither_reregistered_nor_deregistered() {
    let (mut poll, mut events) = poll_with_events();
    for raw in [-1, RawFd::MIN] {
        assert_bad_descriptor(poll.registry().reregister(&mut SourceFd(&raw), SOURCE, BOTH));
        assert_bad_descriptor(poll.registry().deregister(&mut SourceFd(&raw)));
    }
    assert_still_works(&mut poll, &mut events);
}

#[test]
fn a_descriptor_that_nobody_opened_is_a_bad_descriptor() {
    let (mut poll, mut events) = poll_with_events();
    for raw in [RawFd::MAX, RawFd::MAX - 1, 1 << 30] {
        assert_bad_descriptor(register_raw(&poll, raw));
        poll.registry().reregister(&mut SourceFd(&raw), SOURCE, BOTH).unwrap_err();
        poll.registry().deregister(&mut SourceFd(&raw)).unwrap_err();
    }
    assert_still_works(&mut poll, &mut events);
}

#[test]
fn a_closed_descriptor_is_a_bad_descriptor() {
    // No other test can open the number again in the meantime.
    in_own_process("descriptors::a_closed_descriptor_is_a_bad_descriptor", || {
        let (mut poll, mut events) = poll_with_events();
        let fd = eventfd();
        let raw = fd.as_raw_fd();
        drop(fd);
        assert_bad_descriptor(register_raw(&poll, raw));
        assert_still_works(&mut poll, &mut events);
    });
}

#[test]
fn a_descriptor_closed_while_registered_is_silent_and_its_deregister_an_error() {
    in_own_process(
        "descriptors::a_descriptor_closed_while_registered_is_silent_and_its_deregister_an_error",
        || {
            let (mut poll, mut events) = poll_with_events();
            let fd = eventfd();
            let raw = fd.as_raw_fd();
            signal_eventfd(&fd);
            register_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
            drop(fd);
            expect_no_events(&mut poll, &mut events);
            poll.registry().deregister(&mut SourceFd(&raw)).unwrap_err();
            poll.registry().reregister(&mut SourceFd(&raw), SOURCE, BOTH).unwrap_err();
            assert_still_works(&mut poll, &mut events);
        },
    );
}

#[test]
fn a_regular_file_cannot_be_watched() {
    let (mut poll, mut events) = poll_with_events();
    let file = File::open(env::current_exe().unwrap()).unwrap();
    assert_kind(register_fd(&poll, &file, SOURCE, Interest::READABLE), io::ErrorKind::PermissionDenied);
    expect_no_events(&mut poll, &mut events);
    assert_still_works(&mut poll, &mut events);
}

#[test]
fn a_directory_cannot_be_watched() {
    let (mut poll, mut events) = poll_with_events();
    let directory = File::open("/").unwrap();
    assert_kind(register_fd(&poll, &directory, SOURCE, Interest::READABLE), io::ErrorKind::PermissionDenied);
    expect_no_events(&mut poll, &mut events);
    assert_still_works(&mut poll, &mut events);
}

#[test]
fn a_descriptor_that_was_refused_is_not_registered() {
    let (poll, _) = poll_with_events();
    let directory = File::open("/").unwrap();
    register_fd(&poll, &directory, SOURCE, Interest::READABLE).unwrap_err();
    reregister_fd(&poll, &directory, SOURCE, Interest::READABLE).unwrap_err();
    deregister_fd(&poll, &directory).unwrap_err();
}

#[test]
fn a_descriptor_of_another_poll_is_not_found() {
    let (one, two) = (subject::new_poll().unwrap(), subject::new_poll().unwrap());
    let fd = eventfd();
    register_fd(&one, &fd, SOURCE, Interest::READABLE).unwrap();
    assert_kind(reregister_fd(&two, &fd, SOURCE, Interest::READABLE), io::ErrorKind::NotFound);
    assert_kind(deregister_fd(&two, &fd), io::ErrorKind::NotFound);
    deregister_fd(&one, &fd).unwrap();
}

#[test]
fn failed_registrations_leak_no_descriptor() {
    in_own_process("descriptors::failed_registrations_leak_no_descriptor", || {
        let (poll, _) = poll_with_events();
        let directory = File::open("/").unwrap();
        let before = open_handles();
        for _ in 0..1000 {
            register_fd(&poll, &directory, SOURCE, BOTH).unwrap_err();
            register_raw(&poll, -1).unwrap_err();
            register_raw(&poll, RawFd::MAX).unwrap_err();
        }
        assert_eq!(open_handles(), before);
    });
}

#[test]
fn a_socket_on_a_reused_descriptor_is_heard_by_its_own_token() {
    let ((mut first, _first_peer), (second, mut second_peer)) = (tcp_with_std_peer(), tcp_with_std_peer());
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut first, Token(1), Interest::READABLE).unwrap();
    // Puts the second socket in the place of the first, which thereby closes.
    let mut place = OwnedFd::from(first);
    rustix::io::dup2(&second, &mut place).unwrap();
    drop(second);
    let mut second = TcpStream::from(place);
    poll.registry().register(&mut second, Token(2), Interest::READABLE).unwrap();
    second_peer.write_all(b"bytes").unwrap();
    assert!(expect_one_event(&mut poll, &mut events, Token(2)).is_readable());
    assert_eq!(drain(&second), (b"bytes".to_vec(), false));
}

#[test]
fn a_duplicate_does_not_keep_a_deregistered_descriptor_alive() {
    let (mut poll, mut events) = poll_with_events();
    let fd = eventfd();
    let duplicate = fd.try_clone().unwrap();
    register_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
    signal_eventfd(&fd);
    deregister_fd(&poll, &fd).unwrap();
    drop(fd);
    signal_eventfd(&duplicate);
    expect_no_events(&mut poll, &mut events);
}
