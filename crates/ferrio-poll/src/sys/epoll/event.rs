//! Events as epoll(7) writes them; poll(2) has the same bits.

use std::fmt;

// Not rustix's type of the same layout: its data may be a pointer, and a list of those
// could not be sent to another thread.
pub(crate) use libc::epoll_event as Event;
use rustix::event::PollFlags;
use rustix::event::epoll::EventFlags;

use crate::sys::raw::Raw;
use crate::sys::system::READ_HANGUP;
use crate::token::Token;

/// What fills a list before its first poll.
pub(crate) const EMPTY: Event = Event { events: 0, u64: 0 };

/// The most events that one call may ask for: the kernel refuses a list whose bytes an
/// `int` cannot count.
pub(crate) const CAPACITY_MAX: usize = i32::MAX as usize / size_of::<Event>();

/// An event of a source in this process.
pub(crate) fn new(token: Token, readable: bool, writable: bool) -> Event {
    let mut flags = EventFlags::empty();
    flags.set(EventFlags::IN, readable);
    flags.set(EventFlags::OUT, writable);
    of_flags(token, flags)
}

/// An event of poll(2), whose bits are those of epoll; the end of reading has another on illumos.
#[allow(clippy::unnecessary_cast, reason = "the bits are signed where rustix goes through libc")]
pub(crate) fn of_poll(token: Token, found: PollFlags) -> Event {
    let mut flags = EventFlags::from_bits_retain(u32::from((found - READ_HANGUP).bits() as u16));
    flags.set(EventFlags::RDHUP, found.contains(READ_HANGUP));
    of_flags(token, flags)
}

/// An event as epoll would write it.
fn of_flags(token: Token, flags: EventFlags) -> Event {
    Event { events: flags.bits(), u64: token.0 as u64 }
}

pub(crate) fn token(event: &Event) -> Token {
    // The registration put a `usize` there.
    Token(data(event) as usize)
}

pub(crate) fn is_readable(event: &Event) -> bool {
    has(event, EventFlags::IN) || has(event, EventFlags::PRI)
}

pub(crate) fn is_writable(event: &Event) -> bool {
    has(event, EventFlags::OUT)
}

pub(crate) fn is_error(event: &Event) -> bool {
    has(event, EventFlags::ERR)
}

pub(crate) fn is_read_closed(event: &Event) -> bool {
    // RDHUP comes without IN where only hang-ups were asked for.
    flags(event).intersects(EventFlags::HUP.union(EventFlags::RDHUP))
}

pub(crate) fn is_write_closed(event: &Event) -> bool {
    // ERR alone is what the writing end of a pipe shows once no reader is left.
    has(event, EventFlags::HUP)
        || has(event, EventFlags::OUT.union(EventFlags::ERR))
        || flags(event) == EventFlags::ERR
}

pub(crate) fn is_priority(event: &Event) -> bool {
    has(event, EventFlags::PRI)
}

pub(crate) fn is_aio(_: &Event) -> bool {
    // Linux reports AIO through other means.
    false
}

pub(crate) fn is_lio(_: &Event) -> bool {
    // As for AIO.
    false
}

/// The bits as they are.
pub(crate) fn raw(event: &Event) -> Raw {
    let is_set = |flag| has(event, flag);
    Raw {
        readable: is_set(EventFlags::IN),
        writable: is_set(EventFlags::OUT),
        priority: is_set(EventFlags::PRI),
        read_hangup: is_set(EventFlags::RDHUP),
        hangup: is_set(EventFlags::HUP),
        error: is_set(EventFlags::ERR),
        bits: event.events,
    }
}

/// What the alternate `Debug` shows beside the portable answers.
pub(crate) fn details(event: &Event) -> impl fmt::Debug {
    flags(event)
}

/// True if all of `wanted` are set.
fn has(event: &Event, wanted: EventFlags) -> bool {
    flags(event).contains(wanted)
}

/// What the registration asked its events to carry.
pub(super) fn data(event: &Event) -> u64 {
    // A copy: the fields are packed on x86-64 and cannot be borrowed.
    event.u64
}

fn flags(event: &Event) -> EventFlags {
    EventFlags::from_bits_retain(event.events)
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn poll_has_the_bits_of_epoll() {
        for (poll, epoll) in [
            (PollFlags::IN, EventFlags::IN),
            (PollFlags::OUT, EventFlags::OUT),
            (PollFlags::PRI, EventFlags::PRI),
            (PollFlags::ERR, EventFlags::ERR),
            (PollFlags::HUP, EventFlags::HUP),
            (PollFlags::RDHUP, EventFlags::RDHUP),
        ] {
            assert_eq!(flags(&of_poll(Token(1), poll)), epoll, "{poll:?}");
        }
    }
}
