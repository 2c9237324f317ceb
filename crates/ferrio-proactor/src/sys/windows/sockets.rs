//! Calls on sockets, none of which waits once the socket was adopted.
#![allow(unsafe_code, reason = "a message is addresses, and WSAPoll takes raw sockets")]

use std::io;
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::windows::io::{AsRawSocket, BorrowedSocket, OwnedSocket};
use std::ptr;

use ferrio_poll::os::ancillary;
use socket2::{SockAddr, SockRef, Type};
use windows_sys::Win32::Networking::WinSock::{SOCKET_ERROR, WSAPOLLFD, WSAPoll};

use crate::sys::Domain;
use crate::sys::windows::descriptor::Borrowed;
use crate::sys::windows::errors::{Errno, errno_of, is_reset};
use crate::sys::windows::message::Header;

/// How many bytes one send takes at most. Windows takes whatever it is given into its own memory, while
/// the socket has any room. No datagram is as long.
const SEND_MAX: usize = 1 << 20;

/// The socket.
///
/// # Errors
///
/// `EOPNOTSUPP` for what is none.
fn socket(descriptor: Borrowed<'_>) -> Result<BorrowedSocket<'_>, Errno> {
    match descriptor {
        Borrowed::Socket(socket) => Ok(socket),
        Borrowed::File(_) => Err(Errno::OPNOTSUPP),
    }
}

/// Does `call` with a socket.
fn with_socket<T>(
    descriptor: Borrowed<'_>,
    call: impl FnOnce(SockRef<'_>) -> io::Result<T>,
) -> Result<T, Errno> {
    call(SockRef::from(&socket(descriptor)?)).map_err(|error| errno_of(&error))
}

/// A socket blocks no longer from now on.
pub(crate) fn adopt(descriptor: Borrowed<'_>) {
    // One that refuses is none, or broken.
    let _ = with_socket(descriptor, |socket| socket.set_nonblocking(true));
}

/// It was adopted.
pub(crate) fn set_non_blocking(_: Borrowed<'_>) {}

pub(crate) fn accept(descriptor: Borrowed<'_>) -> Result<OwnedSocket, Errno> {
    with_socket(descriptor, |listener| {
        let (socket, _) = listener.accept()?;
        // It has the listener's flag.
        socket.set_nonblocking(false)?;
        Ok(socket.into())
    })
}

pub(crate) fn receive(descriptor: Borrowed<'_>, into: &mut [MaybeUninit<u8>]) -> Result<u32, Errno> {
    let room = into.len();
    match with_socket(descriptor, |socket| socket.recv(into)) {
        // The datagram was longer, and has filled the room.
        Err(Errno::MSGSIZE) => Ok(room as u32),
        // This side has ended its receiving, which is an end.
        Err(Errno::SHUTDOWN) => Ok(0),
        result => passed_over(descriptor, result.map(|count| count as u32)),
    }
}

/// The result of a receive. A socket that is not connected is told of datagrams that it has sent to
/// nobody, as no Unix tells it: that is a receive to be tried again.
fn passed_over(descriptor: Borrowed<'_>, result: Result<u32, Errno>) -> Result<u32, Errno> {
    let is_of_a_send = |errno| {
        is_reset(errno)
            && is_datagrams(descriptor)
            && with_socket(descriptor, |socket| socket.peer_addr()).is_err()
    };
    result.map_err(|errno| if is_of_a_send(errno) { Errno::INTR } else { errno })
}

pub(crate) fn send(descriptor: Borrowed<'_>, from: &[u8]) -> Result<u32, Errno> {
    let from = &from[..from.len().min(SEND_MAX)];
    with_socket(descriptor, |socket| socket.send(from)).map(|count| count as u32)
}

/// # Safety
///
/// The memory that the header points to may be written to.
pub(crate) unsafe fn receive_message(
    descriptor: Borrowed<'_>,
    message: *mut Header,
    flags: i32,
) -> Result<u32, Errno> {
    let socket = socket(descriptor)?;
    // SAFETY: the header is the caller's.
    let header = unsafe { &mut *message };
    header.set_flags(flags as u32);
    // SAFETY: passed on to the caller.
    let received = unsafe { ancillary::recv_message(socket, Header::as_raw(header)) };
    match received.map_err(|error| errno_of(&error)) {
        // This side has ended its receiving, which is an end.
        Err(Errno::SHUTDOWN) => {
            header.set_name(ptr::null_mut(), 0);
            header.set_control(ptr::null_mut(), 0);
            Ok(0)
        }
        result => passed_over(descriptor, result),
    }
}

/// # Safety
///
/// The memory that the header points to may be read.
pub(crate) unsafe fn send_message(descriptor: Borrowed<'_>, message: *const Header) -> Result<u32, Errno> {
    let message = Header::as_raw(message.cast_mut());
    // SAFETY: passed on to the caller.
    unsafe { ancillary::send_message(socket(descriptor)?, message, 0) }.map_err(|error| errno_of(&error))
}

/// Begins to connect. `EINPROGRESS` if it goes on.
pub(crate) fn connect(descriptor: Borrowed<'_>, address: &SockAddr) -> Result<(), Errno> {
    match with_socket(descriptor, |socket| socket.connect(address)) {
        Err(Errno::AGAIN) => Err(Errno::INPROGRESS),
        result => result,
    }
}

/// Whether a connection that was begun stands. An error if it came to nothing.
pub(crate) fn is_connected(descriptor: Borrowed<'_>) -> Result<bool, Errno> {
    if let Some(error) = with_socket(descriptor, |socket| socket.take_error())? {
        return Err(errno_of(&error));
    }
    match with_socket(descriptor, |socket| socket.peer_addr()) {
        Ok(_) => Ok(true),
        Err(Errno::NOTCONN) => Ok(false),
        Err(errno) => Err(errno),
    }
}

pub(crate) fn shutdown(descriptor: Borrowed<'_>, how: Shutdown) -> Result<(), Errno> {
    with_socket(descriptor, |socket| socket.shutdown(how))
}

/// None is treated in a way of its own.
pub(crate) fn domain(_: Borrowed<'_>) -> Domain {
    Domain::Other
}

/// Whether what is sent has no boundaries.
pub(crate) fn is_stream(descriptor: Borrowed<'_>) -> bool {
    with_socket(descriptor, |socket| socket.r#type()).is_ok_and(|kind| kind == Type::STREAM)
}

/// Whether an empty message is a datagram and not the end of a connection.
pub(crate) fn is_datagrams(descriptor: Borrowed<'_>) -> bool {
    let connected = [Type::STREAM, Type::SEQPACKET];
    with_socket(descriptor, |socket| socket.r#type()).is_ok_and(|kind| !connected.contains(&kind))
}

/// Whether a socket of datagrams, which has just given an empty one, was shut down to receive: then it
/// gives more of them, without a sender.
pub(crate) fn is_at_end(descriptor: Borrowed<'_>) -> bool {
    let mut byte = [MaybeUninit::uninit()];
    match with_socket(descriptor, |socket| socket.peek_from(&mut byte)) {
        Ok((count, sender)) => count == 0 && sender.as_socket().is_none(),
        Err(errno) => errno == Errno::SHUTDOWN,
    }
}

/// Which of the events `asked` for of WSAPoll there are now.
pub(crate) fn poll_now(descriptor: Borrowed<'_>, asked: u32) -> Result<u32, Errno> {
    let fd = socket(descriptor)?.as_raw_socket() as usize;
    let mut poll = WSAPOLLFD { fd, events: asked as i16, revents: 0 };
    // SAFETY: it is one entry, which is written to.
    if unsafe { WSAPoll(&mut poll, 1, 0) } == SOCKET_ERROR {
        return Err(errno_of(&io::Error::last_os_error()));
    }
    Ok(u32::from(poll.revents as u16))
}

#[cfg(test)]
mod tests {
    use std::mem::MaybeUninit;
    use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
    use std::os::windows::io::AsSocket;

    use super::{adopt, is_at_end, passed_over, receive, receive_message, send, shutdown};
    use crate::sys::windows::descriptor::Borrowed;
    use crate::sys::windows::errors::{Errno, errno_of};
    use crate::sys::windows::message::{Header, Slice};

    fn receive_whole(socket: Borrowed<'_>) -> Result<u32, Errno> {
        let (mut bytes, mut name) = ([0; 8], [0; 128]);
        let mut header = Header::new();
        let mut slices = [Slice::new(bytes.as_mut_ptr(), bytes.len())];
        header.set_slices(&mut slices);
        header.set_name(name.as_mut_ptr(), name.len());
        // SAFETY: all that the header points to is on the stack.
        unsafe { receive_message(socket, &raw mut header, 0) }
    }

    #[test]
    fn a_socket_that_was_shut_down_is_at_its_end() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
        datagrams.connect(datagrams.local_addr().unwrap()).unwrap();
        for socket in [stream.as_socket(), datagrams.as_socket()].map(Borrowed::Socket) {
            adopt(socket);
            assert_eq!(receive_whole(socket), Err(Errno::AGAIN));
            shutdown(socket, Shutdown::Read).unwrap();
            assert_eq!(receive(socket, &mut [MaybeUninit::uninit(); 8]), Ok(0));
            assert_eq!(receive_whole(socket), Ok(0));
            assert!(is_at_end(socket));
        }
    }

    #[test]
    fn one_send_takes_a_megabyte_at_most() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let socket = Borrowed::Socket(stream.as_socket());
        adopt(socket);
        let sent = send(socket, &vec![0; 8 << 20]).unwrap();
        assert!((1..=1 << 20).contains(&sent), "{sent}");
    }

    #[test]
    fn only_a_socket_without_a_peer_passes_over_what_was_sent_to_nobody() {
        let reset = errno_of(&std::io::Error::from_raw_os_error(10054));
        let alone = UdpSocket::bind("127.0.0.1:0").unwrap();
        let connected = UdpSocket::bind("127.0.0.1:0").unwrap();
        connected.connect(alone.local_addr().unwrap()).unwrap();
        let of = |socket: &UdpSocket, result| passed_over(Borrowed::Socket(socket.as_socket()), result);
        assert_eq!(of(&alone, Err(reset)), Err(Errno::INTR));
        assert_eq!(of(&connected, Err(reset)), Err(reset));
        assert_eq!(of(&alone, Err(Errno::AGAIN)), Err(Errno::AGAIN));
        assert_eq!(of(&alone, Ok(3)), Ok(3));
    }
}
