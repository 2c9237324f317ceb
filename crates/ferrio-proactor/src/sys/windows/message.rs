//! The header of a message, and the memory it is for.
#![allow(unsafe_code, reason = "a WSAMSG is addresses for the kernel")]

use std::ptr;
use std::slice;

use windows_sys::Win32::Networking::WinSock::{MSG_CTRUNC, MSG_TRUNC, WSABUF, WSAMSG};

/// There are none to ask for.
pub(crate) const RECEIVE_FLAGS: i32 = 0;

/// The flags that say that a message, or its control data, was longer than the room for it.
pub(crate) const RESULT_FLAGS: [u32; 2] = [MSG_TRUNC, MSG_CTRUNC];

/// No control message passes descriptors.
pub(crate) const RIGHTS: Option<(i32, i32)> = None;

/// A descriptor that came with a message, of which there is none.
#[derive(Debug)]
pub(crate) enum Passed {}

/// Takes the descriptors in control data, of which there are none.
///
/// # Safety
///
/// Nothing is asked for.
pub(crate) unsafe fn take_descriptors(_: &[u8], _: &mut Vec<Passed>) {}

/// Memory that a message is received into, or sent from.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Slice(WSABUF);

impl Slice {
    /// What is longer than its length can say is cut.
    pub(crate) fn new(at: *mut u8, len: usize) -> Slice {
        Slice(WSABUF { buf: at, len: u32::try_from(len).unwrap_or(u32::MAX) })
    }

    pub(crate) fn at(&self) -> *mut u8 {
        self.0.buf
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len as usize
    }
}

/// What WSARecvMsg and WSASendMsg are told of a message, and tell of it.
#[repr(transparent)]
pub(crate) struct Header(WSAMSG);

impl Header {
    /// No address, no memory, no control data.
    pub(crate) fn new() -> Header {
        Header(WSAMSG {
            name: ptr::null_mut(),
            namelen: 0,
            lpBuffers: ptr::null_mut(),
            dwBufferCount: 0,
            Control: WSABUF { len: 0, buf: ptr::null_mut() },
            dwFlags: 0,
        })
    }

    /// The address, or the room for one.
    pub(crate) fn set_name(&mut self, at: *mut u8, len: usize) {
        self.0.name = at.cast();
        self.0.namelen = len as i32;
    }

    pub(crate) fn name_len(&self) -> usize {
        self.0.namelen as usize
    }

    pub(crate) fn set_slices(&mut self, slices: &mut [Slice]) {
        self.0.lpBuffers = slices.as_mut_ptr().cast();
        self.0.dwBufferCount = slices.len() as u32;
    }

    /// The memory.
    ///
    /// # Safety
    ///
    /// The slices that were set are still there.
    pub(crate) unsafe fn slices(&self) -> &[Slice] {
        if self.0.lpBuffers.is_null() {
            return &[];
        }
        // SAFETY: they are, by the word of the caller, and `Slice` is a WSABUF.
        unsafe { slice::from_raw_parts(self.0.lpBuffers.cast(), self.0.dwBufferCount as usize) }
    }

    /// The control data, or the room for it.
    pub(crate) fn set_control(&mut self, at: *mut u8, len: usize) {
        self.0.Control = Slice::new(if len > 0 { at } else { ptr::null_mut() }, len).0;
    }

    pub(crate) fn control_len(&self) -> usize {
        self.0.Control.len as usize
    }

    /// What was told of a message that came.
    pub(crate) fn flags(&self) -> u32 {
        self.0.dwFlags
    }

    /// The flags of a call, which writes over those of an earlier one.
    pub(crate) fn set_flags(&mut self, flags: u32) {
        self.0.dwFlags = flags;
    }

    /// For the calls.
    pub(crate) fn as_raw(header: *mut Header) -> *mut WSAMSG {
        header.cast()
    }
}
