//! What the kernel answers, as errors of Windows.
#![allow(unsafe_code, reason = "a call that translates a number")]

use std::io;

use windows_sys::Win32::Foundation::{NTSTATUS, RtlNtStatusToDosError};

/// The error that `status` stands for.
pub(crate) fn error(status: NTSTATUS) -> io::Error {
    // SAFETY: it takes a number and gives one.
    let code = unsafe { RtlNtStatusToDosError(status) };
    io::Error::from_raw_os_error(code as i32)
}
