//! Descriptors of the host: the standard input, files, and numbers that are not open.
#![allow(unsafe_code, reason = "a number that is not open is borrowed")]

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::BorrowedFd;
use std::time::Instant;

use ferrio_poll::{Events, Interest, IoSource, Mode, Poll, Token};

use crate::harness::{
    LONG, SHORT, SOURCE, assert_error, end_input, expect_no_events, expect_one_event, feed_input, output,
    poll_with_events, without_error_output,
};

/// One test, since there is one standard input: silent, fed twice, and at its end.
#[test]
fn the_standard_input_is_reported_when_something_arrives_and_at_its_end() {
    let (mut poll, mut events) = poll_with_events();
    let mut input = IoSource::new(io::stdin());
    poll.registry().register(&mut input, SOURCE, Interest::READABLE).unwrap();
    for _ in 0..2 {
        expect_no_events(&mut poll, &mut events);
        feed_input(3);
        assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
        assert_eq!(input.do_io(|input| input.lock().read(&mut [0; 16])).unwrap(), 3);
    }
    expect_no_events(&mut poll, &mut events);
    end_input();
    expect_one_event(&mut poll, &mut events, SOURCE);
    assert_eq!(input.do_io(|input| input.lock().read(&mut [0; 16])).unwrap(), 0);
    // The end stays, and is not reported again.
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn two_descriptors_are_two_events() {
    let (mut poll, mut events) = poll_with_events();
    let _output = output(&poll, Mode::Level);
    let mut other = IoSource::new(io::stderr());
    poll.registry().register(&mut other, Token(3), Interest::WRITABLE).unwrap();
    poll.poll(&mut events, Some(LONG)).unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
}

#[test]
fn none_starves_at_capacity_1() {
    let (mut poll, _) = poll_with_events();
    let mut events = Events::with_capacity(1);
    let _output = output(&poll, Mode::Level);
    let mut other = IoSource::new(io::stderr());
    poll.registry().register_with(&mut other, Token(3), Interest::WRITABLE, Mode::Level).unwrap();
    let mut next = || expect_any(&mut poll, &mut events);
    let (first, second, third) = (next(), next(), next());
    assert!(first != second && first == third, "{first:?} {second:?} {third:?}");
}

fn expect_any(poll: &mut Poll, events: &mut Events) -> Token {
    poll.poll(events, Some(LONG)).unwrap();
    assert_eq!(events.len(), 1);
    events.iter().next().unwrap().token()
}

#[test]
fn a_regular_file_and_a_directory_are_refused() {
    let (poll, _) = poll_with_events();
    let directory = File::open("/").unwrap();
    let file = File::create("/file").unwrap();
    for file in [directory, file] {
        let mut source = IoSource::new(file);
        let result = poll.registry().register(&mut source, SOURCE, Interest::READABLE);
        assert_error(result, ErrorKind::PermissionDenied, "always ready");
    }
}

#[test]
fn a_number_that_is_not_open_is_refused() {
    let (poll, _) = poll_with_events();
    // SAFETY: the number is not -1, and nothing but the host is asked about it.
    let closed = unsafe { BorrowedFd::borrow_raw(99) };
    let mut source = IoSource::new(closed);
    let error = poll.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(i32::from(wasi::ERRNO_BADF.raw())), "{error}");
}

#[test]
fn a_descriptor_that_was_closed_elsewhere_does_not_fail_the_poll() {
    let (mut poll, mut events) = poll_with_events();
    let mut lost = IoSource::new(io::stderr());
    poll.registry().register_with(&mut lost, Token(3), Interest::WRITABLE, Mode::Level).unwrap();
    let _output = output(&poll, Mode::Edge);
    let (found, closed) = without_error_output(|| {
        let found = poll.poll(&mut events, Some(LONG));
        (found, poll.registry().reregister(&mut lost, Token(3), Interest::WRITABLE))
    });
    found.unwrap();
    assert_eq!(events.iter().map(|event| event.token()).collect::<Vec<_>>(), [SOURCE]);
    assert!(closed.is_err());
    // Its registration is over, though the number is open again.
    expect_no_events(&mut poll, &mut events);
    let changed = poll.registry().reregister(&mut lost, Token(3), Interest::WRITABLE);
    assert_eq!(changed.unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_closed_descriptor_does_not_shorten_a_wait() {
    let (mut poll, mut events) = poll_with_events();
    let mut lost = IoSource::new(io::stderr());
    poll.registry().register_with(&mut lost, Token(3), Interest::WRITABLE, Mode::Level).unwrap();
    let begin = Instant::now();
    without_error_output(|| poll.poll(&mut events, Some(SHORT))).unwrap();
    assert!(events.is_empty() && begin.elapsed() >= SHORT);
}
