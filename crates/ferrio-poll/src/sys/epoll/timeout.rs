//! epoll's wait with any timeout.
#![allow(unsafe_code, reason = "two waits that rustix does not offer in the form needed")]

use std::ffi::c_int;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
#[cfg(target_os = "linux")]
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::io::Errno;

use crate::sys::capabilities::Support;
use crate::sys::epoll::event::Event;

/// Waits on `epoll` and returns how many events were written.
///
/// Whole milliseconds go through epoll_wait(2). A timeout with a finer part, or
/// above 24 days, goes through epoll_pwait2(2), which Linux has had since 5.11.
/// Where that is missing or denied the timeout is rounded up to a millisecond, and
/// down to 24 days.
///
/// # Errors
///
/// `EINTR`, and `EINVAL` if there is no room for an event; what else the call knows
/// cannot happen here.
#[inline(always)]
pub(super) fn wait(
    epoll: BorrowedFd<'_>,
    events: &mut [Event],
    timeout: Option<Duration>,
) -> Result<usize, Errno> {
    let count = match timeout {
        None => wait_millis(epoll, events, -1),
        Some(timeout) if is_zero(timeout) => wait_millis(epoll, events, 0),
        Some(timeout) => wait_for(epoll, events, timeout),
    };
    match usize::try_from(count) {
        Ok(count) => Ok(count),
        Err(_) => Err(last_error()),
    }
}

/// True if it is no time at all. In two instructions, unlike [`Duration::is_zero`].
fn is_zero(timeout: Duration) -> bool {
    timeout.as_secs() | u64::from(timeout.subsec_nanos()) == 0
}

/// Waits with a timeout that is not zero. Like the calls, it gives -1 for an error.
fn wait_for(epoll: BorrowedFd<'_>, events: &mut [Event], timeout: Duration) -> c_int {
    match whole_millis(timeout) {
        Some(millis) => wait_millis(epoll, events, millis),
        None => wait_exactly(epoll, events, timeout),
    }
}

/// The timeout in milliseconds, if it is a whole number of them that fits.
fn whole_millis(timeout: Duration) -> Option<c_int> {
    let nanos = timeout.subsec_nanos();
    if timeout.as_secs() >= SECONDS_MAX || nanos % NANOS_PER_MILLI != 0 {
        return None;
    }
    Some(timeout.as_secs() as c_int * 1000 + (nanos / NANOS_PER_MILLI) as c_int)
}

/// The timeout in milliseconds: never shorter than asked, except above the most that
/// the call can take.
fn round_up(timeout: Duration) -> c_int {
    let rest = timeout.subsec_nanos().div_ceil(NANOS_PER_MILLI);
    let millis = timeout.as_secs().saturating_mul(1000).saturating_add(u64::from(rest));
    c_int::try_from(millis).unwrap_or(c_int::MAX)
}

/// Waits with a timeout that is no whole number of milliseconds, or too long for them.
#[cold]
fn wait_exactly(epoll: BorrowedFd<'_>, events: &mut [Event], timeout: Duration) -> c_int {
    if !PWAIT2_DENIED.load(Ordering::Relaxed) {
        let count = pwait2(epoll, events, timeout);
        if count >= 0 || !matches!(last_error(), Errno::NOSYS | Errno::PERM | Errno::ACCESS) {
            return count;
        }
        PWAIT2_DENIED.store(true, Ordering::Relaxed);
    }
    wait_millis(epoll, events, round_up(timeout))
}

/// epoll_wait(2), which takes milliseconds, -1 for ever.
#[inline(always)]
fn wait_millis(epoll: BorrowedFd<'_>, events: &mut [Event], millis: c_int) -> c_int {
    // SAFETY: epoll_wait(2). The descriptor is open, and `events` is writable for its
    // whole length.
    unsafe { libc::epoll_wait(epoll.as_raw_fd(), events.as_mut_ptr(), events.len() as c_int, millis) }
}

/// Not to be called: illumos does not have it, and Android's sandbox ends a process that makes
/// a call it does not know. See [`PWAIT2_DENIED`].
#[cfg(not(target_os = "linux"))]
fn pwait2(_: BorrowedFd<'_>, _: &mut [Event], _: Duration) -> c_int {
    -1
}

/// epoll_pwait2(2), which takes nanoseconds.
#[cfg(target_os = "linux")]
fn pwait2(epoll: BorrowedFd<'_>, events: &mut [Event], timeout: Duration) -> c_int {
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
            events.len() as c_int,
            ptr::from_ref(&timeout),
            ptr::null::<libc::sigset_t>(),
            0_usize,
        )
    };
    count as c_int
}

#[cold]
fn last_error() -> Errno {
    Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::INVAL)
}

/// True once epoll_pwait2 was found missing or denied; it stays so.
static PWAIT2_DENIED: AtomicBool = AtomicBool::new(cfg!(not(target_os = "linux")));

/// Whether a fine timeout is worth a try.
pub(super) const NANOSECONDS: Support =
    if cfg!(target_os = "linux") { Support::Native } else { Support::Absent };

const NANOS_PER_MILLI: u32 = 1_000_000;

/// The shortest timeout in seconds whose milliseconds may not fit: 24.8 days.
const SECONDS_MAX: u64 = c_int::MAX as u64 / 1000;

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_rounded_up_and_never_negative() {
        assert_eq!(round_up(Duration::ZERO), 0);
        assert_eq!(round_up(Duration::from_nanos(1)), 1);
        assert_eq!(round_up(Duration::from_micros(1001)), 2);
        assert_eq!(round_up(Duration::from_secs(SECONDS_MAX + 1)), c_int::MAX);
        assert_eq!(round_up(Duration::MAX), c_int::MAX);
    }

    #[test]
    fn whole_milliseconds_are_told_from_others() {
        assert_eq!(whole_millis(Duration::ZERO), Some(0));
        assert_eq!(whole_millis(Duration::from_millis(61_003)), Some(61_003));
        assert_eq!(whole_millis(Duration::from_micros(1500)), None);
        assert_eq!(
            whole_millis(Duration::from_secs(SECONDS_MAX) - Duration::from_millis(1)),
            Some(2_147_482_999)
        );
        assert_eq!(whole_millis(Duration::from_secs(SECONDS_MAX)), None);
        assert_eq!(whole_millis(Duration::MAX), None);
    }
}
