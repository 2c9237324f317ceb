//! Events that no kernel writes.

use std::fmt;

use crate::sys::raw::Raw;
use crate::token::Token;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Event(Token, Raw);

const NONE: Raw = Raw {
    readable: false,
    writable: false,
    priority: false,
    read_hangup: false,
    hangup: false,
    error: false,
    bits: 0,
};

pub(crate) const EMPTY: Event = Event(Token(0), NONE);
pub(crate) const CAPACITY_MAX: usize = i32::MAX as usize / size_of::<Event>();

pub(crate) fn new(token: Token, readable: bool, writable: bool) -> Event {
    Event(token, Raw { readable, writable, ..NONE })
}

pub(crate) fn token(event: &Event) -> Token {
    event.0
}

pub(crate) fn is_readable(event: &Event) -> bool {
    event.1.readable
}

pub(crate) fn is_writable(event: &Event) -> bool {
    event.1.writable
}

pub(crate) fn is_error(event: &Event) -> bool {
    event.1.error
}

pub(crate) fn is_read_closed(event: &Event) -> bool {
    event.1.read_hangup
}

pub(crate) fn is_write_closed(event: &Event) -> bool {
    event.1.hangup
}

pub(crate) fn is_priority(event: &Event) -> bool {
    event.1.priority
}

pub(crate) fn is_aio(_: &Event) -> bool {
    false
}

pub(crate) fn is_lio(_: &Event) -> bool {
    false
}

pub(crate) fn raw(event: &Event) -> Raw {
    event.1
}

pub(crate) fn details(event: &Event) -> impl fmt::Debug {
    event.1
}
