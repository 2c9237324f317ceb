//! The descriptor of a Poll. mio's build for poll(2) has none, so this module is
//! left out there.

use std::io::ErrorKind;
use std::os::fd::{AsFd, AsRawFd};

use mio::{Interest, Token, Waker};

use crate::harness::system::is_close_on_exec;
use crate::harness::unix::{eventfd, register_fd, signal_eventfd};
use crate::harness::{
    PATIENCE, SILENCE, assert_kind, expect_no_events, expect_one_event, poll_once, poll_with_events, tokens,
};
use crate::subject;

const SOURCE: Token = Token(1);
const OUTER: Token = Token(2);

#[test]
fn a_poll_and_its_registry_show_the_same_descriptor() {
    let (poll, _) = poll_with_events();
    assert_eq!(poll.as_raw_fd(), poll.registry().as_raw_fd());
    assert_eq!(poll.as_raw_fd(), poll.registry().as_fd().as_raw_fd());
}

#[test]
fn the_descriptors_of_a_poll_are_close_on_exec() {
    let (poll, _) = poll_with_events();
    let clone = poll.registry().try_clone().unwrap();
    assert!(is_close_on_exec(poll.registry()));
    assert!(is_close_on_exec(&clone));
}

#[test]
fn a_poll_inside_another_shows_its_wakes() {
    let (mut outer, mut events) = poll_with_events();
    let mut inner = subject::new_poll().unwrap();
    let waker = Waker::new(inner.registry(), SOURCE).unwrap();
    register_fd(&outer, inner.registry(), OUTER, Interest::READABLE).unwrap();
    expect_no_events(&mut outer, &mut events);
    waker.wake().unwrap();
    assert!(expect_one_event(&mut outer, &mut events, OUTER).is_readable());
    expect_one_event(&mut inner, &mut events, SOURCE);
}

#[test]
fn a_poll_inside_another_shows_its_sources_only_if_the_kernel_holds_them() {
    let (mut outer, mut events) = poll_with_events();
    let inner = subject::new_poll().unwrap();
    let fd = eventfd();
    register_fd(&inner, &fd, SOURCE, Interest::READABLE).unwrap();
    register_fd(&outer, inner.registry(), OUTER, Interest::READABLE).unwrap();
    // The registration itself may show; only what comes after counts.
    poll_once(&mut outer, &mut events, SILENCE);
    signal_eventfd(&fd);
    if subject::rearms_on_demand() {
        expect_no_events(&mut outer, &mut events);
    } else {
        expect_one_event(&mut outer, &mut events, OUTER);
    }
}

#[test]
fn a_poll_registered_with_itself_is_refused_or_shows_its_wakes() {
    let (mut poll, mut events) = poll_with_events();
    let result = register_fd(&poll, poll.registry(), OUTER, Interest::READABLE);
    if subject::rearms_on_demand() {
        // There the descriptor is that of the wakes, which the Poll may watch.
        result
            .or_else(|error| if error.kind() == ErrorKind::InvalidInput { Ok(()) } else { Err(error) })
            .unwrap();
    } else {
        assert_kind(result, ErrorKind::InvalidInput);
    }
    let waker = Waker::new(poll.registry(), SOURCE).unwrap();
    waker.wake().unwrap();
    poll_once(&mut poll, &mut events, PATIENCE);
    assert!(tokens(&events).contains(&1), "{events:?}");
}
