//! What only Windows has: descriptors that are sockets or handles of files.
//!
//! Operations are the same as on Unix, but for this:
//!
//! - [`Splice`](crate::op::Splice) is not there, and no descriptors come with a message.
//! - Files are those on disks, and threads do what is done to them. What is done to a pipe or a
//!   console ends with `WSAEOPNOTSUPP`; for named pipes there is
//!   [`NamedPipe`](ferrio_poll::windows::NamedPipe).
//! - A read or write [at](crate::op::Read::at) an offset moves the file's own position too.
//! - The events of [`PollFd`](crate::op::PollFd) are those of WSAPoll, as `POLLRDNORM`, which tells of
//!   no half close: a poll for [`Interest::HANGUP`](ferrio_poll::Interest::HANGUP) alone ends with
//!   `WSAEOPNOTSUPP`.
//! - [`Statx::mode`](crate::op::Statx::mode) is made of the attributes, as the C library makes it.
//! - Errors are those of Windows: `ERROR_OPERATION_ABORTED` for what was cancelled, which
//!   [`is_cancelled`](crate::is_cancelled) knows; and where the documentation of an operation names
//!   an error of Unix, that of Winsock with the same name.
//!
//! # Implementation notes
//!
//! | | |
//! |---|---|
//! | accepts, connects, shutdowns | `accept`, `connect`, `shutdown` of Winsock |
//! | receives and sends | `recv` and `send`, at most a megabyte in one call; `WSARecvMsg` and `WSASendMsg` |
//! | polls | `WSAPoll` once AFD has found something |
//! | files | `CreateFileW`, `NtReadFile` and `NtWriteFile`, `FlushFileBuffers`, by threads; the handle must not be one for overlapped operations |
//!
//! A socket that is not connected is not told that a datagram of its own found nobody
//! (`WSAECONNRESET`), as on Unix. A socket is watched by AFD, the driver beneath Winsock, on the completion port of the Poll. It does
//! not block from [`attach`](crate::Proactor::attach) on, nor after a
//! [`detach`](crate::Proactor::detach).

use std::fs::File;
use std::io;
use std::net;
use std::os::windows::io::{BorrowedHandle, BorrowedSocket, OwnedHandle, OwnedSocket};
use std::path::Path;

use ferrio_poll::net::{TcpListener, TcpStream, UdpSocket};
use socket2::Socket;

use crate::id::Handle;
use crate::op::open::Open;
use crate::proactor::Proactor;
use crate::sys::Borrowed;
pub use crate::sys::windows::descriptor::Descriptor;

impl Proactor {
    /// The socket of a handle, to set its options or to register it for readiness besides. `None` if
    /// the handle is stale, or that of a file.
    ///
    /// Shut it down by [`op::Shutdown`](crate::op::Shutdown): a receive that waits hears of no other
    /// shutdown of this side.
    pub fn as_socket(&self, handle: Handle) -> Option<BorrowedSocket<'_>> {
        match self.borrow(handle)? {
            Borrowed::Socket(socket) => Some(socket),
            Borrowed::File(_) => None,
        }
    }

    /// The handle of a file. `None` if the handle is stale, or that of a socket.
    pub fn as_handle(&self, handle: Handle) -> Option<BorrowedHandle<'_>> {
        match self.borrow(handle)? {
            Borrowed::Socket(_) => None,
            Borrowed::File(file) => Some(file),
        }
    }
}

impl Open {
    /// Opens the file at `path` with the access rights and the creation disposition of
    /// `CreateFileW`, shared with everybody.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the path has a zero character.
    pub fn with_access(path: impl AsRef<Path>, access: u32, disposition: u32) -> io::Result<Open> {
        Open::new(path.as_ref(), (access as i32, disposition))
    }
}

impl From<OwnedSocket> for Descriptor {
    fn from(socket: OwnedSocket) -> Descriptor {
        Descriptor::Socket(socket)
    }
}

impl From<OwnedHandle> for Descriptor {
    fn from(file: OwnedHandle) -> Descriptor {
        Descriptor::File(file)
    }
}

impl From<File> for Descriptor {
    fn from(file: File) -> Descriptor {
        Descriptor::File(file.into())
    }
}

impl From<Socket> for Descriptor {
    fn from(socket: Socket) -> Descriptor {
        Descriptor::Socket(socket.into())
    }
}

impl From<net::TcpListener> for Descriptor {
    fn from(listener: net::TcpListener) -> Descriptor {
        Descriptor::Socket(listener.into())
    }
}

impl From<net::TcpStream> for Descriptor {
    fn from(stream: net::TcpStream) -> Descriptor {
        Descriptor::Socket(stream.into())
    }
}

impl From<net::UdpSocket> for Descriptor {
    fn from(socket: net::UdpSocket) -> Descriptor {
        Descriptor::Socket(socket.into())
    }
}

impl From<TcpListener> for Descriptor {
    fn from(listener: TcpListener) -> Descriptor {
        Descriptor::Socket(listener.into())
    }
}

impl From<TcpStream> for Descriptor {
    fn from(stream: TcpStream) -> Descriptor {
        Descriptor::Socket(stream.into())
    }
}

impl From<UdpSocket> for Descriptor {
    fn from(socket: UdpSocket) -> Descriptor {
        Descriptor::Socket(socket.into())
    }
}

/// The handle of a file.
///
/// # Errors
///
/// The descriptor, if it is a socket.
impl TryFrom<Descriptor> for OwnedHandle {
    type Error = Descriptor;

    fn try_from(descriptor: Descriptor) -> Result<OwnedHandle, Descriptor> {
        match descriptor {
            Descriptor::File(file) => Ok(file),
            other => Err(other),
        }
    }
}

/// The socket.
///
/// # Errors
///
/// The descriptor, if it is a file.
impl TryFrom<Descriptor> for OwnedSocket {
    type Error = Descriptor;

    fn try_from(descriptor: Descriptor) -> Result<OwnedSocket, Descriptor> {
        match descriptor {
            Descriptor::Socket(socket) => Ok(socket),
            other => Err(other),
        }
    }
}
