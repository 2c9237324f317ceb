//! What the kernel is asked to do, in the terms of its calls: an operation without its types.
//!
//! Both drivers read it: one makes an entry of a ring of it, the other a system call.

use std::io;
use std::net;
use std::time::Instant;

use socket2::SockAddr;

use crate::sys::{self, Header, PathUnit, Raw};

/// One call. The descriptor that it is made on stands beside it; the addresses are those of the
/// operation that gave the request, and hold as long as that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Request {
    Accept,
    Connect {
        address: *const SockAddr,
    },
    /// Into buffers of the pool.
    RecvPooled,
    /// A datagram with its sender and control data, into a buffer of the pool.
    RecvMsgPooled {
        message: *const Header,
    },
    Recv {
        into: *mut u8,
        len: usize,
        flags: i32,
    },
    RecvMsg {
        message: *mut Header,
        flags: i32,
    },
    Send {
        from: *const u8,
        len: usize,
        flags: i32,
    },
    /// Of so many bytes in all.
    SendMsg {
        message: *const Header,
        len: usize,
        flags: i32,
    },
    SendZc {
        from: *const u8,
        len: usize,
        flags: i32,
    },
    /// At the position of the file itself if `offset` is [`CURRENT`](crate::sys::CURRENT).
    Read {
        into: *mut u8,
        len: usize,
        offset: u64,
    },
    Write {
        from: *const u8,
        len: usize,
        offset: u64,
    },
    Fsync {
        data_only: bool,
    },
    Open {
        path: *const PathUnit,
        flags: i32,
        mode: u32,
    },
    Statx {
        path: *const PathUnit,
        into: *mut sys::Status,
    },
    Splice {
        from: Raw,
        from_offset: i64,
        to_offset: i64,
        len: usize,
        flags: u32,
    },
    PollFd {
        events: u32,
    },
    Timeout {
        deadline: Instant,
    },
    Shutdown {
        how: net::Shutdown,
    },
}

/// The most bytes that one send is asked for, well below what fits in a result.
pub(crate) const SEND_MAX: usize = 1 << 30;

/// The offset of a splice that stands for a file's own position, or for something without one.
pub(crate) const UNPOSITIONED: i64 = -1;

impl Request {
    /// Whether it is done by a call that has no flag of its own for not waiting.
    pub(crate) fn needs_non_blocking(&self) -> bool {
        match self {
            Request::Connect { .. } | Request::Read { .. } | Request::Write { .. } => true,
            // The flag of its own is for the pipe alone.
            Request::Splice { .. } => true,
            _ => false,
        }
    }

    /// Whether it sends, by a call that does not wait.
    pub(crate) fn is_send(&self) -> bool {
        self.send_len().is_some()
    }

    /// How much it is to send, if it sends.
    pub(crate) fn send_len(&self) -> Option<usize> {
        match *self {
            Request::Send { len, .. } | Request::SendMsg { len, .. } | Request::SendZc { len, .. } => {
                Some(len.min(SEND_MAX))
            }
            _ => None,
        }
    }

    /// Whether it may be one of a file, of which readiness says nothing.
    pub(crate) fn is_of_file(&self) -> bool {
        matches!(self, Request::Read { .. } | Request::Write { .. })
    }
}

/// What the kernel says of an operation, as a result.
pub(crate) fn result(result: i32) -> io::Result<u32> {
    u32::try_from(result).map_err(|_| io::Error::from_raw_os_error(sys::errno(result)))
}
