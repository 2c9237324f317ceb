//! The backend is chosen at run time and says what it can do.

use std::io::{Read, Write};

use mio::{Backend, Interest, Poll, Support, Token};

use crate::harness::skips::is_skipped;
use crate::harness::system::stream_pair;
use crate::harness::{expect_no_events, expect_one_event, poll_with_events};
use crate::net_harness::connected_udp_pair;
use crate::subject::{self, Hint};

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
    for backend in [Backend::Epoll, Backend::Iocp, Backend::Kqueue, Backend::Poll2, Backend::PollOneoff] {
        let poll = Poll::builder().backend(backend).build();
        if Backend::candidates().contains(&backend) {
            assert_eq!(poll.unwrap().backend(), backend);
        } else {
            assert_eq!(poll.unwrap_err().kind(), std::io::ErrorKind::Unsupported);
        }
    }
    assert_eq!(Poll::new().unwrap().backend(), Backend::candidates()[0]);
}

#[test]
fn a_poll_of_the_default_settings_has_the_default_backend() {
    assert_eq!(Poll::new().unwrap().backend(), Backend::default());
}

#[test]
fn the_capabilities_tell_the_backends_apart() {
    for backend in Backend::candidates() {
        let capabilities = Poll::builder().backend(*backend).build().unwrap().capabilities();
        let is_of_kernel = matches!(backend, Backend::Epoll | Backend::Kqueue);
        assert_eq!(capabilities.edge == Support::Native, is_of_kernel);
        assert_eq!(capabilities.raw_descriptors_rearm, is_of_kernel);
        assert_eq!(capabilities.embeddable, is_of_kernel);
        assert_eq!(capabilities.raw_flags == Support::Native, *backend == Backend::Epoll);
        assert!(capabilities.short_read_drains);
        assert_eq!(capabilities.aio, Support::Absent);
    }
}

#[test]
fn an_interest_that_linux_lacks_is_unsupported() {
    let poll = subject::new_poll().unwrap();
    let (mut one, _other) = stream_pair();
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
fn a_short_read_is_as_good_as_would_block() {
    let (mut poll, mut events) = poll_with_events();
    let (mut reader, mut writer) = stream_pair();
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
fn an_error_has_the_same_flags_on_each_backend() {
    if is_skipped("beyond::backends::an_error_has_the_same_flags_on_each_backend") {
        return;
    }
    let (mut poll, mut events) = poll_with_events();
    let (left, mut right) = connected_udp_pair();
    drop(left);
    poll.registry().register(&mut right, Token(1), Interest::READABLE).unwrap();
    right.send(b"anyone?").unwrap();
    let event = expect_one_event(&mut poll, &mut events, Token(1));
    let is_told = subject::gives(Hint::DatagramError);
    assert_eq!((event.is_error(), event.is_readable()), (is_told, !is_told), "{event:?}");
    assert!(!event.is_writable() && !event.is_read_closed(), "{event:?}");
}
