//! How often a registration reports the same readiness.

/// How often a registration reports the same readiness.
///
/// Given to [`Registry::register_with`](crate::Registry::register_with). The meaning is
/// the same for every source on every backend, but for one cell:
///
/// | mode | not drained, next poll | drained, new data | not drained, new data | hang-up | reregistered with data |
/// |---|---|---|---|---|---|
/// | `Edge` | no event | event | event ¹ | event, once | event |
/// | `Level` | event | event | event | event in each poll | event |
/// | `Oneshot` | no event | no event | no event | event, if it is the first | event |
///
/// ¹ Not for sockets and pipes on poll(2), which cannot tell new data from old. A program that
/// uses a source until `WouldBlock`, as an edge asks for, does not meet the difference.
///
/// # Implementation notes
///
/// | mode | epoll(7) | poll(2) |
/// |---|---|---|
/// | `Edge` | `EPOLLET` | what was reported is left out until an operation ran short |
/// | `Level` | the default | the default |
/// | `Oneshot` | `EPOLLET` and `EPOLLONESHOT` | what was reported is left out until `reregister` |
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::io::Write;
/// use ferrio::unix::pipe;
/// use ferrio::{Events, Interest, Mode, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
/// let (mut sender, mut receiver) = pipe::new()?;
/// poll.registry().register_with(&mut receiver, Token(0), Interest::READABLE, Mode::Level)?;
///
/// sender.write_all(b"unread")?;
/// for _ in 0..3 {
///     assert_eq!(poll.wait(&mut events, None)?, 1);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias = "PollMode")]
#[doc(alias = "PollOpt")]
pub enum Mode {
    /// Once for each time the source becomes ready: mio's only mode, and the cheapest.
    ///
    /// Both directions are independent. Use the source until `WouldBlock` before waiting
    /// for its next event.
    #[default]
    Edge,
    /// In each poll for as long as the source is ready.
    ///
    /// A source may be left half-read. A source that is never read makes every poll return at
    /// once.
    Level,
    /// Once, whichever direction it was, then never until the source is registered anew
    /// by [`Registry::reregister_with`](crate::Registry::reregister_with).
    ///
    /// With it only one of several threads serves a source at a time.
    Oneshot,
}
