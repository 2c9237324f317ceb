//! What the backend in use can do.

/// How a backend provides a feature.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Support {
    /// Not at all: asking for it is an `Unsupported` error.
    Absent,
    /// By Ferrio, on top of a kernel that lacks it.
    Emulated,
    /// By the kernel.
    Native,
}

/// What the backend of a [`Poll`](crate::Poll) can do.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::{Backend, Poll};
///
/// let poll = Poll::builder().backend(Backend::Poll2).build()?;
/// // A descriptor without a Ferrio type around it is re-armed by hand there.
/// assert!(!poll.capabilities().raw_descriptors_rearm);
/// # Ok(())
/// # }
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Edge-triggered events: [`Mode::Edge`](crate::Mode::Edge).
    pub edge: Support,
    /// [`Mode::Level`](crate::Mode::Level).
    pub level: Support,
    /// [`Mode::Oneshot`](crate::Mode::Oneshot).
    pub oneshot: Support,
    /// [`Interest::HANGUP`](crate::Interest::HANGUP).
    pub hangup: Support,
    /// [`Interest::PRIORITY`](crate::Interest::PRIORITY).
    pub priority: Support,
    /// [`Interest::AIO`](crate::Interest::AIO).
    pub aio: Support,
    /// [`Interest::LIO`](crate::Interest::LIO).
    pub lio: Support,
    /// Registrations by the kernel's own flags, as in `os::linux`.
    pub raw_flags: Support,
    /// The kernel can be asked to poll network devices before a wait sleeps, as in
    /// `os::linux`. One that is too old says so when it is asked.
    pub busy_poll: Support,
    /// A timeout is kept with the precision of nanoseconds rather than rounded up
    /// to a millisecond. `Native` where the kernel has the call; one that denies
    /// it at run time makes the wait fall back to milliseconds.
    pub nanosecond_timeout: Support,
    /// A short read has drained its source: readiness is reported again when more
    /// arrives, and the extra call that ends in `WouldBlock` can be left out. The same
    /// holds for a short write and room.
    ///
    /// This is promised for one kind of call only: `read` or `write` with *one* buffer,
    /// on a TCP stream, a Unix stream or a pipe, after an event that was neither a close,
    /// nor an error, nor [priority](crate::event::Event::is_priority). Even so a read can be
    /// short although there is more, for a reason that the peer or the creator of the
    /// descriptor decides:
    ///
    /// - TCP: a read ends at the mark of urgent data. A peer can send urgent data at any
    ///   time, and needs no permission for it.
    /// - TCP with the kernel's TLS (kTLS): a read ends at a record of another type.
    /// - Unix streams: a read ends at passed descriptors, and where the credentials
    ///   of the sender change (`SO_PASSCRED`).
    /// - Pipes in packet mode (`O_DIRECT`): a read ends with its packet.
    ///
    /// So a program that serves peers it does not trust reads until `WouldBlock`, as
    /// [`read_available`](crate::buffer::read_available) does. Never short-cut a
    /// terminal, a datagram or packet socket, a read with several slices (the kernel
    /// takes 1024 at most) or a peek.
    pub short_read_drains: bool,
    /// A descriptor registered through `SourceFd` is
    /// reported again on its own. If false, `reregister` re-arms it.
    pub raw_descriptors_rearm: bool,
    /// The Poll's own descriptor becomes readable whenever the Poll has something
    /// to report, so it can sit inside another event loop. If false it shows
    /// wakes only.
    pub embeddable: bool,
    /// A descriptor that is registered with this Poll already is refused with `AlreadyExists`.
    /// If false, a second registration takes the place of the first, or on Windows stands beside
    /// it, if another source makes it.
    pub refuses_second: bool,
    /// A regular file or a directory, which is always ready, is refused with
    /// `PermissionDenied`. If false it can be watched, and what is reported is the kernel's
    /// affair.
    pub refuses_files: bool,
}
