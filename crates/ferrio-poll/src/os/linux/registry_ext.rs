//! Registering with the flags of the kernel.

use std::io;
use std::os::fd::AsFd;

use crate::os::linux::Sealed;
use crate::registry::Registry;
use crate::sys::epoll_flags::EpollFlags;
use crate::token::Token;

/// Registers descriptors with the flags of epoll_ctl(2) themselves.
///
/// Such a registration says everything: the mode by `ET` and `ONESHOT`, and `RDHUP` too. The descriptor is deregistered through a
/// [`SourceFd`](crate::unix::SourceFd), or by closing it.
///
/// # Examples
///
/// Two threads accept from one listener, and a client wakes one of them:
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::os::linux::{EpollFlags, RegistryExt};
/// use ferrio::{Events, Poll, Support, Token};
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// listener.set_nonblocking(true)?;
/// let mut polls = [Poll::new()?, Poll::new()?];
/// if polls[0].capabilities().raw_flags == Support::Absent {
///     return Ok(());
/// }
/// for poll in &polls {
///     poll.registry().register_flags(&listener, Token(0), EpollFlags::IN | EpollFlags::EXCLUSIVE)?;
/// }
/// let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
/// let mut events = Events::with_capacity(4);
/// polls[0].poll(&mut events, None)?;
/// assert!(events[0].is_readable());
/// # Ok(())
/// # }
/// ```
pub trait RegistryExt: Sealed {
    /// Watches `fd` with exactly these `flags`, and reports it as `token`.
    ///
    /// # Errors
    ///
    /// `Unsupported` on a backend whose
    /// [`raw_flags`](crate::Capabilities::raw_flags) are absent, and for a set of flags that
    /// the kernel refuses: beside `EXCLUSIVE` it allows `IN`, `OUT`, `WAKEUP` and `ET`.
    /// `PermissionDenied` for `WAKEUP` without `CAP_BLOCK_SUSPEND`, which the kernel would
    /// drop silently. Otherwise those of [`Registry::register`].
    fn register_flags(&self, fd: impl AsFd, token: Token, flags: EpollFlags) -> io::Result<()>;

    /// Watches `fd`, which is registered, with exactly these `flags` instead.
    ///
    /// # Errors
    ///
    /// Those of [`register_flags`](RegistryExt::register_flags); `EXCLUSIVE` is refused here.
    fn reregister_flags(&self, fd: impl AsFd, token: Token, flags: EpollFlags) -> io::Result<()>;
}

impl RegistryExt for Registry {
    fn register_flags(&self, fd: impl AsFd, token: Token, flags: EpollFlags) -> io::Result<()> {
        self.shared().check_process()?;
        self.shared().selector.register_flags(fd.as_fd(), token, flags)
    }

    fn reregister_flags(&self, fd: impl AsFd, token: Token, flags: EpollFlags) -> io::Result<()> {
        self.shared().check_process()?;
        self.shared().selector.reregister_flags(fd.as_fd(), token, flags)
    }
}

impl Sealed for Registry {}
