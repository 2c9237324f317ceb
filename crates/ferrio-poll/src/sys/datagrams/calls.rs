//! The calls for many messages at once, and the memory of their headers.
#![allow(unsafe_code, reason = "rustix reads and writes no control messages of the internet protocols")]

// FreeBSD's C library has the names of calls for many, which are loops of its own.
#[cfg(not(any(target_vendor = "apple", target_os = "dragonfly", target_os = "freebsd")))]
mod many;
#[cfg(any(target_vendor = "apple", target_os = "dragonfly", target_os = "freebsd"))]
mod single;

use std::io;
use std::mem;
use std::os::fd::{AsFd, AsRawFd};
use std::ptr;

use crate::sys::datagrams::calls::many::Header;
#[cfg(any(target_vendor = "apple", target_os = "dragonfly", target_os = "freebsd"))]
use crate::sys::datagrams::calls::single as many;
use crate::sys::datagrams::parts::{Bytes, Parts};

/// Memory for the headers of messages. They hold pointers, which are written right before a
/// call and mean nothing after it.
pub(crate) struct Headers {
    /// What the kernel takes and fills in.
    headers: Box<[Header]>,
    /// The place of the bytes of each message.
    buffers: Box<[libc::iovec]>,
    /// An error that came after the first message of a call, for the next one to tell. It is kept
    /// where messages go one by one.
    pending: Option<io::Error>,
}

// SAFETY: the pointers in it are used by a call that wrote them itself, in `call`; whichever
// thread has it next writes them anew.
unsafe impl Send for Headers {}
// SAFETY: nothing follows its pointers by a shared reference.
unsafe impl Sync for Headers {}

impl Headers {
    pub(crate) fn new(messages: usize) -> Headers {
        // SAFETY: a header is numbers and pointers, for which zeroes are values.
        let header = || unsafe { mem::zeroed() };
        let buffer = || libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 };
        Headers {
            headers: (0..messages.min(MESSAGES_MAX)).map(|_| header()).collect(),
            buffers: (0..messages.min(MESSAGES_MAX)).map(|_| buffer()).collect(),
            pending: None,
        }
    }

    /// How many messages one call takes.
    pub(crate) fn len(&self) -> usize {
        self.headers.len()
    }

    /// Receives messages into `parts`, one into each, by a call with `flags`; returns how many came.
    pub(crate) fn receive<'a>(
        &mut self,
        socket: impl AsFd,
        parts: impl Iterator<Item = Parts<'a>>,
        flags: i32,
    ) -> io::Result<usize> {
        let count = self.point(parts);
        // SAFETY: `point` has these headers point to the memory of `parts`, which is borrowed until
        // this function returns, mutably where the kernel writes.
        unsafe {
            many::receive(socket.as_fd().as_raw_fd(), &mut self.headers[..count], flags, &mut self.pending)
        }
    }

    /// Sends `parts`, each as one message; returns how many were taken.
    pub(crate) fn send<'a>(
        &mut self,
        socket: impl AsFd,
        parts: impl Iterator<Item = Parts<'a>>,
    ) -> io::Result<usize> {
        let count = self.point(parts);
        // SAFETY: as in `receive`; to send, the kernel only reads.
        unsafe { many::send(socket.as_fd().as_raw_fd(), &mut self.headers[..count], &mut self.pending) }
    }

    /// The length of a received message.
    pub(crate) fn bytes(&self, index: usize) -> usize {
        self.headers[index].msg_len as usize
    }

    /// The length of the address of a received message.
    pub(crate) fn address_len(&self, index: usize) -> usize {
        self.headers[index].msg_hdr.msg_namelen as usize
    }

    /// The length of the control messages of a received message.
    #[allow(clippy::unnecessary_cast, reason = "its type depends on the C library")]
    pub(crate) fn control_len(&self, index: usize) -> usize {
        self.headers[index].msg_hdr.msg_controllen as usize
    }

    /// True if a received message was longer than its room.
    pub(crate) fn is_truncated(&self, index: usize) -> bool {
        self.headers[index].msg_hdr.msg_flags & libc::MSG_TRUNC != 0
    }

    /// Has as many headers as there are parts, and room, point to them.
    fn point<'a>(&mut self, parts: impl Iterator<Item = Parts<'a>>) -> usize {
        let places = self.headers.iter_mut().zip(&mut self.buffers);
        let mut count = 0;
        for ((header, buffer), parts) in places.zip(parts) {
            *buffer = match parts.bytes {
                Bytes::In(bytes) => libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() },
                Bytes::Out(bytes) => {
                    libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() }
                }
            };
            let header = &mut header.msg_hdr;
            (header.msg_name, header.msg_namelen) = match parts.address {
                Some(address) => (address.as_mut_ptr().cast(), address.len() as _),
                None => (ptr::null_mut(), 0),
            };
            (header.msg_iov, header.msg_iovlen) = (buffer, 1);
            (header.msg_control, header.msg_controllen) = match parts.control {
                [] => (ptr::null_mut(), 0),
                control => (control.as_mut_ptr().cast(), control.len() as _),
            };
            header.msg_flags = 0;
            count += 1;
        }
        count
    }
}

/// The most messages that one call takes: `UIO_MAXIOV`.
const MESSAGES_MAX: usize = 1024;
