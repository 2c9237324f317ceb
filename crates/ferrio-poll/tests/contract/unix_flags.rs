//! How what the kernel says of a pipe or a Unix stream becomes the answers of an `Event`.

use std::io::Write;

use mio::Interest;
use mio::unix::pipe;

use crate::flags::{SOURCE, next_answers};
use crate::harness::system::stream_with_std_peer;
use crate::harness::{expect_one_event, poll_with_events};
use crate::net_harness::fill;

#[test]
fn a_pipe_without_a_writer_is_closed() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, SOURCE, Interest::READABLE).unwrap();
    drop(sender);
    assert_eq!(next_answers(&mut poll, &mut events), ["read_closed", "write_closed"]);
}

#[test]
fn a_pipe_without_a_writer_that_holds_bytes_is_readable_too() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, mut receiver) = pipe::new().unwrap();
    sender.write_all(b"last words").unwrap();
    drop(sender);
    poll.registry().register(&mut receiver, SOURCE, Interest::READABLE).unwrap();
    assert_eq!(next_answers(&mut poll, &mut events), ["readable", "read_closed", "write_closed"]);
}

#[test]
fn a_pipe_without_a_reader_is_an_error_and_write_closed() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, receiver) = pipe::new().unwrap();
    drop(receiver);
    poll.registry().register(&mut sender, SOURCE, Interest::WRITABLE).unwrap();
    assert_eq!(next_answers(&mut poll, &mut events), ["writable", "error", "write_closed"]);
}

#[test]
fn a_full_pipe_without_a_reader_is_write_closed_by_its_error_alone() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, receiver) = pipe::new().unwrap();
    fill(&sender);
    drop(receiver);
    poll.registry().register(&mut sender, SOURCE, Interest::WRITABLE).unwrap();
    assert_eq!(next_answers(&mut poll, &mut events), ["error", "write_closed"]);
}

#[test]
fn a_hang_up_is_reported_whatever_the_interest() {
    for interest in [Interest::READABLE, Interest::WRITABLE] {
        let (mut poll, mut events) = poll_with_events();
        let (mut stream, peer) = stream_with_std_peer();
        drop(peer);
        poll.registry().register(&mut stream, SOURCE, interest).unwrap();
        let event = expect_one_event(&mut poll, &mut events, SOURCE);
        assert!(event.is_read_closed() && event.is_write_closed(), "{interest:?}: {event:?}");
    }
}
