//! epoll's wait with any timeout.
#![allow(
    unsafe_code,
    reason = "two waits that rustix does not offer in the form needed, and a cast between two types of one layout"
)]

use std::ffi::c_int;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{Timespec, epoll};
use rustix::io::Errno;

use crate::sys::linux::event::Event;

/// Waits on `epoll` and returns how many events were written.
///
/// Whole milliseconds go through epoll_pwait(2). A timeout with a finer part, or
/// above 24 days, goes through epoll_pwait2(2), which Linux has had since 5.11.
/// Where that is missing or denied the timeout is rounded up to a millisecond, and
/// down to 24 days.
///
/// # Errors
///
/// `EINTR` only; what else the call knows cannot happen here.
pub(super) fn wait(
    epoll: BorrowedFd<'_>,
    events: &mut [Event],
    timeout: Option<Duration>,
) -> Result<usize, Errno> {
    let Some(timeout) = timeout else {
        return absorb(epoll::wait(epoll, as_rustix(events), None), epoll, events, -1);
    };
    let is_exact = timeout <= MILLIS_MAX && timeout.subsec_nanos() % NANOS_PER_MILLI == 0;
    if !is_exact && !PWAIT2_DENIED.load(Ordering::Relaxed) {
        match pwait2(epoll, events, timeout) {
            Err(Errno::NOSYS | Errno::PERM) => PWAIT2_DENIED.store(true, Ordering::Relaxed),
            result => return result,
        }
    }
    let millis = round_up(timeout);
    let spec =
        Timespec { tv_sec: i64::from(millis / 1000), tv_nsec: i64::from(millis % 1000 * 1_000_000) as _ };
    absorb(epoll::wait(epoll, as_rustix(events), Some(&spec)), epoll, events, millis)
}

/// The timeout in milliseconds: never shorter than asked, except above the most
/// that the call can take.
fn round_up(timeout: Duration) -> c_int {
    let millis = timeout.as_nanos().div_ceil(u128::from(NANOS_PER_MILLI));
    c_int::try_from(millis).unwrap_or(c_int::MAX)
}

/// epoll_pwait2(2), which takes nanoseconds.
fn pwait2(epoll: BorrowedFd<'_>, events: &mut [Event], timeout: Duration) -> Result<usize, Errno> {
    /// `struct __kernel_timespec`: 64 bits on every architecture.
    #[repr(C)]
    struct KernelTimespec {
        seconds: i64,
        nanos: i64,
    }
    let timeout = KernelTimespec {
        seconds: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
        nanos: i64::from(timeout.subsec_nanos()),
    };
    // SAFETY: epoll_pwait2(2). The descriptor is open, `events` is writable for its
    // whole length, `timeout` lives across the call, and a null mask leaves the
    // signals alone.
    let count = unsafe {
        libc::syscall(
            libc::SYS_epoll_pwait2,
            epoll.as_raw_fd(),
            events.as_mut_ptr(),
            length(events),
            ptr::from_ref(&timeout),
            ptr::null::<libc::sigset_t>(),
            0_usize,
        )
    };
    usize::try_from(count).map_err(|_| last_error())
}

/// `result`, or the same wait by libc where rustix was built, by some other crate
/// of the program, to use a call that this kernel lacks.
fn absorb(
    result: Result<usize, Errno>,
    epoll: BorrowedFd<'_>,
    events: &mut [Event],
    millis: c_int,
) -> Result<usize, Errno> {
    if result != Err(Errno::NOSYS) {
        return result;
    }
    // SAFETY: epoll_wait(2). The descriptor is open, and `events` is writable for its
    // whole length.
    let count = unsafe { libc::epoll_wait(epoll.as_raw_fd(), events.as_mut_ptr(), length(events), millis) };
    usize::try_from(count).map_err(|_| last_error())
}

/// `events` as rustix names them.
fn as_rustix(events: &mut [Event]) -> &mut [epoll::Event] {
    let (start, len) = (events.as_mut_ptr(), events.len());
    // SAFETY: both types are the kernel's epoll_event, of the same size, alignment and
    // fields, as a test here checks, and any bits are valid for either. The lifetime
    // and the exclusive borrow are those of the argument.
    unsafe { slice::from_raw_parts_mut(start.cast(), len) }
}

/// The length of `events` as the kernel takes it.
fn length(events: &[Event]) -> c_int {
    c_int::try_from(events.len()).unwrap_or(c_int::MAX)
}

fn last_error() -> Errno {
    Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::INVAL)
}

/// True once epoll_pwait2 was found missing or denied; it stays so.
static PWAIT2_DENIED: AtomicBool = AtomicBool::new(false);

const NANOS_PER_MILLI: u32 = 1_000_000;

/// The longest timeout that epoll_pwait can take: 24.8 days.
const MILLIS_MAX: Duration = Duration::from_millis(c_int::MAX as u64);

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;

    #[test]
    fn timeouts_are_rounded_up_and_never_negative() {
        assert_eq!(round_up(Duration::ZERO), 0);
        assert_eq!(round_up(Duration::from_nanos(1)), 1);
        assert_eq!(round_up(Duration::from_micros(1001)), 2);
        assert_eq!(round_up(MILLIS_MAX), c_int::MAX);
        assert_eq!(round_up(MILLIS_MAX + Duration::from_nanos(1)), c_int::MAX);
        assert_eq!(round_up(Duration::MAX), c_int::MAX);
    }

    #[test]
    fn both_types_of_an_event_have_one_layout() {
        assert_eq!(size_of::<epoll::Event>(), size_of::<Event>());
        assert_eq!(align_of::<epoll::Event>(), align_of::<Event>());
        assert_eq!(offset_of!(epoll::Event, flags), offset_of!(Event, events));
        assert_eq!(offset_of!(epoll::Event, data), offset_of!(Event, u64));
    }
}
