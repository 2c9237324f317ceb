//! What the kernel said of a source.

/// What the kernel said of a source, bit by bit.
///
/// Made by [`Event::raw`](crate::event::Event::raw). A platform without such a bit
/// leaves it false.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::unix::pipe;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
/// let (sender, mut receiver) = pipe::new()?;
/// poll.registry().register(&mut receiver, Token(0), Interest::READABLE)?;
/// drop(sender);
/// poll.wait(&mut events, None)?;
/// let raw = events[0].raw();
/// assert!(raw.hangup || raw.read_hangup);
/// # Ok(())
/// # }
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Raw {
    /// `IN`: there is something to read, or an end.
    pub readable: bool,
    /// `OUT`: there is room to write.
    pub writable: bool,
    /// `PRI`: there is urgent data, or a condition that depends on the kind of file.
    pub priority: bool,
    /// `RDHUP`: the peer shut down its writing side.
    pub read_hangup: bool,
    /// `HUP`: both sides are closed, or the other end of a pipe is.
    pub hangup: bool,
    /// `ERR`: an error is pending, or the reader of a pipe is gone.
    pub error: bool,
    /// All bits as the kernel has them, whatever they mean there; on kqueue, which has none, as
    /// Ferrio has them.
    pub bits: u32,
}
