//! Raw descriptors and pipes, on each backend.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;

use mio::net::{AcceptError, UnixListener, UnixStream, accept_error};
use mio::os::linux::{EpollFlags, RegistryExt};
use mio::unix::{SourceFd, pipe};
use mio::{Interest, Support, Token};

use crate::beyond::errors::assert_advice;
use crate::harness::system::std_stream_pair;
use crate::harness::{assert_would_block, expect_no_events, expect_one_event, poll_with_events};
use crate::subject::{self, Hint};

const SOURCE: Token = Token(5);

#[test]
fn the_capability_says_whether_a_raw_descriptor_is_reported_again() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, mut writer) = std_stream_pair();
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
fn a_short_write_is_as_good_as_would_block() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, mut receiver) = pipe::new().unwrap();
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
fn a_hang_up_of_a_pipe_closes_its_reading_end() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, SOURCE, Interest::HANGUP).unwrap();
    drop(sender);
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_read_closed(), "{event:?}");
    assert_eq!(event.raw().hangup, subject::gives(Hint::PipeClosed), "{event:?}");
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
fn a_path_that_is_too_long_or_has_a_nul_says_so() {
    let long = "/".repeat(108);
    let result = UnixListener::bind(&long).map(drop);
    assert_advice(result, io::ErrorKind::InvalidInput, "SUN_LEN");
    let result = UnixListener::bind("a\0b").map(drop);
    assert_advice(result, io::ErrorKind::InvalidInput, "null byte");
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
