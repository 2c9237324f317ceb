//! A source made of a raw descriptor.

use std::io;
use std::os::fd::RawFd;

use crate::interest::Interest;
use crate::registry::{Registry, Source};
use crate::sys::descriptor;
use crate::sys::handle::Place;
use crate::token::Token;

/// A source made of a raw descriptor: for everything Ferrio has no type for.
///
/// The descriptor is only looked at for the time of the call and stays its owner's:
/// keep it open while it is registered, make it non-blocking, and deregister it
/// before closing it.
///
/// On a backend whose
/// [`raw_descriptors_rearm`](crate::Capabilities::raw_descriptors_rearm) is false, call
/// `reregister` after `WouldBlock` to be told of the next readiness.
///
/// # Errors
///
/// Registering gives `EBADF` for a number that is no open descriptor, and
/// `PermissionDenied` for a regular file or directory.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::os::fd::AsRawFd;
/// use ferrio::unix::SourceFd;
/// use ferrio::{Interest, Poll, Token};
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// listener.set_nonblocking(true)?;
///
/// let poll = Poll::new()?;
/// poll.registry().register(&mut SourceFd(&listener.as_raw_fd()), Token(0), Interest::READABLE)?;
/// # Ok(())
/// # }
/// ```
#[doc(alias = "EventedFd")]
#[derive(Debug)]
pub struct SourceFd<'a>(pub &'a RawFd);

impl Source for SourceFd<'_> {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        registry.register_source(descriptor::borrow(*self.0)?, &mut Place, token, interest)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        registry.reregister_source(descriptor::borrow(*self.0)?, &mut Place, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister_source(descriptor::borrow(*self.0)?, &mut Place)
    }
}
