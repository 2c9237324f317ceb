//! Errors say what was wrong and what to do.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use mio::net::{AcceptError, UnixListener, UnixStream, accept_error};
use mio::os::linux::{EpollFlags, RegistryExt};
use mio::time::Timer;
use mio::unix::SourceFd;
use mio::{Events, Interest, Support, Token};

use crate::subject;

/// Fails unless the error is of this kind and its text holds the advice.
fn assert_advice(result: io::Result<()>, kind: io::ErrorKind, advice: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(advice), "no {advice:?} in: {error}");
}

#[test]
fn a_second_registration_is_pointed_to_reregister() {
    let poll = subject::new_poll().unwrap();
    let (one, _other) = UnixStream::pair().unwrap();
    let fd = one.as_raw_fd();
    poll.registry().register(&mut SourceFd(&fd), Token(0), Interest::READABLE).unwrap();
    let again = poll.registry().register(&mut SourceFd(&fd), Token(1), Interest::READABLE);
    assert_advice(again, io::ErrorKind::AlreadyExists, "use reregister");
}

#[test]
fn a_descriptor_that_is_not_registered_is_pointed_to_register() {
    let poll = subject::new_poll().unwrap();
    let (one, _other) = UnixStream::pair().unwrap();
    let fd = one.as_raw_fd();
    let changed = poll.registry().reregister(&mut SourceFd(&fd), Token(0), Interest::READABLE);
    assert_advice(changed, io::ErrorKind::NotFound, "register it first");
    let ended = poll.registry().deregister(&mut SourceFd(&fd));
    assert_advice(ended, io::ErrorKind::NotFound, "deregister before closing");
}

#[test]
fn a_regular_file_and_a_directory_are_pointed_to_direct_io() {
    let poll = subject::new_poll().unwrap();
    for path in [env!("CARGO_MANIFEST_DIR"), concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
        let file = File::open(path).unwrap();
        let fd = file.as_raw_fd();
        let refused = poll.registry().register(&mut SourceFd(&fd), Token(0), Interest::READABLE);
        assert_advice(refused, io::ErrorKind::PermissionDenied, "always ready");
    }
}

#[test]
fn a_number_that_is_no_descriptor_keeps_its_code() {
    let poll = subject::new_poll().unwrap();
    for fd in [-1, i32::MIN, i32::MAX] {
        let error = poll.registry().register(&mut SourceFd(&fd), Token(0), Interest::READABLE).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EBADF), "{error}");
    }
}

#[test]
fn events_without_room_are_pointed_to_their_capacity() {
    let mut poll = subject::new_poll().unwrap();
    let result = poll.poll(&mut Events::with_capacity(0), None);
    assert_advice(result, io::ErrorKind::InvalidInput, "a capacity of at least 1");
}

#[test]
fn a_path_that_is_too_long_or_has_a_nul_says_so() {
    let long = "/".repeat(108);
    let result = UnixListener::bind(&long).map(drop);
    assert_advice(result, io::ErrorKind::InvalidInput, "SUN_LEN");
    let result = UnixListener::bind("a\0b").map(drop);
    assert_advice(result, io::ErrorKind::InvalidInput, "null byte");
}

#[test]
fn a_timer_of_another_poll_is_not_pointed_to_reregister() {
    let (one, other) = (subject::new_poll().unwrap(), subject::new_poll().unwrap());
    let mut timer = Timer::new();
    one.registry().register(&mut timer, Token(0), Interest::READABLE).unwrap();
    for _ in 0..2 {
        let refused = other.registry().register(&mut timer, Token(0), Interest::READABLE);
        assert_advice(refused, io::ErrorKind::InvalidInput, "make a new one for this Poll");
        let _ = one.registry().deregister(&mut timer);
    }
    let refused = other.registry().reregister(&mut timer, Token(0), Interest::READABLE);
    assert_advice(refused, io::ErrorKind::NotFound, "make a new source for this Poll");
    // The advice works.
    other.registry().register(&mut Timer::new(), Token(0), Interest::READABLE).unwrap();
}

#[test]
fn a_source_that_is_exclusive_is_pointed_to_a_new_registration() {
    let poll = subject::new_poll().unwrap();
    if poll.capabilities().raw_flags == Support::Absent {
        return;
    }
    let (one, _other) = UnixStream::pair().unwrap();
    let registry = poll.registry();
    registry.register_flags(&one, Token(0), EpollFlags::IN | EpollFlags::EXCLUSIVE).unwrap();
    let fd = one.as_raw_fd();
    let changed = registry.reregister(&mut SourceFd(&fd), Token(1), Interest::READABLE);
    assert_advice(changed, io::ErrorKind::InvalidInput, "deregister it and register it anew");
    // The advice works.
    registry.deregister(&mut SourceFd(&fd)).unwrap();
    registry.register(&mut SourceFd(&fd), Token(1), Interest::READABLE).unwrap();
}

#[test]
fn each_code_of_accept_has_its_class() {
    let of = |code| accept_error(&io::Error::from_raw_os_error(code));
    for code in [libc::ECONNABORTED, libc::EINTR, libc::EPROTO, libc::ENETDOWN, libc::EHOSTUNREACH] {
        assert_eq!(of(code), AcceptError::Retry, "{code}");
    }
    for code in [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM, libc::EPERM] {
        assert_eq!(of(code), AcceptError::Pause, "{code}");
    }
    assert_eq!(of(libc::EAGAIN), AcceptError::Blocked);
    for code in [libc::EBADF, libc::EINVAL, libc::ENOTSOCK] {
        assert_eq!(of(code), AcceptError::Fatal, "{code}");
    }
}
