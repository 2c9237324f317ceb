//! The tests' view of a Unix: its streams, its descriptors, its numbers and its facts.
#![allow(unsafe_code, reason = "descriptors of the process are looked at by their numbers")]

use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::path::Path;

use ferrio_proactor::{Handle, Proactor, op};
use rustix::fs::OFlags;
use rustix::io::FdFlags;
use rustix::net::SocketAddrAny;

pub(crate) use std::os::fd::OwnedFd as Accepted;
pub(crate) use std::os::fd::OwnedFd as Opened;
pub(crate) use std::os::unix::net::UnixStream as Stream;

pub(crate) use ferrio_poll::net::UnixStream as Source;

use crate::harness::skips::{Kind, Skip};

/// The tests that do not run here.
pub(crate) const SKIPS: &[Skip] = &[];

/// The events of poll(2).
pub(crate) const POLL_IN: i32 = libc::POLLIN as i32;
pub(crate) const POLL_OUT: i32 = libc::POLLOUT as i32;
pub(crate) const POLL_URGENT: i32 = libc::POLLPRI as i32;
pub(crate) const POLL_HANGUP: i32 = libc::POLLHUP as i32;

/// No descriptor, or one that was closed.
pub(crate) const BAD_HANDLE: i32 = libc::EBADF;
/// A connection goes on without the call that began it.
pub(crate) const CONNECT_BEGUN: i32 = libc::EINPROGRESS;
/// There is more to be told than there is room for.
pub(crate) const MESSAGE_TOO_LONG: i32 = libc::EMSGSIZE;
/// Something else than a socket.
pub(crate) const NOT_A_SOCKET: i32 = libc::ENOTSOCK;
/// What is to be brought to a device has none.
pub(crate) const NO_DEVICE: i32 = libc::EINVAL;
/// A stream that was shut down is written to.
pub(crate) const SHUT_DOWN: i32 = libc::EPIPE;
/// There is no way to do it here.
pub(crate) const UNSUPPORTED: i32 = libc::EOPNOTSUPP;

/// Whether a read or a write at an offset moves the file's own position.
pub(crate) const OFFSETS_MOVE_POSITION: bool = false;

/// Whether a connection that is reset loses what its other side has not read yet.
pub(crate) const RESETS_LOSE_BYTES: bool = false;

/// A test with very many waits makes fewer by this factor.
pub(crate) const WAIT_COST: usize = 1;

/// Two connected streams, which block.
pub(crate) fn pair() -> (Stream, Stream) {
    Stream::pair().unwrap()
}

/// What is read at one end, the first, and written at the other.
pub(crate) fn one_way() -> (File, File) {
    crate::temporary::pipe()
}

/// The connection of a descriptor that a proactor gave back.
pub(crate) fn tcp_of(fd: OwnedFd) -> TcpStream {
    fd.into()
}

/// One of a pair that a proactor gave back.
pub(crate) fn stream_of(fd: OwnedFd) -> Stream {
    fd.into()
}

/// The socket of a handle. `None` if the handle is stale.
pub(crate) fn socket(proactor: &Proactor, handle: Handle) -> Option<BorrowedFd<'_>> {
    proactor.as_fd(handle)
}

/// Whether calls on a socket return instead of waiting.
pub(crate) fn is_non_blocking(fd: &impl AsFd) -> bool {
    rustix::fs::fcntl_getfl(fd).unwrap().contains(OFlags::NONBLOCK)
}

/// Whether a descriptor is closed in programs that this process starts.
pub(crate) fn is_close_on_exec(fd: &impl AsFd) -> bool {
    rustix::io::fcntl_getfd(fd).unwrap().contains(FdFlags::CLOEXEC)
}

/// Opens a file that is there, to write behind what it has.
pub(crate) fn appending(path: &Path) -> io::Result<op::Open> {
    op::Open::with_flags(path, libc::O_WRONLY | libc::O_APPEND, 0)
}

/// Opens a file that must not be there yet.
pub(crate) fn creating(path: &Path) -> io::Result<op::Open> {
    op::Open::with_flags(path, libc::O_RDWR | libc::O_CREAT | libc::O_EXCL, 0o600)
}

/// How many descriptors this process has.
pub(crate) fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Open descriptors of this process that are accepted connections of the port `port`. `None` if
/// nothing tells.
pub(crate) fn open_connections(port: u16) -> Option<usize> {
    let names = fs::read_dir("/proc/self/fd").unwrap().flatten().map(|entry| entry.file_name());
    let is_accepted = |fd: RawFd| {
        // SAFETY: it is only asked for its names, which fails if another test has closed it.
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        let is_connected = rustix::net::getpeername(fd).is_ok();
        let name = rustix::net::getsockname(fd).and_then(SocketAddrAny::try_into);
        is_connected && name.is_ok_and(|name: SocketAddr| name.port() == port)
    };
    let fds = names.filter_map(|name| name.to_str()?.parse().ok());
    Some(fds.filter(|fd| is_accepted(*fd)).count())
}

/// Whether this system is such.
pub(crate) fn is(_: Kind) -> bool {
    false
}
