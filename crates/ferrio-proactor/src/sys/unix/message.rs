//! The header of a message, and the memory it is for.
#![allow(unsafe_code, reason = "a msghdr is addresses for the kernel")]

use std::mem;
use std::ptr;
use std::slice;

/// The flags that say that a message, or its control data, was longer than the room for it.
pub(crate) const RESULT_FLAGS: [u32; 2] = [libc::MSG_TRUNC as u32, libc::MSG_CTRUNC as u32];

/// Memory that a message is received into, or sent from.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Slice(libc::iovec);

impl Slice {
    pub(crate) fn new(at: *mut u8, len: usize) -> Slice {
        Slice(libc::iovec { iov_base: at.cast(), iov_len: len })
    }

    pub(crate) fn at(&self) -> *mut u8 {
        self.0.iov_base.cast()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.iov_len
    }
}

/// What recvmsg(2) and sendmsg(2) are told of a message, and tell of it.
#[repr(transparent)]
pub(crate) struct Header(libc::msghdr);

impl Header {
    /// No address, no memory, no control data.
    pub(crate) fn new() -> Header {
        // SAFETY: a msghdr of zeros is valid.
        Header(unsafe { mem::zeroed() })
    }

    /// The address, or the room for one.
    pub(crate) fn set_name(&mut self, at: *mut u8, len: usize) {
        self.0.msg_name = at.cast();
        self.0.msg_namelen = len as _;
    }

    pub(crate) fn name_len(&self) -> usize {
        self.0.msg_namelen as usize
    }

    pub(crate) fn set_slices(&mut self, slices: &mut [Slice]) {
        self.0.msg_iov = slices.as_mut_ptr().cast();
        self.0.msg_iovlen = slices.len() as _;
    }

    /// The memory.
    ///
    /// # Safety
    ///
    /// The slices that were set are still there.
    pub(crate) unsafe fn slices(&self) -> &[Slice] {
        if self.0.msg_iov.is_null() {
            return &[];
        }
        // SAFETY: they are, by the word of the caller, and `Slice` is an iovec.
        unsafe { slice::from_raw_parts(self.0.msg_iov.cast(), length(self.0.msg_iovlen)) }
    }

    /// The control data, or the room for it.
    pub(crate) fn set_control(&mut self, at: *mut u8, len: usize) {
        self.0.msg_control = if len > 0 { at.cast() } else { ptr::null_mut() };
        self.0.msg_controllen = len as _;
    }

    pub(crate) fn control_len(&self) -> usize {
        length(self.0.msg_controllen)
    }

    /// What was told of a message that came.
    pub(crate) fn flags(&self) -> u32 {
        self.0.msg_flags as u32
    }

    /// For the calls.
    pub(crate) fn as_raw(header: *mut Header) -> *mut libc::msghdr {
        header.cast()
    }
}

/// A length in a structure of the kernel, whose type is not the same everywhere.
fn length(length: impl TryInto<usize>) -> usize {
    length.try_into().unwrap_or(0)
}
