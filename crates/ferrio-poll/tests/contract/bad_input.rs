//! What users get wrong is an error, never a panic, a hang or a leak.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use crate::harness::{
    BOTH, PATIENCE, assert_bad_descriptor, assert_kind, deregister_fd, eventfd, expect_no_events,
    expect_one_event, in_own_process, poll_with_events, register_fd, reregister_fd, signal_eventfd,
};
use crate::subject;

const SOURCE: Token = Token(1);

/// Registers the number `raw`.
fn register_raw(poll: &Poll, raw: RawFd) -> io::Result<()> {
    poll.registry().register(&mut SourceFd(&raw), SOURCE, BOTH)
}

/// A Poll that was given bad input still works.
fn assert_still_works(poll: &mut Poll, events: &mut Events) {
    let fd = eventfd();
    register_fd(poll, &fd, Token(77), Interest::READABLE).unwrap();
    signal_eventfd(&fd);
    expect_one_event(poll, events, Token(77));
    deregister_fd(poll, &fd).unwrap();
    expect_no_events(poll, events);
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
    in_own_process("bad_input::a_closed_descriptor_is_a_bad_descriptor", || {
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
        "bad_input::a_descriptor_closed_while_registered_is_silent_and_its_deregister_an_error",
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
    let file = File::open("/proc/self/exe").unwrap();
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
fn events_without_room_are_invalid_input() {
    let (mut poll, mut events) = poll_with_events();
    let mut none = Events::with_capacity(0);
    for timeout in [Some(Duration::ZERO), Some(PATIENCE), None] {
        assert_kind(poll.poll(&mut none, timeout), io::ErrorKind::InvalidInput);
    }
    assert!(none.is_empty());
    assert_eq!(none.capacity(), 0);
    assert_still_works(&mut poll, &mut events);
}

#[test]
fn events_without_room_lose_no_event() {
    let (mut poll, mut events) = poll_with_events();
    let fd = eventfd();
    register_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
    signal_eventfd(&fd);
    poll.poll(&mut Events::with_capacity(0), Some(Duration::ZERO)).unwrap_err();
    expect_one_event(&mut poll, &mut events, SOURCE);
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
    in_own_process("bad_input::failed_registrations_leak_no_descriptor", || {
        let (poll, _) = poll_with_events();
        let directory = File::open("/").unwrap();
        let open = || fs::read_dir("/proc/self/fd").unwrap().count();
        let before = open();
        for _ in 0..1000 {
            register_fd(&poll, &directory, SOURCE, BOTH).unwrap_err();
            register_raw(&poll, -1).unwrap_err();
            register_raw(&poll, RawFd::MAX).unwrap_err();
        }
        assert_eq!(open(), before);
    });
}
