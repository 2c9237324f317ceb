//! How what the kernel says of a pipe or a Unix stream becomes the answers of an `Event`.

use std::io::Write;

use mio::Interest;
use mio::unix::pipe;

use crate::flags::{SOURCE, next_answers};
use crate::harness::system::stream_with_std_peer;
use crate::harness::{expect_one_event, poll_with_events};
use crate::net_harness::fill;
use crate::subject::{self, Hint};

#[test]
fn a_pipe_without_a_writer_is_closed() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, SOURCE, Interest::READABLE).unwrap();
    drop(sender);
    let is_told = subject::gives(Hint::PipeClosed);
    let expected = if is_told { ["read_closed", "write_closed"] } else { ["readable", "read_closed"] };
    assert_eq!(next_answers(&mut poll, &mut events), expected);
}

#[test]
fn a_pipe_without_a_writer_that_holds_bytes_is_readable_too() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, mut receiver) = pipe::new().unwrap();
    sender.write_all(b"last words").unwrap();
    drop(sender);
    poll.registry().register(&mut receiver, SOURCE, Interest::READABLE).unwrap();
    let expected = ["readable", "read_closed", "write_closed"];
    let count = if subject::gives(Hint::PipeClosed) { 3 } else { 2 };
    assert_eq!(next_answers(&mut poll, &mut events), expected[..count]);
}

#[test]
fn a_pipe_without_a_reader_is_an_error_and_write_closed() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, receiver) = pipe::new().unwrap();
    drop(receiver);
    poll.registry().register(&mut sender, SOURCE, Interest::WRITABLE).unwrap();
    let is_told = subject::gives(Hint::PipeClosed);
    let expected: &[_] =
        if is_told { &["writable", "error", "write_closed"] } else { &["writable", "write_closed"] };
    assert_eq!(next_answers(&mut poll, &mut events), expected);
}

#[test]
fn a_full_pipe_without_a_reader_is_write_closed_by_its_error_alone() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, receiver) = pipe::new().unwrap();
    fill(&sender);
    drop(receiver);
    poll.registry().register(&mut sender, SOURCE, Interest::WRITABLE).unwrap();
    let is_told = subject::gives(Hint::PipeClosed);
    let expected = if is_told { ["error", "write_closed"] } else { ["writable", "write_closed"] };
    assert_eq!(next_answers(&mut poll, &mut events), expected);
}

#[test]
fn a_hang_up_is_reported_whatever_the_interest() {
    for interest in [Interest::READABLE, Interest::WRITABLE] {
        let (mut poll, mut events) = poll_with_events();
        let (mut stream, peer) = stream_with_std_peer();
        drop(peer);
        poll.registry().register(&mut stream, SOURCE, interest).unwrap();
        let event = expect_one_event(&mut poll, &mut events, SOURCE);
        if subject::gives(Hint::OtherEnd) {
            assert!(event.is_read_closed() && event.is_write_closed(), "{interest:?}: {event:?}");
        } else {
            assert!(event.is_read_closed() || event.is_write_closed(), "{interest:?}: {event:?}");
        }
    }
}
