//! Conditions of a Unix that stay until something takes them.
//!
//! epoll hears of each change; poll(2) sees only what there is. Both say the same here.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process;
use std::time::Instant;

use mio::unix::{SourceFd, pipe};
use mio::{Events, Interest, Mode, Poll, Token};
use rustix::fs::{Mode as Permissions, OFlags, open};

use crate::beyond::terminal::new_terminal;
use crate::harness::unix::{eventfd, make_fifo, register_fd, signal_eventfd};
use crate::harness::{
    PATIENCE, SILENCE, assert_kind, expect_no_events, expect_one_event, poll_once, poll_with_events,
};
use crate::net_harness::{drain, fill};

use crate::subject::{self, Hint};

const SOURCE: Token = Token(3);

/// A FIFO that is removed when this is dropped.
struct Fifo(PathBuf);

impl Fifo {
    fn new(name: &str) -> Fifo {
        let path = env::temp_dir().join(format!("ferrio-fifo-{name}-{}", process::id()));
        let _ = std::fs::remove_file(&path);
        make_fifo(&path);
        Fifo(path)
    }

    fn reader(&self) -> pipe::Receiver {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        pipe::Receiver::from(open(&self.0, flags, Permissions::empty()).unwrap())
    }

    fn writer(&self) -> File {
        OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(&self.0).unwrap()
    }
}

impl Drop for Fifo {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_fifo_hears_each_writer_that_comes_and_goes() {
    let (mut poll, mut events) = poll_with_events();
    let fifo = Fifo::new("writers");
    let mut reader = fifo.reader();
    poll.registry().register(&mut reader, SOURCE, Interest::READABLE).unwrap();
    for n in 0..4_u8 {
        let mut writer = fifo.writer();
        writer.write_all(&[n]).unwrap();
        drop(writer);
        let mut bytes = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        while bytes.is_empty() {
            poll_once(&mut poll, &mut events, PATIENCE);
            assert!(!events.is_empty() && Instant::now() < deadline, "writer {n} is not heard");
            bytes.extend(drain(&reader).0);
        }
        assert_eq!(bytes, [n]);
        // The hang-up may come as an event of its own.
        poll_once(&mut poll, &mut events, SILENCE);
        drain(&reader);
    }
}

#[test]
fn a_fifo_whose_reader_did_not_read_the_end_hears_the_next_writer() {
    let (mut poll, mut events) = poll_with_events();
    let fifo = Fifo::new("unread-end");
    let mut reader = fifo.reader();
    poll.registry().register(&mut reader, SOURCE, Interest::READABLE).unwrap();
    drop(fifo.writer());
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_read_closed());
    expect_no_events(&mut poll, &mut events);
    let mut writer = fifo.writer();
    writer.write_all(b"!").unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
    assert_eq!(drain(&reader).0, b"!");
}

#[test]
fn a_terminal_hears_its_other_side_again_after_a_hang_up() {
    let (mut poll, mut events) = poll_with_events();
    let (main, path) = new_terminal();
    rustix::io::ioctl_fionbio(&main, true).unwrap();
    let other_side = || {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        File::from(open(&path, flags, Permissions::empty()).unwrap())
    };
    drop(other_side());
    let mut receiver = pipe::Receiver::from(main);
    poll.registry().register(&mut receiver, SOURCE, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_read_closed());
    // EIO: nobody is there.
    assert!(receiver.read(&mut [0; 8]).is_err());
    let mut other = other_side();
    other.write_all(b"back").unwrap();
    let deadline = Instant::now() + PATIENCE;
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.is_empty() {
        assert!(Instant::now() < deadline, "the terminal is not heard");
        poll_once(&mut poll, &mut events, PATIENCE);
        let mut buf = [0; 64];
        if let Ok(count) = receiver.read(&mut buf) {
            bytes.extend(&buf[..count]);
        }
    }
    assert_eq!(bytes, b"back");
}

#[test]
fn a_parked_source_has_its_turn_between_levels_at_capacity_1() {
    let (mut poll, _) = poll_with_events();
    let mut events = Events::with_capacity(1);
    let (mut first_sender, mut first) = pipe::new().unwrap();
    let fifo = Fifo::new("turns");
    let mut reader = fifo.reader();
    let (mut last_sender, mut last) = pipe::new().unwrap();
    let registry = poll.registry();
    registry.register(&mut reader, SOURCE, Interest::READABLE).unwrap();
    // A writer that comes and goes leaves a hang-up behind.
    drop(fifo.writer());
    expect_one_event(&mut poll, &mut events, SOURCE);
    let registry = poll.registry();
    registry.register_with(&mut first, Token(0), Interest::READABLE, Mode::Level).unwrap();
    registry.register_with(&mut last, Token(1), Interest::READABLE, Mode::Level).unwrap();
    first_sender.write_all(b"for ever").unwrap();
    last_sender.write_all(b"for ever").unwrap();
    let mut writer = fifo.writer();
    writer.write_all(b"now").unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        poll.poll(&mut events, Some(SILENCE)).unwrap();
        if events[0].token() == SOURCE {
            break;
        }
        assert!(Instant::now() < deadline, "the FIFO was never reported");
    }
}

#[test]
fn a_sender_whose_reader_is_gone_is_closed_and_not_readable() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, receiver) = pipe::new().unwrap();
    fill(&sender);
    let both = Interest::READABLE | Interest::WRITABLE;
    poll.registry().register(&mut sender, SOURCE, both).unwrap();
    expect_no_events(&mut poll, &mut events);
    drop(receiver);
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_write_closed() && !event.is_readable(), "{event:?}");
    assert_eq!(event.is_error(), subject::gives(Hint::PipeClosed), "{event:?}");
}

#[test]
fn a_new_file_without_a_name_registers_on_a_number_that_was_used_before() {
    let (mut poll, mut events) = poll_with_events();
    let old = eventfd();
    let number = old.as_raw_fd();
    register_fd(&poll, &old, Token(1), Interest::READABLE).unwrap();
    drop(old);
    let mut new = eventfd();
    if new.as_raw_fd() != number {
        // Another test has taken the number.
        let taken: OwnedFd = rustix::io::fcntl_dupfd_cloexec(&new, number).unwrap();
        if taken.as_raw_fd() != number {
            return;
        }
        new = taken;
    }
    register_fd(&poll, &new, SOURCE, Interest::READABLE).unwrap();
    signal_eventfd(&new);
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn a_poll_does_not_watch_itself() {
    let poll: Poll = poll_with_events().0;
    let fd = poll.as_raw_fd();
    let result = poll.registry().register(&mut SourceFd(&fd), SOURCE, Interest::READABLE);
    assert_kind(result, io::ErrorKind::InvalidInput);
}
