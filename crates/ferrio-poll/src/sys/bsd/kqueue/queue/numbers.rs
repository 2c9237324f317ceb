//! The numbers that each system gives to filters and their flags.

use super::super::kevent::Filter;

/// `filter` of a `struct kevent`.
#[cfg(target_os = "netbsd")]
type Raw = u32;
/// `filter` of a `struct kevent`.
#[cfg(not(target_os = "netbsd"))]
type Raw = i16;

/// The filters of this system.
pub(super) const FILTERS: &[(Filter, Raw)] = &[
    (Filter::Read, libc::EVFILT_READ),
    (Filter::Write, libc::EVFILT_WRITE),
    (Filter::User, libc::EVFILT_USER),
    (Filter::Proc, libc::EVFILT_PROC),
    (Filter::Timer, libc::EVFILT_TIMER),
    (Filter::Vnode, libc::EVFILT_VNODE),
    (Filter::Aio, libc::EVFILT_AIO),
    #[cfg(not(any(target_os = "freebsd", target_os = "netbsd")))]
    (Filter::Except, libc::EVFILT_EXCEPT),
    #[cfg(target_os = "freebsd")]
    (Filter::Lio, libc::EVFILT_LIO),
];

/// The number of no filter.
pub(super) const NO_FILTER: Raw = Raw::MAX;

/// With `Filter::Except`: there is urgent data.
#[cfg(not(any(target_os = "freebsd", target_os = "netbsd")))]
pub(super) const NOTE_OOB: Option<u32> = Some(libc::NOTE_OOB);
/// It has no such filter.
#[cfg(any(target_os = "freebsd", target_os = "netbsd"))]
pub(super) const NOTE_OOB: Option<u32> = None;

/// The flags of a change that changes nothing.
#[cfg(target_os = "freebsd")]
pub(super) const PROBE: Option<u16> = Some(libc::EV_KEEPUDATA);
/// The flags of a change that changes nothing.
#[cfg(target_os = "openbsd")]
pub(super) const PROBE: Option<u16> = Some(0);
/// Any change takes the data of the event over, or it is not known that none does.
#[cfg(not(any(target_os = "freebsd", target_os = "openbsd")))]
pub(super) const PROBE: Option<u16> = None;

/// With `Filter::Timer`: its time is in nanoseconds.
#[cfg(any(target_os = "freebsd", target_os = "netbsd"))]
pub(crate) const NOTE_TIMER: u32 = libc::NOTE_NSECONDS;
/// Its time is in nanoseconds, and not to be put off to save power.
#[cfg(target_vendor = "apple")]
pub(crate) const NOTE_TIMER: u32 = libc::NOTE_NSECONDS | libc::NOTE_CRITICAL;
/// There is no such flag.
#[cfg(any(target_os = "openbsd", target_os = "dragonfly"))]
pub(crate) const NOTE_TIMER: u32 = 0;

/// With `Filter::Vnode`: the file was cut. Other systems call that a change of attributes.
pub(crate) const NOTE_TRUNCATE: u32 = if cfg!(target_os = "openbsd") { 0x80 } else { 0 };

/// The unit of that time.
pub(crate) const NANOS_PER_TICK: u128 = if NOTE_TIMER == 0 { 1_000_000 } else { 1 };
