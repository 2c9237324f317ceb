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
/// # fn main() -> std::io::Result<()> {
/// use ferrio_poll::{Backend, Poll};
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
    /// A read that returned fewer bytes than asked, or a write that took fewer,
    /// proves that the next one would block, and readiness is reported again when
    /// that changes: the extra call that ends in `WouldBlock` can be left out.
    /// Holds for streams and pipes whose event was not a close, an error or
    /// urgent data.
    pub short_read_drains: bool,
    /// A descriptor registered through [`SourceFd`](crate::unix::SourceFd) is
    /// reported again on its own. If false, `reregister` re-arms it.
    pub raw_descriptors_rearm: bool,
    /// The Poll's own descriptor becomes readable whenever the Poll has something
    /// to report, so it can sit inside another event loop. If false it shows
    /// wakes only.
    pub embeddable: bool,
}
