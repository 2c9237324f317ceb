//! Polls, lists of events, backends and capabilities.

use std::io::{self, ErrorKind};
use std::time::Duration;

use ferrio_poll::{Backend, Events, Interest, IoSource, Mode, Poll, Sources, Support, Waker};

use crate::harness::{
    SHORT, SOURCE, WAKE, assert_error, expect_no_events, expect_one_event, output, poll_with_events, use_up,
};

#[test]
fn the_backend_is_poll_oneoff_alone() {
    assert_eq!(Backend::candidates(), [Backend::PollOneoff]);
    assert_eq!(Poll::new().unwrap().backend(), Backend::PollOneoff);
    let other = Poll::builder().backend(Backend::Epoll).build();
    assert_error(other, ErrorKind::Unsupported, "PollOneoff");
}

#[test]
fn capabilities_say_what_is_absent() {
    let capabilities = Poll::new().unwrap().capabilities();
    assert_eq!(capabilities.edge, Support::Emulated);
    assert_eq!(capabilities.level, Support::Native);
    assert_eq!(capabilities.oneshot, Support::Emulated);
    assert!(!capabilities.short_read_drains && !capabilities.embeddable);
    for absent in [capabilities.hangup, capabilities.priority, capabilities.aio, capabilities.lio] {
        assert_eq!(absent, Support::Absent);
    }
    let (poll, _) = poll_with_events();
    for interest in [Interest::PRIORITY, Interest::AIO, Interest::LIO, Interest::HANGUP] {
        let mut source = IoSource::new(io::stdout());
        let result = poll.registry().register(&mut source, SOURCE, Interest::WRITABLE | interest);
        assert_error(result, ErrorKind::Unsupported, "WASI");
    }
}

#[test]
fn a_poll_with_nothing_registered_sleeps_for_its_timeout() {
    let (mut poll, mut events) = poll_with_events();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_wait_that_nothing_could_end_is_an_error() {
    let (mut poll, mut events) = poll_with_events();
    assert_error(poll.poll(&mut events, None), ErrorKind::Unsupported, "never end");
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    assert_error(poll.poll(&mut events, None), ErrorKind::Unsupported, "never end");
    let output = output(&poll, Mode::Edge);
    poll.poll(&mut events, None).unwrap();
    assert_error(poll.poll(&mut events, None), ErrorKind::Unsupported, "never end");
    use_up(&output);
    poll.poll(&mut events, None).unwrap();
    waker.wake().unwrap();
    poll.poll(&mut events, None).unwrap();
    assert_eq!(events.len(), 1);
}

#[test]
fn sources_of_the_host_and_of_the_process_come_together() {
    let (mut poll, mut events) = poll_with_events();
    let _output = output(&poll, Mode::Level);
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    waker.wake().unwrap();
    poll.poll(&mut events, None).unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn events_have_room_for_something() {
    let (mut poll, _) = poll_with_events();
    let result = poll.poll(&mut Events::with_capacity(0), Some(Duration::ZERO));
    assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_poll_clears_the_events_of_the_one_before() {
    let (mut poll, mut events) = poll_with_events();
    let output = output(&poll, Mode::Edge);
    expect_one_event(&mut poll, &mut events, SOURCE);
    poll.poll(&mut events, Some(SHORT)).unwrap();
    assert!(events.is_empty());
    drop(output);
}

#[test]
fn the_debug_text_of_an_event_tells_what_was_found() {
    let (mut poll, mut events) = poll_with_events();
    let _output = output(&poll, Mode::Edge);
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(format!("{event:#?}").contains("WRITABLE"), "{event:#?}");
    assert!(event.raw().writable && !event.raw().readable && !event.raw().error);
}

#[test]
fn a_clone_of_a_registry_registers_with_the_same_poll() {
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let mut output = IoSource::new(io::stdout());
    registry.register(&mut output, SOURCE, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn a_poll_that_forbids_forks_can_be_made() {
    let mut poll = Poll::builder().forbid_fork(true).build().unwrap();
    expect_no_events(&mut poll, &mut Events::with_capacity(1));
}

#[test]
fn a_table_of_sources_gives_tokens() {
    let (mut poll, mut events) = poll_with_events();
    let mut sources = Sources::new();
    let output = IoSource::new(io::stdout());
    let token = sources.register(poll.registry(), output, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, token);
    assert!(sources.remove(token).is_some());
    assert!(!sources.contains(token));
}
