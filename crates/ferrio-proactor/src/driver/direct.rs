//! Operations that are done at once by a system call that does not wait, on every driver.

use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{SendFlags, Shutdown};

use crate::core::Core;
use crate::op::perform::Shape;
use crate::op::request::Request;

/// Does `request` if it is such an operation. On a ring shutdown(2) would be handed to a thread of
/// the kernel, and it does not wait.
pub(super) fn attempt(request: Request, fd: BorrowedFd<'_>) -> Option<i32> {
    let Request::Shutdown { how } = request else { return None };
    let how = match how {
        libc::SHUT_RD => Shutdown::Read,
        libc::SHUT_WR => Shutdown::Write,
        _ => Shutdown::Both,
    };
    Some(code(rustix::net::shutdown(fd, how).map(|()| 0)))
}

/// Sends what the socket takes without waiting.
pub(crate) fn send_now(fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize, Errno> {
    rustix::net::send(fd, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL)
}

/// Whether `count` bytes in a buffer, of which a message has some before its data, are the end of
/// the receiver in the slot `index`: nothing came, and it is no empty datagram.
pub(super) fn is_end(core: &mut Core, index: u32, count: u32) -> bool {
    let slot = core.slab.at(index);
    let (entry, is_message) = (slot.entry, slot.shape == Shape::RecvMsgMany);
    let before = if is_message { core.layout(index).data_at() as u32 } else { 0 };
    if count > before {
        return false;
    }
    let place = core.table.at_mut(entry);
    // After a shutdown a datagram socket gives nothing without end.
    let is_shut_down = |fd| poll_now(fd, libc::POLLRDHUP as u32).is_ok_and(|found| found != 0);
    !place.is_datagrams() || is_shut_down(place.fd())
}

/// Which of the events `asked` for of poll(2) there are now.
pub(super) fn poll_now(fd: BorrowedFd<'_>, asked: u32) -> Result<u32, Errno> {
    const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::from_bits_truncate(asked as u16))];
    poll(&mut fds, Some(&NOW))?;
    Ok(fds[0].revents().bits().into())
}

/// A result as a ring gives it.
pub(super) fn code(result: Result<u32, Errno>) -> i32 {
    match result {
        Ok(count) => count as i32,
        Err(errno) => -errno.raw_os_error(),
    }
}

/// Whether an error of accept concerns one connection alone, so that the next may be accepted.
pub(super) fn is_of_one_connection(code: i32) -> bool {
    let passing = [
        libc::ECONNABORTED,
        libc::EPROTO,
        libc::EINTR,
        libc::ENETDOWN,
        libc::ENOPROTOOPT,
        libc::EHOSTDOWN,
        libc::ENONET,
        libc::EHOSTUNREACH,
        libc::ENETUNREACH,
    ];
    passing.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::is_of_one_connection;

    #[test]
    fn want_of_descriptors_is_for_the_user_to_deal_with() {
        assert!(is_of_one_connection(libc::ECONNABORTED));
        assert!(
            ![libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM, libc::EBADF, libc::EINVAL]
                .into_iter()
                .any(is_of_one_connection)
        );
    }
}
