//! Calls on sockets that do not wait.
#![allow(unsafe_code, reason = "a message is addresses")]

use std::io;
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, sockopt};
use socket2::{SockAddr, SockRef};

use crate::sys::unix::message::Header;
use crate::sys::{Domain, NETLINK, SEND_FLAGS, errno_of};

/// Sees that no call on the descriptor blocks, whose own flags cannot ask for it.
pub(crate) fn set_non_blocking(fd: BorrowedFd<'_>) {
    // A descriptor that refuses has no calls that would block.
    let _ = rustix::io::ioctl_fionbio(fd, true);
}

pub(crate) fn receive(fd: BorrowedFd<'_>, into: &mut [MaybeUninit<u8>]) -> Result<u32, Errno> {
    let ((received, _), _) = rustix::net::recv(fd, into, RecvFlags::DONTWAIT)?;
    Ok(received.len() as u32)
}

pub(crate) fn send(fd: BorrowedFd<'_>, from: &[u8]) -> Result<u32, Errno> {
    let flags = SendFlags::DONTWAIT | SendFlags::from_bits_retain(SEND_FLAGS as u32);
    rustix::net::send(fd, from, flags).map(|count| count as u32)
}

/// # Safety
///
/// The memory that the header points to may be written to.
pub(crate) unsafe fn receive_message(
    fd: BorrowedFd<'_>,
    message: *mut Header,
    flags: i32,
) -> Result<u32, Errno> {
    let message = Header::as_raw(message);
    // SAFETY: passed on to the caller.
    checked(unsafe { libc::recvmsg(fd.as_raw_fd(), message, flags | libc::MSG_DONTWAIT) })
}

/// # Safety
///
/// The memory that the header points to may be read.
pub(crate) unsafe fn send_message(fd: BorrowedFd<'_>, message: *const Header) -> Result<u32, Errno> {
    let message = Header::as_raw(message.cast_mut());
    // SAFETY: passed on to the caller.
    checked(unsafe { libc::sendmsg(fd.as_raw_fd(), message, libc::MSG_DONTWAIT | SEND_FLAGS) })
}

/// Begins to connect. `EINPROGRESS` if it goes on, `EAGAIN` if the backlog of a Unix socket is full
/// and nothing tells when it is not.
pub(crate) fn connect(fd: BorrowedFd<'_>, address: &SockAddr) -> Result<(), Errno> {
    match SockRef::from(&fd).connect(address).map_err(|error| errno_of(&error)) {
        // It goes on all the same.
        Err(Errno::INTR) => Err(Errno::INPROGRESS),
        result => result,
    }
}

/// Whether a connection that was begun stands. An error if it came to nothing.
pub(crate) fn is_connected(fd: BorrowedFd<'_>) -> Result<bool, Errno> {
    sockopt::socket_error(fd)??;
    match rustix::net::getpeername(fd) {
        Ok(_) => Ok(true),
        Err(Errno::NOTCONN) => Ok(false),
        Err(errno) => Err(errno),
    }
}

pub(crate) fn shutdown(fd: BorrowedFd<'_>, how: Shutdown) -> Result<(), Errno> {
    let how = match how {
        Shutdown::Read => rustix::net::Shutdown::Read,
        Shutdown::Write => rustix::net::Shutdown::Write,
        Shutdown::Both => rustix::net::Shutdown::Both,
    };
    rustix::net::shutdown(fd, how)
}

/// TCP is asked for first: most sockets are of it, and then nothing else need be asked.
pub(crate) fn domain(fd: BorrowedFd<'_>) -> Domain {
    if is_tcp(fd) {
        return Domain::Tcp;
    }
    match rustix::net::getsockname(fd) {
        Ok(name) if name.address_family() == AddressFamily::UNIX => Domain::Unix,
        Ok(name) if Some(name.address_family()) == NETLINK => Domain::Netlink,
        _ => Domain::Other,
    }
}

/// Whether the socket knows the options of TCP.
fn is_tcp(fd: BorrowedFd<'_>) -> bool {
    let mut value: libc::c_int = 0;
    let mut len = size_of::<libc::c_int>() as libc::socklen_t;
    let (into, into_len) = ((&raw mut value).cast(), &raw mut len);
    // SAFETY: the value and its length are on the stack, and the length is that of the value.
    let result =
        unsafe { libc::getsockopt(fd.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_NODELAY, into, into_len) };
    // Streams of TIPC say that they have it, and nothing of it.
    result == 0 && len > 0
}

/// Whether what is sent has no boundaries.
pub(crate) fn is_stream(fd: BorrowedFd<'_>) -> bool {
    sockopt::socket_type(fd).is_ok_and(|kind| kind == SocketType::STREAM)
}

/// Whether an empty message is a datagram and not the end of a connection.
pub(crate) fn is_datagrams(fd: BorrowedFd<'_>) -> bool {
    let connected = [SocketType::STREAM, SocketType::SEQPACKET];
    sockopt::socket_type(fd).is_ok_and(|kind| !connected.contains(&kind))
}

/// Whether a socket of datagrams, which has just given an empty one, was shut down to receive.
pub(crate) fn is_at_end(fd: BorrowedFd<'_>) -> bool {
    match read_hangup() {
        0 => is_end_next(fd),
        hangup => poll_now(fd, hangup).is_ok_and(|found| found != 0),
    }
}

/// Looks at what comes next: another datagram has a sender, and one that is not there yet is no
/// end. Unix sockets may have no names, so two empty datagrams of such a sender are taken for one.
fn is_end_next(fd: BorrowedFd<'_>) -> bool {
    let next = rustix::net::recvfrom(fd, &mut [0; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT);
    next.is_ok_and(|(_, count, sender)| count == 0 && sender.is_none())
}

/// What poll(2) says of a peer that will send no more. 0 where it has no bit for it, as most systems
/// with a kqueue have not: the kernel that stands in for theirs is treated as one of them.
pub(crate) fn read_hangup() -> u32 {
    if cfg!(ferrio_fake_kqueue) { 0 } else { PollFlags::from_name("RDHUP").map_or(0, bits) }
}

/// Which of the events `asked` for of poll(2) there are now.
pub(crate) fn poll_now(fd: BorrowedFd<'_>, asked: u32) -> Result<u32, Errno> {
    const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut fds = [PollFd::from_borrowed_fd(fd, poll_flags(asked))];
    poll(&mut fds, Some(&NOW))?;
    Ok(bits(fds[0].revents()))
}

/// The bits of poll(2), whose type is signed on some systems.
#[allow(clippy::unnecessary_cast, reason = "they are signed on some systems")]
fn bits(flags: PollFlags) -> u32 {
    u32::from(flags.bits() as u16)
}

/// The flags with these bits.
#[allow(clippy::unnecessary_cast, reason = "they are signed on some systems")]
fn poll_flags(bits: u32) -> PollFlags {
    PollFlags::from_bits_truncate(bits as u16 as _)
}

/// A result of libc as one of rustix.
fn checked(result: isize) -> Result<u32, Errno> {
    if result >= 0 { Ok(result as u32) } else { Err(errno_of(&io::Error::last_os_error())) }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::fs::File;
    use std::net::{TcpListener, UdpSocket};
    use std::os::fd::AsFd;
    use std::os::unix::net::{UnixDatagram, UnixStream};

    use super::{Domain, domain, is_at_end, is_end_next};

    #[test]
    fn each_socket_is_of_its_domain() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            // A machine may be without one of the two.
            let Ok(listener) = TcpListener::bind(address) else { continue };
            assert_eq!(domain(listener.as_fd()), Domain::Tcp);
            let socket = UdpSocket::bind(address).unwrap();
            assert_eq!(domain(socket.as_fd()), Domain::Other);
        }
        assert_eq!(domain(UnixStream::pair().unwrap().0.as_fd()), Domain::Unix);
        assert_eq!(domain(UnixDatagram::unbound().unwrap().as_fd()), Domain::Unix);
        assert_eq!(domain(File::open("/dev/null").unwrap().as_fd()), Domain::Other);
    }

    #[test]
    fn an_end_is_told_from_an_empty_datagram() {
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        sender.connect(receiver.local_addr().unwrap()).unwrap();
        let is_over = || [is_end_next(receiver.as_fd()), is_at_end(receiver.as_fd())];
        assert_eq!(is_over(), [false; 2]);
        sender.send(b"").unwrap();
        assert_eq!(is_over(), [false; 2]);
        let (stream, peer) = UnixStream::pair().unwrap();
        assert!(!is_end_next(stream.as_fd()));
        drop(peer);
        assert!(is_end_next(stream.as_fd()) && is_at_end(stream.as_fd()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_has_a_bit_for_a_half_close_and_its_stand_in_has_none() {
        let expected = if cfg!(ferrio_fake_kqueue) { 0 } else { libc::POLLRDHUP as u32 };
        assert_eq!(super::read_hangup(), expected);
    }
}
