//! What Linux has beyond the other Unixes, in the calls that are shared with them.

use std::io;
#[cfg(target_os = "android")]
use std::os::android::net::SocketAddrExt;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;
use std::path::Path;

use rustix::event::EventfdFlags;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use rustix::net::SocketAddrUnix;

use crate::error::unix as error;

/// A counter that a write makes readable.
pub(crate) fn eventfd() -> Result<OwnedFd, Errno> {
    rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
}

/// Whether the file knows when it is ready, as epoll says. `None` if that is not there.
pub(crate) fn has_readiness(fd: BorrowedFd<'_>) -> Option<io::Result<bool>> {
    let epoll = epoll::create(CreateFlags::CLOEXEC).ok()?;
    Some(match epoll::add(&epoll, fd, EventData::new_u64(0), EventFlags::empty()) {
        Ok(()) => Ok(true),
        Err(Errno::PERM) => Ok(false),
        Err(errno) => Err(errno.into()),
    })
}

/// The kernel's form of `address` if that is an abstract one.
pub(crate) fn abstract_to_kernel(address: &SocketAddr) -> Option<Result<SocketAddrUnix, Errno>> {
    address.as_abstract_name().map(SocketAddrUnix::new_abstract_name)
}

/// The kernel's form of the address without a name, to which a socket can be bound.
pub(crate) fn unnamed_to_kernel() -> io::Result<SocketAddrUnix> {
    Ok(SocketAddrUnix::new_unnamed())
}

/// Has the file to which `socket` is bound next get at most `mode`.
pub(crate) fn set_mode_of_socket(socket: BorrowedFd<'_>, mode: u32) -> io::Result<bool> {
    rustix::fs::fchmod(socket, Mode::from_raw_mode(mode))?;
    Ok(true)
}

/// Gives the file at `path` exactly `mode`, if it is a socket and no link to one.
pub(crate) fn set_mode_of_file(path: &Path, mode: u32) -> io::Result<()> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty())?;
    let found = rustix::fs::fstat(&file)?.st_mode;
    if FileType::from_raw_mode(found) != FileType::Socket {
        return Err(Errno::LOOP.into());
    }
    if found & 0o777 != mode {
        // fchmod(2) takes no such descriptor, and chmod(2) would follow a link.
        let name = format!("/proc/self/fd/{}", file.as_raw_fd());
        rustix::fs::chmod(name, Mode::from_raw_mode(mode)).map_err(|errno| match errno {
            Errno::NOENT => error::no_proc(),
            other => other.into(),
        })?;
    }
    Ok(())
}

/// std's form of `address` if that is an abstract one.
pub(crate) fn abstract_from_kernel(address: &SocketAddrUnix) -> Option<io::Result<SocketAddr>> {
    address.abstract_name().map(SocketAddr::from_abstract_name)
}

/// An error of a connection that only Linux has.
pub(crate) const ERROR_OF_CONNECTION: Option<Errno> = Some(Errno::NONET);

/// A receive takes a whole record: what does not fit is lost, and the next receive begins the
/// next record.
pub(crate) const RECORDS_ARE_WHOLE: bool = true;

/// The type of the control message that tells who sent one over a Unix socket.
pub(crate) const CREDENTIALS: Option<i32> = Some(libc::SCM_CREDENTIALS);

/// The levels and types of control messages that bring a descriptor and are not `SCM_RIGHTS`:
/// `SCM_PIDFD`, if the option `SO_PASSPIDFD` is set.
pub(crate) const TAKES_DESCRIPTOR: &[(i32, i32)] = &[(libc::SOL_SOCKET, 0x04)];
