//! What only kqueue has.
//!
//! - [`RegistryExt`] hands out the kqueue of a Poll, for requests of aio(4) that end there.

use std::io;
use std::os::fd::BorrowedFd;

use crate::os::linux::Sealed;
use crate::registry::Registry;

/// Hands out the kqueue of a Poll.
pub trait RegistryExt: Sealed {
    /// The kqueue, for requests of aio(4) that are to end as events of the Poll.
    ///
    /// A request names it: `sigev_notify` is `SIGEV_KEVENT`, `sigev_notify_kqueue` this
    /// descriptor and `sigev_value` the token. Once the request is done the Poll reports that
    /// token, and [`is_aio`](crate::event::Event::is_aio) or
    /// [`is_lio`](crate::event::Event::is_lio) is true. Nothing is registered for it: a
    /// registration with [`Interest::AIO`](crate::Interest::AIO) is `Unsupported`.
    ///
    /// Unlike [`AsFd`](std::os::fd::AsFd) of a Poll this changes nothing about its wakes.
    ///
    /// Leave `EVFILT_USER` of this kqueue alone, it is what wakes the Poll, and on Apple's
    /// systems also kevent64(2) and kevent_qos(2): a kqueue that was used by one of these refuses
    /// kevent(2).
    ///
    /// # Errors
    ///
    /// `Unsupported` on a backend other than [`Backend::Kqueue`](crate::Backend::Kqueue).
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio::os::bsd::RegistryExt;
    /// use ferrio::{Backend, Poll};
    ///
    /// let poll = Poll::new()?;
    /// let is_there = poll.registry().kqueue().is_ok();
    /// assert_eq!(is_there, poll.backend() == Backend::Kqueue);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "SIGEV_KEVENT")]
    fn kqueue(&self) -> io::Result<BorrowedFd<'_>>;
}

impl RegistryExt for Registry {
    fn kqueue(&self) -> io::Result<BorrowedFd<'_>> {
        self.shared().check_process()?;
        self.shared().selector.kqueue()
    }
}
