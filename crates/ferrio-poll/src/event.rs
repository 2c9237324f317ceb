//! Readiness events, and the trait of what can be registered.

mod events;

use std::fmt;

pub use crate::event::events::{Events, Iter};
pub use crate::registry::Source;
use crate::sys;
pub use crate::sys::raw::Raw;
use crate::token::Token;

/// One source's readiness.
///
/// Only `is_readable` and `is_writable` mean the same on every platform. The
/// others are hints: a true one is true, with the exceptions that
/// [`is_write_closed`](Event::is_write_closed) names; a false one promises nothing.
///
/// # Implementation notes
///
/// | method | epoll(7) and poll(2) |
/// |---|---|
/// | `is_readable` | `IN` or `PRI` |
/// | `is_writable` | `OUT` |
/// | `is_error` | `ERR` |
/// | `is_read_closed` | `HUP` or `RDHUP` |
/// | `is_write_closed` | `HUP`, or `OUT` and `ERR`, or `ERR` alone |
/// | `is_priority` | `PRI` |
/// | `is_aio`, `is_lio` | never |
#[derive(Clone)]
#[repr(transparent)]
pub struct Event {
    /// The event as the kernel wrote it, or one of the same form made here.
    inner: sys::Event,
}

impl Event {
    #[allow(dead_code, reason = "a parker waits beside a Poll on Unix alone")]
    pub(crate) fn new(inner: sys::Event) -> Event {
        Event { inner }
    }

    /// The token of the registration that is ready.
    pub fn token(&self) -> Token {
        sys::event::token(&self.inner)
    }

    /// True if a read may succeed.
    ///
    /// An end or an error alone may show in the other answers only, as it does for a
    /// pipe whose sender is gone: take any event as a reason to read.
    pub fn is_readable(&self) -> bool {
        sys::event::is_readable(&self.inner)
    }

    /// True if a write may succeed.
    pub fn is_writable(&self) -> bool {
        sys::event::is_writable(&self.inner)
    }

    /// True if the source is in error; `take_error` of a socket says which.
    pub fn is_error(&self) -> bool {
        sys::event::is_error(&self.inner)
    }

    /// True if nothing more can arrive: the peer closed or shut down its writing
    /// side, or this side shut down reading. What arrived before can still be
    /// read.
    pub fn is_read_closed(&self) -> bool {
        sys::event::is_read_closed(&self.inner)
    }

    /// True if nothing more can be sent, or if the source is in error.
    ///
    /// As in mio, an error counts as a close here, for most errors of a stream end it, and
    /// for a pipe without a reader an error is all that the kernel says. Two errors of a
    /// socket end nothing: an ICMP message in the error queue (`IP_RECVERR`), and the
    /// completion of a `MSG_ZEROCOPY` send, which comes through the same queue. A program
    /// that uses either asks [`raw`](Self::raw): the connection of a socket is over if
    /// `hangup` is set, and not if only `error` is.
    pub fn is_write_closed(&self) -> bool {
        sys::event::is_write_closed(&self.inner)
    }

    /// True if there is urgent data.
    pub fn is_priority(&self) -> bool {
        sys::event::is_priority(&self.inner)
    }

    /// What the kernel said, bit by bit, for programs that must tell apart what the portable
    /// answers put together.
    pub fn raw(&self) -> Raw {
        sys::event::raw(&self.inner)
    }

    /// True if a POSIX AIO operation has ended.
    pub fn is_aio(&self) -> bool {
        sys::event::is_aio(&self.inner)
    }

    /// True if a POSIX `lio_listio` batch has ended.
    pub fn is_lio(&self) -> bool {
        sys::event::is_lio(&self.inner)
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with_details = f.alternate();
        let mut event = f.debug_struct("Event");
        event
            .field("token", &self.token())
            .field("readable", &self.is_readable())
            .field("writable", &self.is_writable())
            .field("error", &self.is_error())
            .field("read_closed", &self.is_read_closed())
            .field("write_closed", &self.is_write_closed())
            .field("priority", &self.is_priority())
            .field("aio", &self.is_aio())
            .field("lio", &self.is_lio());
        if with_details {
            event.field("details", &sys::event::details(&self.inner));
        }
        event.finish()
    }
}
