//! The index of a ring among the registered rings of its thread.
//!
//! The kernel finds a ring by it without counting a reference to its file in each call. The
//! crate that maps the rings forgets its index with each of its submitters, so the two calls
//! are made here.
#![allow(unsafe_code, reason = "system calls that no safe library has")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

/// `IORING_REGISTER_RING_FDS` of `linux/io_uring.h`.
const REGISTER: libc::c_uint = 20;
/// `IORING_UNREGISTER_RING_FDS`.
const UNREGISTER: libc::c_uint = 21;
/// As the index to register at: the first that is free.
const ANY: u32 = u32::MAX;

/// `struct io_uring_rsrc_update` of `linux/io_uring.h`.
#[repr(C)]
struct Update {
    /// The index; the kernel writes it.
    offset: u32,
    reserved: u32,
    /// The descriptor.
    data: u64,
}

/// Makes a ring known to the kernel by an index, for the calling thread alone; `None` if the
/// kernel has no indices, or this thread no free one.
///
/// The registration holds the ring: it is to be [withdrawn](unregister) before the ring is closed.
pub(super) fn register(ring: BorrowedFd<'_>) -> Option<u32> {
    let data = u64::try_from(ring.as_raw_fd()).ok()?;
    let mut update = Update { offset: ANY, reserved: 0, data };
    call(ring.as_raw_fd(), REGISTER, &mut update).ok()?;
    Some(update.offset)
}

/// Withdraws what [`register`] gave, in the thread that called it.
///
/// # Errors
///
/// `AlreadyExists` in another thread.
pub(super) fn unregister(ring: BorrowedFd<'_>, index: u32) -> io::Result<()> {
    call(ring.as_raw_fd(), UNREGISTER, &mut Update { offset: index, reserved: 0, data: 0 })
}

fn call(ring: RawFd, operation: libc::c_uint, update: &mut Update) -> io::Result<()> {
    const ONE: libc::c_uint = 1;
    let update: *mut Update = update;
    // SAFETY: for these two operations the kernel reads and writes one `Update`, to which the
    // pointer is borrowed exclusively for the call.
    let done = unsafe { libc::syscall(libc::SYS_io_uring_register, ring, operation, update, ONE) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
