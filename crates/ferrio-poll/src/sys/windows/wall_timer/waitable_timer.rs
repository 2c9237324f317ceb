//! The calls of waitable timers.
#![allow(unsafe_code, reason = "each call of Windows is unsafe")]

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::System::SystemInformation::GetTickCount64;
use windows_sys::Win32::System::Threading::{
    CREATE_WAITABLE_TIMER_MANUAL_RESET, CancelWaitableTimer, CreateWaitableTimerExW, SetWaitableTimer,
    TIMER_ALL_ACCESS,
};

/// A timer that stays signalled, from the time it is set for until it is set again.
#[derive(Debug)]
pub(super) struct WaitableTimer(OwnedHandle);

impl WaitableTimer {
    /// A timer that is not set, and not inherited by children.
    pub(super) fn new() -> io::Result<WaitableTimer> {
        let flags = CREATE_WAITABLE_TIMER_MANUAL_RESET;
        // SAFETY: both pointers may be null.
        let timer = unsafe { CreateWaitableTimerExW(ptr::null(), ptr::null(), flags, TIMER_ALL_ACCESS) };
        if timer.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call above made the handle for us alone.
        Ok(WaitableTimer(unsafe { OwnedHandle::from_raw_handle(timer) }))
    }

    /// Sets the timer for a time of the wall clock, since 1970. It is not signalled until then.
    pub(super) fn set_at(&self, time: Duration) -> io::Result<()> {
        self.set(units(time).saturating_add(SINCE_1601))
    }

    /// Sets the timer for a time since the boot. It is not signalled until then.
    pub(super) fn set_at_time_since_boot(&self, time: Duration) -> io::Result<()> {
        // A negative number is a span, which the kernel counts from its last tick on as well.
        let left = units(time.saturating_sub(time_since_boot()));
        self.set(-left.max(1))
    }

    /// Stops the timer, which is not signalled afterwards.
    pub(super) fn stop(&self) -> io::Result<()> {
        // To cancel a timer leaves it signalled; to set it does not.
        self.set(i64::MAX)?;
        // SAFETY: the handle is open.
        let result = unsafe { CancelWaitableTimer(self.0.as_raw_handle()) };
        if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn set(&self, due: i64) -> io::Result<()> {
        // SAFETY: the handle is open, `due` outlives the call, and there is no routine to be
        // called.
        let result = unsafe { SetWaitableTimer(self.0.as_raw_handle(), &due, 0, None, ptr::null(), 0) };
        if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl AsHandle for WaitableTimer {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

/// The time since the boot at the last tick of the clock, the time in which the machine slept
/// included.
pub(super) fn time_since_boot() -> Duration {
    // SAFETY: it gives a number.
    Duration::from_millis(unsafe { GetTickCount64() })
}

/// `time` in the units of Windows, rounded up, so that no timer is early.
fn units(time: Duration) -> i64 {
    let units = time.as_nanos().div_ceil(u128::from(NANOSECONDS_PER_UNIT));
    i64::try_from(units).unwrap_or(i64::MAX)
}

/// Windows counts units of 100 ns.
const NANOSECONDS_PER_UNIT: u64 = 100;
const UNITS_PER_SECOND: u64 = 10_000_000;

/// From the beginning of 1601, from which Windows counts, to that of 1970.
const SINCE_1601: i64 = 11_644_473_600 * UNITS_PER_SECOND as i64;
