//! What a short read proves of the descriptors that only a Unix has.

use std::io::{IoSlice, IoSliceMut, Read, Write};
use std::os::fd::AsFd;

use mio::net::UnixStream;
use mio::{Interest, Token};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use crate::beyond::short_reads::read_once;
use crate::beyond::terminal::new_terminal;
use crate::harness::unix::{eventfd, set_option};
use crate::harness::{expect_no_events, expect_one_event, poll_with_events};
use crate::net_harness::{settle, tcp_pair};

const SOURCE: Token = Token(5);

/// Fails unless a read is short although more is there.
pub(crate) fn assert_more(mut source: impl Read, first: &[u8], second: &[u8]) {
    assert_eq!(read_once(&mut source), first);
    assert_eq!(read_once(&mut source), second);
}

#[test]
fn a_read_ends_at_a_control_message_of_a_unix_stream() {
    let (reader, mut writer) = UnixStream::pair().unwrap();
    writer.write_all(b"one ").unwrap();
    let passed = eventfd();
    let fds = [passed.as_fd()];
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(control.push(SendAncillaryMessage::ScmRights(&fds)));
    sendmsg(&writer, &[IoSlice::new(b"two ")], &mut control, SendFlags::empty()).unwrap();
    writer.write_all(b"three").unwrap();
    assert_eq!(read_once(&reader), b"one two ");
    assert_eq!(read_once(&reader), b"three");
}

#[test]
fn a_read_ends_at_the_line_of_a_terminal() {
    let (main, path) = new_terminal();
    let terminal = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    rustix::io::write(&main, b"one\ntwo\n").unwrap();
    assert_more(&terminal, b"one\n", b"two\n");
}

#[test]
fn a_vectored_call_ends_after_1024_slices() {
    let (reader, writer) = UnixStream::pair().unwrap();
    let bytes = [7; 2000];
    let slices: Vec<_> = bytes.chunks(1).map(IoSlice::new).collect();
    assert_eq!((&writer).write_vectored(&slices).unwrap(), 1024);
    assert_eq!((&writer).write_vectored(&slices[1024..]).unwrap(), 976);
    let mut room = [0; 2000];
    let mut slices: Vec<_> = room.chunks_mut(1).map(IoSliceMut::new).collect();
    assert_eq!((&reader).read_vectored(&mut slices).unwrap(), 1024);
    assert_eq!(read_once(&reader).len(), 976);
}

#[test]
fn bytes_below_the_low_water_mark_are_no_event() {
    let (mut poll, mut events) = poll_with_events();
    let (left, mut right) = tcp_pair();
    set_option(&right, libc::SOL_SOCKET, libc::SO_RCVLOWAT, 100);
    poll.registry().register(&mut right, SOURCE, Interest::READABLE).unwrap();
    (&left).write_all(&[1; 60]).unwrap();
    settle();
    // A read would give them, and no event says so.
    expect_no_events(&mut poll, &mut events);
    (&left).write_all(&[1; 60]).unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    assert_eq!(read_once(&right).len(), 120);
}
