//! What the tests share, and what their host does for them.
#![allow(unsafe_code, reason = "the calls of the host that runs these tests are foreign functions")]

use std::fs::File;
use std::io::{self, Stdout};
use std::os::fd::{IntoRawFd, RawFd};
use std::time::Duration;

use ferrio_poll::event::Event;
use ferrio_poll::{Events, Interest, IoSource, Mode, Poll, Token};

pub(crate) const SOURCE: Token = Token(7);
pub(crate) const WAKE: Token = Token(usize::MAX);

/// How long a poll waits that is to find nothing.
pub(crate) const SHORT: Duration = Duration::from_millis(20);

/// How long a poll waits that is to find something.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) fn poll_with_events() -> (Poll, Events) {
    (Poll::new().unwrap(), Events::with_capacity(8))
}

pub(crate) fn expect_no_events(poll: &mut Poll, events: &mut Events) {
    poll.poll(events, Some(SHORT)).unwrap();
    assert!(events.is_empty(), "{events:?}");
}

/// Polls, and expects one event, of `token`.
pub(crate) fn expect_one_event<'a>(poll: &mut Poll, events: &'a mut Events, token: Token) -> &'a Event {
    poll.poll(events, Some(LONG)).unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
    let event = events.iter().next().unwrap();
    assert_eq!(event.token(), token);
    event
}

/// The standard output, registered to be written to; it always can be.
pub(crate) fn output(poll: &Poll, mode: Mode) -> IoSource<Stdout> {
    let mut output = IoSource::new(io::stdout());
    poll.registry().register_with(&mut output, SOURCE, Interest::WRITABLE, mode).unwrap();
    output
}

/// An operation on `source` that would block.
pub(crate) fn use_up(source: &IoSource<Stdout>) {
    let result: io::Result<()> = source.do_io(|_| Err(io::ErrorKind::WouldBlock.into()));
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

/// Expects an error of `kind` whose text holds `part`.
#[track_caller]
pub(crate) fn assert_error<T>(result: io::Result<T>, kind: io::ErrorKind, part: &str) {
    let Err(error) = result else { panic!("no error, where {kind:?} is expected") };
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(part), "{error}");
}

/// Has the host write `count` bytes to the standard input.
pub(crate) fn feed_input(count: i32) {
    // SAFETY: the function takes a number, and `run.py` has it.
    unsafe { feed(count) }
}

/// Has the host close the standard input's other end.
pub(crate) fn end_input() {
    // SAFETY: the function takes nothing, and `run.py` has it.
    unsafe { hang_up() }
}

/// Runs `operation` while the standard error output is not open: it has another number then.
pub(crate) fn without_error_output<R>(operation: impl FnOnce() -> R) -> R {
    // WASI moves a descriptor only to a number that is in use.
    let spare = new_descriptor();
    renumber(ERROR_OUTPUT, spare);
    let result = operation();
    // The lowest number that is free.
    assert_eq!(new_descriptor(), ERROR_OUTPUT);
    renumber(spare, ERROR_OUTPUT);
    result
}

fn new_descriptor() -> RawFd {
    File::create("/spare").unwrap().into_raw_fd()
}

fn renumber(from: RawFd, to: RawFd) {
    // SAFETY: nobody relies on what is behind these numbers meanwhile.
    unsafe { wasi::fd_renumber(from as wasi::Fd, to as wasi::Fd) }.unwrap();
}

const ERROR_OUTPUT: RawFd = 2;

#[link(wasm_import_module = "ferrio_test")]
unsafe extern "C" {
    fn feed(count: i32);
    fn hang_up();
}
