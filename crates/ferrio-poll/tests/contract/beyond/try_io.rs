//! Reads and writes whose answer "not now" is `None`.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};

use mio::event::Event;
use mio::{Interest, Token, TryRead, TryWrite};

use crate::harness::{assert_kind, expect_events, expect_one_event, poll_with_events};
use crate::net_harness::tcp_pair;

const SOURCE: Token = Token(4);

#[test]
fn none_says_that_it_would_block_and_arms_the_next_event() {
    let (left, mut right) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut right, SOURCE, Interest::READABLE).unwrap();
    let (mut one, mut other) = ([0; 3], [0; 3]);
    for _ in 0..3 {
        assert_eq!(right.try_read(&mut one).unwrap(), None);
        assert_eq!((&left).try_write(b"bytes").unwrap(), Some(5));
        assert_eq!((&left).try_flush().unwrap(), Some(()));
        expect_one_event(&mut poll, &mut events, SOURCE);
        let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut other)];
        assert_eq!(right.try_read_vectored(&mut bufs).unwrap(), Some(5));
        assert_eq!(right.try_read_vectored(&mut bufs).unwrap(), None);
    }
    drop(left);
    expect_events(&mut poll, &mut events, &[(SOURCE, Event::is_read_closed)]);
    assert_eq!(right.try_read(&mut one).unwrap(), Some(0));
}

#[test]
fn a_write_without_room_is_none_until_the_writable_event() {
    let (mut left, mut right) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut left, SOURCE, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    let chunk = [7; 4096];
    let mut written = 0;
    while let Some(count) = left.try_write_vectored(&[IoSlice::new(&chunk), IoSlice::new(&chunk)]).unwrap() {
        written += count;
    }
    assert!(written > 0);
    let mut buf = vec![0; 1 << 16];
    while written > 0 {
        written -= right.try_read(&mut buf).unwrap().unwrap_or_default();
    }
    expect_one_event(&mut poll, &mut events, SOURCE);
    assert_eq!(left.try_write(b"more").unwrap(), Some(4));
}

#[test]
fn other_errors_stay_errors_and_anything_that_reads_or_writes_has_it() {
    /// Fails in its own way.
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::Interrupted.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::WouldBlock.into())
        }
    }
    assert_kind(Broken.try_read(&mut [0]), io::ErrorKind::ConnectionReset);
    assert_kind(Broken.try_write(&[0]), io::ErrorKind::Interrupted);
    assert_eq!(Broken.try_flush().unwrap(), None);
    let reader: &mut dyn Read = &mut &b"dyn"[..];
    assert_eq!(reader.try_read(&mut [0; 8]).unwrap(), Some(3));
}
