//! Events as AFD reports them.

use std::fmt;

use bitflags::bitflags;

use crate::interest::Interest;
use crate::sys::raw::Raw;
use crate::token::Token;

/// What is ready, and for whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    token: usize,
    flags: Flags,
}

bitflags! {
    /// The conditions of AFD, and what they mean for the interest of a registration.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Flags: u32 {
        /// There is data to read.
        const RECEIVE = 1;
        /// There is urgent data.
        const RECEIVE_EXPEDITED = 1 << 1;
        /// There is room to write, or a connection was made.
        const SEND = 1 << 2;
        /// The peer shut down its writing side.
        const DISCONNECT = 1 << 3;
        /// The connection was reset.
        const ABORT = 1 << 4;
        /// The socket was closed in this process.
        const LOCAL_CLOSE = 1 << 5;
        /// A connection waits to be accepted.
        const ACCEPT = 1 << 7;
        /// A connection could not be made.
        const CONNECT_FAIL = 1 << 8;
        /// Readable, for a registration that asked for it. Set at delivery.
        const READABLE = 1 << 16;
        /// Writable, for a registration that asked for it. Set at delivery.
        const WRITABLE = 1 << 17;
    }
}

impl Flags {
    /// What reading asks for.
    pub(crate) const READ: Flags = Flags::RECEIVE.union(Flags::ACCEPT).union(Flags::DISCONNECT);

    /// What is asked for whatever the interest is.
    pub(crate) const ALWAYS: Flags = Flags::ABORT.union(Flags::CONNECT_FAIL);

    /// What a registration with `interest` asks for.
    pub(crate) fn asked_by(interest: Interest) -> Flags {
        let mut flags = Flags::ALWAYS;
        if interest.is_readable() {
            flags |= Flags::READ;
        }
        if interest.is_writable() {
            flags |= Flags::SEND;
        }
        if interest.is_priority() {
            flags |= Flags::RECEIVE_EXPEDITED;
        }
        if interest.is_hangup() {
            flags |= Flags::DISCONNECT;
        }
        flags
    }

    /// These conditions, with what they mean for a registration with `interest`: an end and an
    /// error make it ready for whatever it asked for.
    pub(crate) fn reported_to(self, interest: Interest) -> Flags {
        let mut flags = self;
        let makes_readable = Flags::READ | Flags::RECEIVE_EXPEDITED | Flags::ALWAYS;
        flags.set(
            Flags::READABLE,
            self.intersects(makes_readable) && (interest.is_readable() || interest.is_priority()),
        );
        flags.set(Flags::WRITABLE, self.intersects(Flags::SEND | Flags::ALWAYS) && interest.is_writable());
        flags
    }
}

impl Event {
    pub(crate) fn of_flags(token: Token, flags: Flags) -> Event {
        Event { token: token.0, flags }
    }

    /// Adds what else became ready of the same source.
    pub(crate) fn merge(&mut self, flags: Flags) {
        self.flags |= flags;
    }
}

/// What fills a list before its first poll.
pub(crate) const EMPTY: Event = Event { token: 0, flags: Flags::empty() };

/// The most events that one call may ask for.
pub(crate) const CAPACITY_MAX: usize = i32::MAX as usize / size_of::<Event>();

/// An event of a source in this process.
pub(crate) fn new(token: Token, readable: bool, writable: bool) -> Event {
    let mut flags = Flags::empty();
    flags.set(Flags::RECEIVE | Flags::READABLE, readable);
    flags.set(Flags::SEND | Flags::WRITABLE, writable);
    Event::of_flags(token, flags)
}

pub(crate) fn token(event: &Event) -> Token {
    Token(event.token)
}

pub(crate) fn is_readable(event: &Event) -> bool {
    event.flags.contains(Flags::READABLE)
}

pub(crate) fn is_writable(event: &Event) -> bool {
    event.flags.contains(Flags::WRITABLE)
}

pub(crate) fn is_error(event: &Event) -> bool {
    event.flags.intersects(Flags::ALWAYS)
}

pub(crate) fn is_read_closed(event: &Event) -> bool {
    event.flags.intersects(Flags::DISCONNECT | Flags::ALWAYS)
}

pub(crate) fn is_write_closed(event: &Event) -> bool {
    event.flags.intersects(Flags::ALWAYS)
}

pub(crate) fn is_priority(event: &Event) -> bool {
    event.flags.contains(Flags::RECEIVE_EXPEDITED)
}

pub(crate) fn is_aio(_: &Event) -> bool {
    // Windows reports asynchronous I/O through other means.
    false
}

pub(crate) fn is_lio(_: &Event) -> bool {
    // As for AIO.
    false
}

/// The bits as they are.
pub(crate) fn raw(event: &Event) -> Raw {
    let is_set = |flags| event.flags.intersects(flags);
    Raw {
        readable: is_set(Flags::READABLE),
        writable: is_set(Flags::SEND),
        priority: is_set(Flags::RECEIVE_EXPEDITED),
        read_hangup: is_set(Flags::DISCONNECT),
        hangup: is_set(Flags::ALWAYS),
        error: is_set(Flags::ALWAYS),
        bits: (event.flags - (Flags::READABLE | Flags::WRITABLE)).bits(),
    }
}

/// What the alternate `Debug` shows beside the portable answers.
pub(crate) fn details(event: &Event) -> impl fmt::Debug {
    event.flags - (Flags::READABLE | Flags::WRITABLE)
}
