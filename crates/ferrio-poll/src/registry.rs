//! Registering sources with a Poll.

pub(crate) mod fork_guard;
pub(crate) mod readiness;
pub(crate) mod shared;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error;
use crate::interest::Interest;
use crate::mode::Mode;
use crate::registry::shared::Shared;
use crate::sys::handle::{Handle, Place};
use crate::token::Token;

/// Registers sources with a [`Poll`](crate::Poll).
///
/// A Poll has one ([`Poll::registry`](crate::Poll::registry)), and any number of
/// clones may go to other threads. What is registered through any of them counts
/// at once, also while the Poll is asleep in another thread.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::UdpSocket;
/// use ferrio::{Interest, Poll, Token};
///
/// let poll = Poll::new()?;
/// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
///
/// poll.registry().register(&mut socket, Token(0), Interest::READABLE)?;
/// poll.registry().reregister(&mut socket, Token(1), Interest::WRITABLE)?;
/// poll.registry().deregister(&mut socket)?;
/// # Ok(())
/// # }
/// ```
pub struct Registry {
    /// The Poll.
    shared: Arc<Shared>,
    /// How registrations through this registry report.
    mode: Mode,
    /// True once something was registered through this registry: tells whether a source
    /// heeds the mode. Kept only where the mode is not the default.
    is_used: AtomicBool,
}

impl Registry {
    pub(crate) fn new(shared: Arc<Shared>) -> Registry {
        Registry::with_mode(shared, Mode::Edge)
    }

    fn with_mode(shared: Arc<Shared>, mode: Mode) -> Registry {
        Registry { shared, mode, is_used: AtomicBool::new(false) }
    }

    /// Watches `source` for `interest` and reports it as `token`.
    ///
    /// Events are edge-triggered: one comes when the source becomes ready, and no
    /// other until an operation returned [`WouldBlock`](io::ErrorKind::WouldBlock)
    /// and the source became ready again. So use a source until `WouldBlock` before
    /// waiting for its next event.
    ///
    /// An event may come for nothing; an operation then returns `WouldBlock`. An
    /// error or a close is reported whatever the interest is.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if the source is registered already. What the system says
    /// otherwise: `PermissionDenied` for a regular file, `Unsupported` for an
    /// interest the platform lacks, `EBADF` for a descriptor that is closed. Which
    /// errors a [`Source`] of the user gives is up to it.
    pub fn register<S>(&self, source: &mut S, token: Token, interest: Interest) -> io::Result<()>
    where
        S: Source + ?Sized,
    {
        trace("register", token, Some(interest));
        source.register(self, token, interest)
    }

    /// Watches `source`, which is registered, for `interest` instead, and reports it
    /// as `token`. Readiness that was there before is reported anew.
    ///
    /// Nothing of the former registration stays: not its token, not its interest.
    ///
    /// # Errors
    ///
    /// `NotFound` if the source is not registered here; otherwise as for
    /// [`register`](Registry::register).
    pub fn reregister<S>(&self, source: &mut S, token: Token, interest: Interest) -> io::Result<()>
    where
        S: Source + ?Sized,
    {
        trace("reregister", token, Some(interest));
        source.reregister(self, token, interest)
    }

    /// Watches `source` like [`register`](Registry::register), with a mode of its own.
    ///
    /// The mode passes through every source that registers with the registry it is
    /// given. A plain [`reregister`](Registry::reregister) returns to [`Mode::Edge`].
    ///
    /// # Errors
    ///
    /// `Unsupported` if the source drops the mode, because it registers through another
    /// registry; it is not registered then. Otherwise as for
    /// [`register`](Registry::register).
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio::net::TcpListener;
    /// use ferrio::{Interest, Mode, Poll, Token};
    ///
    /// let poll = Poll::new()?;
    /// let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
    /// // Reported as long as a client waits: one `accept` per event is enough.
    /// poll.registry().register_with(&mut listener, Token(0), Interest::READABLE, Mode::Level)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn register_with<S>(
        &self,
        source: &mut S,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()>
    where
        S: Source + ?Sized,
    {
        if mode == Mode::Edge {
            return self.register(source, token, interest);
        }
        let view = Registry::with_mode(Arc::clone(&self.shared), mode);
        view.register(source, token, interest)?;
        if view.is_used.load(Ordering::Relaxed) {
            return Ok(());
        }
        // As if it had not been tried. An error of this would say nothing new.
        let _ = self.deregister(source);
        Err(error::mode_dropped(mode))
    }

    /// Changes a registration like [`reregister`](Registry::reregister), with a mode of
    /// its own. A source in [`Mode::Oneshot`] is armed for its next event.
    ///
    /// # Errors
    ///
    /// `Unsupported` if the source drops the mode; it has changed its registration then.
    /// Otherwise as for [`reregister`](Registry::reregister).
    pub fn reregister_with<S>(
        &self,
        source: &mut S,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()>
    where
        S: Source + ?Sized,
    {
        if mode == Mode::Edge {
            return self.reregister(source, token, interest);
        }
        let view = Registry::with_mode(Arc::clone(&self.shared), mode);
        view.reregister(source, token, interest)?;
        if view.is_used.load(Ordering::Relaxed) { Ok(()) } else { Err(error::mode_dropped(mode)) }
    }

    /// No longer watches `source`.
    ///
    /// Once this has returned, no later poll reports its token. A source that is
    /// simply dropped is no longer watched either, unless its descriptor was
    /// duplicated.
    ///
    /// # Errors
    ///
    /// `NotFound` if the source is not registered here, `EBADF` if its descriptor is
    /// closed: a backend that keeps the registrations itself has forgotten it by then,
    /// and a registration that the kernel keeps for a duplicate is out of reach.
    pub fn deregister<S>(&self, source: &mut S) -> io::Result<()>
    where
        S: Source + ?Sized,
    {
        trace("deregister", Token(0), None);
        source.deregister(self)
    }

    /// Another registry of the same Poll, to be moved to another thread. What is
    /// registered through it is edge-triggered.
    ///
    /// # Errors
    ///
    /// None on Linux; others may have to duplicate a descriptor.
    pub fn try_clone(&self) -> io::Result<Registry> {
        Ok(Registry::new(Arc::clone(&self.shared)))
    }

    /// True for the first caller only.
    ///
    /// mio allows one waker per Poll and panics on a second in debug builds. Its
    /// façade asks here; Ferrio itself allows any number.
    #[doc(hidden)]
    pub fn claim_only_waker(&self) -> bool {
        !self.shared.only_waker.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The mode of what is registered now.
    pub(crate) fn mode(&self) -> Mode {
        if self.mode != Mode::Edge {
            self.is_used.store(true, Ordering::Relaxed);
        }
        self.mode
    }

    /// Watches `handle`; every `register` of a source that the system watches ends here.
    pub(crate) fn register_source(
        &self,
        handle: Handle<'_>,
        place: &mut Place,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.shared.check_process()?;
        self.shared.selector.register(handle, place, token, interest, self.mode())
    }

    /// Changes how `handle` is watched.
    pub(crate) fn reregister_source(
        &self,
        handle: Handle<'_>,
        place: &mut Place,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.shared.check_process()?;
        self.shared.selector.reregister(handle, place, token, interest, self.mode())
    }

    /// No longer watches `handle`.
    pub(crate) fn deregister_source(&self, handle: Handle<'_>, place: &mut Place) -> io::Result<()> {
        self.shared.check_process()?;
        self.shared.selector.deregister(handle, place)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("backend", &self.shared.backend).field("mode", &self.mode).finish()
    }
}

/// Something that can be registered with a [`Poll`](crate::Poll).
///
/// The net types and pipes are sources. A type of the user becomes one by passing
/// each call on to a source inside it, with the same registry, or to a
/// `SourceFd`.
///
/// Users do not call these methods: [`Registry::register`] and its siblings do.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// use std::io;
/// use ferrio::event::Source;
/// use ferrio::net::TcpStream;
/// use ferrio::{Interest, Registry, Token};
///
/// struct Connection {
///     stream: TcpStream,
///     name: String,
/// }
///
/// impl Source for Connection {
///     fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
///         self.stream.register(registry, token, interest)
///     }
///
///     fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
///         self.stream.reregister(registry, token, interest)
///     }
///
///     fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
///         self.stream.deregister(registry)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be registered with a Poll",
    label = "this is no source of readiness",
    note = "sockets: use those of `ferrio::net`, which have `from_std` for std's",
    note = "anything else with a descriptor: wrap it in `IoSource` or `unix::FdSource`",
    note = "a struct of yours: implement `event::Source` and pass each call on to the source in it"
)]
#[doc(alias = "Evented")]
pub trait Source {
    /// Registers this source with `registry`.
    ///
    /// # Errors
    ///
    /// If it cannot be registered; [`Registry::register`] passes the error on.
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()>;

    /// Changes the registration of this source with `registry`.
    ///
    /// # Errors
    ///
    /// If it cannot be changed; [`Registry::reregister`] passes the error on.
    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()>;

    /// Ends the registration of this source with `registry`.
    ///
    /// # Errors
    ///
    /// If it cannot be ended; [`Registry::deregister`] passes the error on.
    fn deregister(&mut self, registry: &Registry) -> io::Result<()>;
}

impl<T> Source for Box<T>
where
    T: Source + ?Sized,
{
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        (**self).register(registry, token, interest)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        (**self).reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        (**self).deregister(registry)
    }
}

/// Refuses every interest but `READABLE`, for `what` is never anything else.
///
/// # Errors
///
/// `Unsupported`, with the interests that never come true.
pub(crate) fn check_readable(interest: Interest, what: &str) -> io::Result<()> {
    match interest.remove(Interest::READABLE) {
        None => Ok(()),
        Some(others) => Err(error::interest_never_true(others, what, "READABLE")),
    }
}

/// Refuses every interest but `possible`, and every mode but `Edge`, for `what` has a pace of its
/// own.
///
/// # Errors
///
/// `Unsupported`, with the mode, or the interests that never come true.
pub(crate) fn check_paced(
    registry: &Registry,
    interest: Interest,
    possible: Interest,
    what: &str,
) -> io::Result<()> {
    match (registry.mode(), interest.remove(possible)) {
        (Mode::Edge, None) => Ok(()),
        (Mode::Edge, Some(others)) => Err(error::interest_never_true(others, what, &format!("{possible:?}"))),
        (mode, _) => Err(error::mode_of_its_own(mode, what)),
    }
}

/// Says what happens to a source, where the feature `log` or `tracing` is on.
fn trace(what: &str, token: Token, interest: Option<Interest>) {
    #[cfg(feature = "log")]
    match interest {
        Some(interest) => log::trace!("{what} a source as {token:?} for {interest:?}"),
        None => log::trace!("{what} a source"),
    }
    #[cfg(feature = "tracing")]
    match interest {
        Some(interest) => tracing::trace!(token = token.0, ?interest, "{what} a source"),
        None => tracing::trace!("{what} a source"),
    }
    #[cfg(not(any(feature = "log", feature = "tracing")))]
    let _ = (what, token, interest);
}
