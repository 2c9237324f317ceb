//! A datagram into a buffer of the pool, laid out as a ring lays it out.
#![allow(unsafe_code, reason = "a msghdr is addresses for the kernel")]

use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io::Errno;

use crate::driver::readiness::calls;
use crate::op::datagram::{LENGTHS, Layout, NAME_ROOM};
use crate::sys;

/// Receives a datagram into the buffer of `len` bytes at `buffer`; how many of them are used.
///
/// # Safety
///
/// The buffer is the caller's, and `len` is enough for the layout.
pub(super) unsafe fn recv(
    fd: BorrowedFd<'_>,
    buffer: *mut u8,
    len: usize,
    layout: Layout,
) -> Result<u32, Errno> {
    let (control_at, data_at) = (layout.control_at(), layout.data_at());
    // SAFETY: the caller's buffer is longer than that.
    let name = unsafe { buffer.add(LENGTHS) };
    // SAFETY: the caller's buffer is longer than that.
    let control = unsafe { buffer.add(control_at) };
    // SAFETY: the caller's buffer is longer than that.
    let data = unsafe { buffer.add(data_at) };
    let mut slice = libc::iovec { iov_base: data.cast(), iov_len: len - data_at };
    // SAFETY: a msghdr of zeros is valid.
    let mut header: libc::msghdr = unsafe { mem::zeroed() };
    header.msg_name = name.cast();
    header.msg_namelen = NAME_ROOM as _;
    header.msg_control = control.cast();
    header.msg_controllen = usize::from(layout.control_room) as _;
    header.msg_iov = &raw mut slice;
    header.msg_iovlen = 1;
    // SAFETY: all that the header points to is in the buffer, or on the stack.
    let count = unsafe { calls::recvmsg(fd.as_raw_fd(), &raw mut header, sys::RECEIVE_FLAGS) }?;
    let lengths = [header.msg_namelen, header.msg_controllen as u32, count, header.msg_flags as u32];
    for (index, length) in lengths.into_iter().enumerate() {
        // SAFETY: the lengths stand at the begin of the buffer, which is longer than that.
        let at = unsafe { buffer.add(4 * index) };
        // SAFETY: as above; the type has no alignment to keep.
        unsafe { at.cast::<[u8; 4]>().write(length.to_ne_bytes()) };
    }
    // What lies between the parts is not written by the kernel, and is read with the whole.
    let gaps = [
        (LENGTHS + header.msg_namelen as usize, control_at),
        (control_at + sys::length(header.msg_controllen), data_at),
    ];
    for (from, to) in gaps {
        if let Some(length) = to.checked_sub(from) {
            // SAFETY: the gap is within the buffer.
            let at = unsafe { buffer.add(from) };
            // SAFETY: the gap is within the buffer.
            unsafe { at.write_bytes(0, length) };
        }
    }
    Ok(data_at as u32 + count)
}
