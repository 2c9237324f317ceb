//! The backend is chosen at run time and says what it can do.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;

use mio::net::UnixStream;
use mio::unix::SourceFd;
use mio::{Backend, Interest, Poll, Support, Token};

use crate::harness::{assert_would_block, expect_no_events, expect_one_event, poll_with_events};
use crate::net_harness::connected_udp_pair;
use crate::subject;

#[test]
fn every_candidate_can_be_chosen() {
    assert!(Backend::candidates().contains(&Backend::default()));
    for backend in Backend::candidates() {
        let poll = Poll::builder().backend(*backend).build().unwrap();
        assert_eq!(poll.backend(), *backend);
        assert!(format!("{poll:?}").contains(&format!("{backend:?}")), "{poll:?}");
    }
}

#[test]
fn a_backend_that_the_build_lacks_is_unsupported() {
    let epoll = Poll::builder().backend(Backend::Epoll).build();
    if Backend::candidates().contains(&Backend::Epoll) {
        assert_eq!(epoll.unwrap().backend(), Backend::Epoll);
    } else {
        assert_eq!(epoll.unwrap_err().kind(), std::io::ErrorKind::Unsupported);
        assert_eq!(Poll::new().unwrap().backend(), Backend::Poll2);
    }
}

#[test]
fn a_poll_of_the_default_settings_has_the_default_backend() {
    assert_eq!(Poll::new().unwrap().backend(), Backend::default());
}

#[test]
fn the_capabilities_tell_the_backends_apart() {
    for backend in Backend::candidates() {
        let capabilities = Poll::builder().backend(*backend).build().unwrap().capabilities();
        let is_epoll = *backend == Backend::Epoll;
        assert_eq!(capabilities.edge == Support::Native, is_epoll);
        assert_eq!(capabilities.raw_descriptors_rearm, is_epoll);
        assert_eq!(capabilities.embeddable, is_epoll);
        assert!(capabilities.short_read_drains);
        assert_eq!(capabilities.aio, Support::Absent);
    }
}

#[test]
fn an_interest_that_linux_lacks_is_unsupported() {
    let poll = subject::new_poll().unwrap();
    let (mut one, _other) = UnixStream::pair().unwrap();
    for interest in [Interest::AIO, Interest::LIO, Interest::READABLE | Interest::AIO] {
        let error = poll.registry().register(&mut one, Token(0), interest).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("AIO") || error.to_string().contains("LIO"), "{error}");
    }
    // The refusal left nothing behind.
    poll.registry().register(&mut one, Token(0), Interest::READABLE).unwrap();
    assert_eq!(
        poll.registry().reregister(&mut one, Token(0), Interest::AIO).unwrap_err().kind(),
        std::io::ErrorKind::Unsupported
    );
}

#[test]
fn the_capability_says_whether_a_raw_descriptor_is_reported_again() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, mut writer) = std::os::unix::net::UnixStream::pair().unwrap();
    reader.set_nonblocking(true).unwrap();
    let fd = reader.as_raw_fd();
    poll.registry().register(&mut SourceFd(&fd), Token(0), Interest::READABLE).unwrap();
    writer.write_all(b"one").unwrap();
    expect_one_event(&mut poll, &mut events, Token(0));
    let mut buf = [0; 16];
    assert_eq!((&reader).read(&mut buf).unwrap(), 3);
    assert_would_block((&reader).read(&mut buf));
    writer.write_all(b"two").unwrap();
    if poll.capabilities().raw_descriptors_rearm {
        expect_one_event(&mut poll, &mut events, Token(0));
    } else {
        expect_no_events(&mut poll, &mut events);
        poll.registry().reregister(&mut SourceFd(&fd), Token(0), Interest::READABLE).unwrap();
        expect_one_event(&mut poll, &mut events, Token(0));
    }
}

#[test]
fn a_short_read_is_as_good_as_would_block() {
    let (mut poll, mut events) = poll_with_events();
    let (mut reader, mut writer) = UnixStream::pair().unwrap();
    poll.registry().register(&mut reader, Token(0), Interest::READABLE).unwrap();
    for _ in 0..3 {
        writer.write_all(b"some").unwrap();
        expect_one_event(&mut poll, &mut events, Token(0));
        // Fewer bytes than there is room for: no second read is needed.
        assert_eq!(reader.read(&mut [0; 16]).unwrap(), 4);
        assert!(poll.capabilities().short_read_drains);
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_short_write_is_as_good_as_would_block() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, mut receiver) = mio::unix::pipe::new().unwrap();
    poll.registry().register(&mut sender, Token(0), Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, Token(0));
    let big = vec![0; 1 << 20];
    let written = sender.write(&big).unwrap();
    assert!(written < big.len(), "a pipe of {written} bytes");
    expect_no_events(&mut poll, &mut events);
    let mut left = written;
    let mut buf = vec![0; 65536];
    while left > 0 {
        left -= receiver.read(&mut buf).unwrap();
    }
    let event = expect_one_event(&mut poll, &mut events, Token(0));
    assert!(event.is_writable(), "{event:?}");
}

#[test]
fn a_socket_on_two_polls_is_reported_by_both() {
    let (mut one, mut other) = (subject::new_poll().unwrap(), subject::new_poll().unwrap());
    let mut events = mio::Events::with_capacity(4);
    let (mut reader, mut writer) = UnixStream::pair().unwrap();
    // Debug builds refuse a second Poll for a socket, but not for its descriptor.
    let fd = reader.as_raw_fd();
    one.registry().register(&mut SourceFd(&fd), Token(1), Interest::READABLE).unwrap();
    other.registry().register(&mut SourceFd(&fd), Token(2), Interest::READABLE).unwrap();
    for _ in 0..2 {
        writer.write_all(b"!").unwrap();
        expect_one_event(&mut one, &mut events, Token(1));
        expect_one_event(&mut other, &mut events, Token(2));
        // A short read: it re-arms both where that is needed.
        assert_eq!(reader.read(&mut [0; 8]).unwrap(), 1);
    }
    drop(reader);
    expect_no_events(&mut one, &mut events);
    expect_no_events(&mut other, &mut events);
}

#[test]
fn an_error_has_the_same_flags_on_each_backend() {
    let (mut poll, mut events) = poll_with_events();
    let (left, mut right) = connected_udp_pair();
    drop(left);
    poll.registry().register(&mut right, Token(1), Interest::READABLE).unwrap();
    right.send(b"anyone?").unwrap();
    let event = expect_one_event(&mut poll, &mut events, Token(1));
    assert!(event.is_error() && !event.is_readable() && !event.is_writable(), "{event:?}");
    assert!(!event.is_read_closed(), "{event:?}");
}
