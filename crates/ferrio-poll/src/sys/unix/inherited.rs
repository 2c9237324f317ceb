//! Descriptors that whoever started this process left open for it.
#![allow(unsafe_code, reason = "ownership of descriptors that are known by their numbers")]

use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::{Errno, FdFlags, fcntl_getfd, fcntl_setfd, ioctl_fionbio};
use rustix::net::{AddressFamily, SocketType, getsockname, sockopt};

use crate::error::unix as error;
use crate::sys::unix::{descriptor, made};

/// What a descriptor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Other,
    TcpListener,
    TcpStream,
    UdpSocket,
    UnixDatagram,
    UnixListener,
    UnixSeqpacket,
    UnixSeqpacketListener,
    UnixStream,
}

/// Takes the first `count` descriptors behind the standard ones, close-on-exec, once in the life
/// of this process.
pub(crate) fn take(count: u32) -> io::Result<Vec<OwnedFd>> {
    let end = RawFd::try_from(count).ok().and_then(|count| FIRST.checked_add(count));
    let end = end.ok_or_else(|| error::listen_fds_too_many(count))?;
    if TAKEN.load(Ordering::Relaxed) {
        return Err(error::listen_fds_taken(count));
    }
    // All of them are looked at before one is taken.
    for raw in FIRST..end {
        let flags = descriptor::borrow(raw).and_then(|fd| Ok(fcntl_getfd(fd)?));
        let flags = flags.map_err(|cause| error::listen_fd_closed(count, raw, &cause))?;
        // What this process has opened since is close-on-exec; what came through an exec is not.
        if flags.contains(FdFlags::CLOEXEC) {
            return Err(error::listen_fd_not_inherited(count, raw));
        }
    }
    if TAKEN.swap(true, Ordering::Relaxed) {
        return Err(error::listen_fds_taken(count));
    }
    let take = |raw| {
        // SAFETY: the descriptor is open and, as it is not close-on-exec, came through an exec. By
        // the protocol of `LISTEN_FDS` it was left to this process to own, and this is the
        // first time that it is taken.
        let fd = unsafe { OwnedFd::from_raw_fd(raw) };
        fcntl_setfd(&fd, FdFlags::CLOEXEC)?;
        Ok(fd)
    };
    // What was taken before an error is closed with it.
    (FIRST..end).map(take).collect()
}

/// What `fd` is. A socket is non-blocking from here on; anything else is left as it is, and so is
/// a socket of which the system says nothing: it is no reason to lose the others.
pub(crate) fn kind(fd: &OwnedFd) -> Kind {
    match known(fd) {
        Ok(kind) if kind != Kind::Other && ioctl_fionbio(fd, true).is_ok() => kind,
        _ => Kind::Other,
    }
}

fn known(fd: &OwnedFd) -> Result<Kind, Errno> {
    let socket_type = sockopt::socket_type(fd)?;
    let family = getsockname(fd)?.address_family();
    let is_listening = || made::is_listening(fd.as_fd());
    Ok(match (family, socket_type) {
        (AddressFamily::INET | AddressFamily::INET6, SocketType::DGRAM) => Kind::UdpSocket,
        (AddressFamily::INET | AddressFamily::INET6, SocketType::STREAM) if is_listening()? => {
            Kind::TcpListener
        }
        (AddressFamily::INET | AddressFamily::INET6, SocketType::STREAM) => Kind::TcpStream,
        (AddressFamily::UNIX, SocketType::DGRAM) => Kind::UnixDatagram,
        (AddressFamily::UNIX, SocketType::SEQPACKET) if is_listening()? => Kind::UnixSeqpacketListener,
        (AddressFamily::UNIX, SocketType::SEQPACKET) => Kind::UnixSeqpacket,
        (AddressFamily::UNIX, SocketType::STREAM) if is_listening()? => Kind::UnixListener,
        (AddressFamily::UNIX, SocketType::STREAM) => Kind::UnixStream,
        _ => Kind::Other,
    })
}

/// The number of the first: `SD_LISTEN_FDS_START`.
const FIRST: RawFd = 3;

/// Whether they were taken.
static TAKEN: AtomicBool = AtomicBool::new(false);
