//! Events of the systems whose kernel writes none that could be handed on as they are.

use std::fmt;

use bitflags::bitflags;
use rustix::event::PollFlags;

use crate::sys::raw::Raw;
use crate::sys::system::READ_HANGUP;
use crate::token::Token;

/// What a backend found of one source.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Event {
    token: usize,
    bits: Bits,
}

bitflags! {
    /// What was found. The first six have the values that poll(2) gives them on most systems.
    #[derive(Copy, Clone, Debug, PartialEq, Eq)]
    pub(crate) struct Bits: u32 {
        /// There is something to read, or an end.
        const READABLE = 0x1;
        /// There is urgent data.
        const PRIORITY = 0x2;
        /// There is room to write.
        const WRITABLE = 0x4;
        /// An error is pending.
        const ERROR = 0x8;
        /// Both sides are closed.
        const HANGUP = 0x10;
        /// The peer will send no more.
        const READ_CLOSED = 0x2000;
        /// The peer will receive no more.
        const WRITE_CLOSED = 0x1_0000;
        /// A request of aio(4) is done.
        const AIO = 0x2_0000;
        /// A list of such requests is done.
        const LIO = 0x4_0000;
    }
}

/// What fills a list before its first poll.
pub(crate) const EMPTY: Event = Event { token: 0, bits: Bits::empty() };

/// The most events that one call may ask for.
pub(crate) const CAPACITY_MAX: usize = i32::MAX as usize / size_of::<Event>();

/// An event of a source in this process.
pub(crate) fn new(token: Token, readable: bool, writable: bool) -> Event {
    let mut bits = Bits::empty();
    bits.set(Bits::READABLE, readable);
    bits.set(Bits::WRITABLE, writable);
    of_bits(token, bits)
}

/// An event of which a backend knows all.
pub(crate) fn of_bits(token: Token, bits: Bits) -> Event {
    Event { token: token.0, bits }
}

/// An event of poll(2).
pub(crate) fn of_poll(token: Token, found: PollFlags) -> Event {
    let mut bits = Bits::empty();
    bits.set(Bits::READABLE, found.contains(PollFlags::IN));
    bits.set(Bits::PRIORITY, found.contains(PollFlags::PRI));
    bits.set(Bits::WRITABLE, found.contains(PollFlags::OUT));
    bits.set(Bits::ERROR, found.contains(PollFlags::ERR));
    bits.set(Bits::HANGUP, found.contains(PollFlags::HUP));
    bits.set(Bits::READ_CLOSED, found.intersects(READ_HANGUP));
    // ERR alone is what the writing end of a pipe shows once no reader is left.
    let is_broken = found.contains(PollFlags::OUT | PollFlags::ERR) || found == PollFlags::ERR;
    bits.set(Bits::WRITE_CLOSED, is_broken);
    of_bits(token, bits)
}

/// Adds what was found of another part of the same source. True if that is news.
pub(crate) fn merge(event: &mut Event, other: &Event) -> bool {
    let before = event.bits;
    event.bits |= other.bits;
    if event.bits.contains(Bits::READ_CLOSED | Bits::WRITE_CLOSED) {
        event.bits |= Bits::HANGUP;
    }
    event.bits != before
}

/// Takes away what was not asked for.
pub(crate) fn remove(event: &mut Event, bits: Bits) {
    event.bits -= bits;
}

pub(crate) fn token(event: &Event) -> Token {
    Token(event.token)
}

pub(crate) fn is_readable(event: &Event) -> bool {
    event.bits.intersects(Bits::READABLE | Bits::PRIORITY)
}

pub(crate) fn is_writable(event: &Event) -> bool {
    event.bits.contains(Bits::WRITABLE)
}

pub(crate) fn is_error(event: &Event) -> bool {
    event.bits.contains(Bits::ERROR)
}

pub(crate) fn is_read_closed(event: &Event) -> bool {
    event.bits.intersects(Bits::HANGUP | Bits::READ_CLOSED)
}

pub(crate) fn is_write_closed(event: &Event) -> bool {
    event.bits.intersects(Bits::HANGUP | Bits::WRITE_CLOSED)
}

pub(crate) fn is_priority(event: &Event) -> bool {
    event.bits.contains(Bits::PRIORITY)
}

pub(crate) fn is_aio(event: &Event) -> bool {
    event.bits.contains(Bits::AIO)
}

pub(crate) fn is_lio(event: &Event) -> bool {
    event.bits.contains(Bits::LIO)
}

/// The bits as they are.
pub(crate) fn raw(event: &Event) -> Raw {
    let is_set = |bit| event.bits.contains(bit);
    Raw {
        readable: is_set(Bits::READABLE),
        writable: is_set(Bits::WRITABLE),
        priority: is_set(Bits::PRIORITY),
        read_hangup: is_set(Bits::READ_CLOSED),
        hangup: is_set(Bits::HANGUP),
        error: is_set(Bits::ERROR),
        bits: event.bits.bits(),
    }
}

/// What the alternate `Debug` shows beside the portable answers.
pub(crate) fn details(event: &Event) -> impl fmt::Debug {
    event.bits
}
