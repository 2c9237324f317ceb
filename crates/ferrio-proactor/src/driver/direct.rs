//! Operations that are done at once by a system call that does not wait, on every driver.

use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown};

use crate::core::Core;
use crate::op::perform::Shape;
use crate::op::request::Request;
use crate::sys;

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
    rustix::net::send(fd, bytes, SendFlags::DONTWAIT | sys::send_flags())
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
    !place.is_datagrams() || is_shut_down(place.fd())
}

/// Whether a socket of datagrams, which has just given an empty one, was shut down to receive.
fn is_shut_down(fd: BorrowedFd<'_>) -> bool {
    match sys::read_hangup() {
        0 => is_at_end(fd),
        hangup => poll_now(fd, hangup).is_ok_and(|found| found != 0),
    }
}

/// Looks at what comes next: another datagram has a sender, and one that is not there yet is no
/// end. Unix sockets may have no names, so two empty datagrams of such a sender are taken for one.
fn is_at_end(fd: BorrowedFd<'_>) -> bool {
    let next = rustix::net::recvfrom(fd, &mut [0; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT);
    next.is_ok_and(|(_, count, sender)| count == 0 && sender.is_none())
}

/// Which of the events `asked` for of poll(2) there are now.
pub(super) fn poll_now(fd: BorrowedFd<'_>, asked: u32) -> Result<u32, Errno> {
    const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut fds = [PollFd::from_borrowed_fd(fd, sys::poll_flags(asked))];
    poll(&mut fds, Some(&NOW))?;
    Ok(sys::bits(fds[0].revents()))
}

/// A result as a ring gives it.
pub(super) fn code(result: Result<u32, Errno>) -> i32 {
    match result {
        Ok(count) => count as i32,
        Err(errno) => sys::failure(errno.raw_os_error()),
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
        libc::EHOSTUNREACH,
        libc::ENETUNREACH,
    ];
    passing.contains(&code) || sys::PASSING.contains(&code)
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    use super::{is_at_end, is_of_one_connection, is_shut_down};

    #[test]
    fn want_of_descriptors_is_for_the_user_to_deal_with() {
        assert!(is_of_one_connection(libc::ECONNABORTED));
        assert!(
            ![libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM, libc::EBADF, libc::EINVAL]
                .into_iter()
                .any(is_of_one_connection)
        );
    }

    #[test]
    fn an_end_is_told_from_an_empty_datagram() {
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        sender.connect(receiver.local_addr().unwrap()).unwrap();
        let is_over = || [is_at_end(receiver.as_fd()), is_shut_down(receiver.as_fd())];
        assert_eq!(is_over(), [false; 2]);
        sender.send(b"").unwrap();
        assert_eq!(is_over(), [false; 2]);
        let (stream, peer) = UnixStream::pair().unwrap();
        assert!(!is_at_end(stream.as_fd()));
        drop(peer);
        assert!(is_at_end(stream.as_fd()) && is_shut_down(stream.as_fd()));
    }
}
