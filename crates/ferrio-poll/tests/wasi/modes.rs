//! Modes and registrations, on a descriptor that can always be written to.

use std::io::{self, ErrorKind};

use ferrio_poll::{Interest, IoSource, Mode, Token};

use crate::harness::{
    SOURCE, assert_error, expect_no_events, expect_one_event, output, poll_with_events, use_up,
};

#[test]
fn an_edge_is_reported_once() {
    let (mut poll, mut events) = poll_with_events();
    let _output = output(&poll, Mode::Edge);
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_writable() && !event.is_readable() && !event.is_write_closed());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn an_edge_comes_back_after_would_block() {
    let (mut poll, mut events) = poll_with_events();
    let output = output(&poll, Mode::Edge);
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, SOURCE);
        use_up(&output);
    }
}

#[test]
fn a_level_is_reported_by_each_poll() {
    let (mut poll, mut events) = poll_with_events();
    let _output = output(&poll, Mode::Level);
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, SOURCE);
    }
}

#[test]
fn a_oneshot_is_reported_once_until_it_is_reregistered() {
    let (mut poll, mut events) = poll_with_events();
    let mut output = output(&poll, Mode::Oneshot);
    for _ in 0..2 {
        expect_one_event(&mut poll, &mut events, SOURCE);
        use_up(&output);
        expect_no_events(&mut poll, &mut events);
        poll.registry().reregister_with(&mut output, SOURCE, Interest::WRITABLE, Mode::Oneshot).unwrap();
    }
}

#[test]
fn reregister_reports_anew_under_the_new_token() {
    let (mut poll, mut events) = poll_with_events();
    let mut output = output(&poll, Mode::Edge);
    expect_one_event(&mut poll, &mut events, SOURCE);
    poll.registry().reregister(&mut output, Token(usize::MAX), Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, Token(usize::MAX));
}

#[test]
fn a_deregistered_source_is_silent_and_may_register_again() {
    let (mut poll, mut events) = poll_with_events();
    let mut output = output(&poll, Mode::Level);
    poll.registry().deregister(&mut output).unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().register(&mut output, SOURCE, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn a_dropped_source_is_silent() {
    let (mut poll, mut events) = poll_with_events();
    drop(output(&poll, Mode::Level));
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_source_that_was_taken_apart_is_silent() {
    let (mut poll, mut events) = poll_with_events();
    output(&poll, Mode::Level).into_inner();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_second_register_already_exists() {
    let (poll, _) = poll_with_events();
    let mut first = output(&poll, Mode::Edge);
    let registry = poll.registry();
    let again = registry.register(&mut first, SOURCE, Interest::WRITABLE);
    assert_error(again, ErrorKind::AlreadyExists, "registered");
    let mut other = IoSource::new(io::stdout());
    let other = registry.register(&mut other, SOURCE, Interest::WRITABLE);
    assert_error(other, ErrorKind::AlreadyExists, "reregister");
}

#[test]
fn what_is_not_registered_is_not_found() {
    let (poll, _) = poll_with_events();
    let mut source = IoSource::new(io::stdout());
    let registry = poll.registry();
    let changed = registry.reregister(&mut source, SOURCE, Interest::WRITABLE);
    assert_eq!(changed.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(registry.deregister(&mut source).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_source_moves_to_another_poll_once_its_own_is_gone() {
    let (poll, mut events) = poll_with_events();
    let mut output = output(&poll, Mode::Edge);
    poll.registry().deregister(&mut output).unwrap();
    drop(poll);
    let (mut other, _) = poll_with_events();
    other.registry().register(&mut output, SOURCE, Interest::WRITABLE).unwrap();
    expect_one_event(&mut other, &mut events, SOURCE);
}
