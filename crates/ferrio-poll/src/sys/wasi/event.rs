//! Events as WASI tells them.

use std::fmt;

use bitflags::bitflags;

use crate::sys::raw::Raw;
use crate::token::Token;

/// What is ready, and for whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    token: usize,
    found: Found,
}

bitflags! {
    /// What a wait found of a source.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Found: u32 {
        /// There is something to read, or an end.
        const READABLE = 1;
        /// There is room to write.
        const WRITABLE = 1 << 1;
        /// The peer will send no more.
        const READ_CLOSED = 1 << 2;
        /// The peer will receive no more.
        const WRITE_CLOSED = 1 << 3;
        /// The host told an error in place of an answer.
        const ERROR = 1 << 4;
        /// The descriptor is not open. Never in an event.
        const NOT_OPEN = 1 << 5;
    }
}

/// What fills a list before its first poll.
pub(crate) const EMPTY: Event = Event { token: 0, found: Found::empty() };

/// The most events that one call may ask for.
pub(crate) const CAPACITY_MAX: usize = i32::MAX as usize / size_of::<Event>();

/// An event of a source in this process.
pub(crate) fn new(token: Token, readable: bool, writable: bool) -> Event {
    let mut found = Found::empty();
    found.set(Found::READABLE, readable);
    found.set(Found::WRITABLE, writable);
    of_found(token, found)
}

/// An event of a source that the host watches.
pub(crate) fn of_found(token: Token, found: Found) -> Event {
    Event { token: token.0, found }
}

pub(crate) fn token(event: &Event) -> Token {
    Token(event.token)
}

pub(crate) fn is_readable(event: &Event) -> bool {
    event.found.contains(Found::READABLE)
}

pub(crate) fn is_writable(event: &Event) -> bool {
    event.found.contains(Found::WRITABLE)
}

pub(crate) fn is_error(event: &Event) -> bool {
    event.found.contains(Found::ERROR)
}

pub(crate) fn is_read_closed(event: &Event) -> bool {
    event.found.contains(Found::READ_CLOSED)
}

pub(crate) fn is_write_closed(event: &Event) -> bool {
    event.found.contains(Found::WRITE_CLOSED)
}

pub(crate) fn is_priority(_: &Event) -> bool {
    // WASI has no urgent data.
    false
}

pub(crate) fn is_aio(_: &Event) -> bool {
    // Nor asynchronous I/O.
    false
}

pub(crate) fn is_lio(_: &Event) -> bool {
    // As for AIO.
    false
}

/// The bits as they are.
pub(crate) fn raw(event: &Event) -> Raw {
    let is_set = |found| event.found.contains(found);
    Raw {
        readable: is_set(Found::READABLE),
        writable: is_set(Found::WRITABLE),
        priority: false,
        read_hangup: is_set(Found::READ_CLOSED),
        hangup: is_set(Found::READ_CLOSED | Found::WRITE_CLOSED),
        error: is_set(Found::ERROR),
        bits: event.found.bits(),
    }
}

/// What the alternate `Debug` shows beside the portable answers.
pub(crate) fn details(event: &Event) -> impl fmt::Debug {
    event.found
}
