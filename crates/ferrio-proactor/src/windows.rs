//! What only Windows has: descriptors that are sockets or handles of files.

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
