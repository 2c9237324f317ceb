//! Sockets: made non-blocking and close-on-exec, written without SIGPIPE.

use std::fs::File;
use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::addr::SocketAddrArg;
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SocketAddrAny, SocketType, bind, connect, listen,
    send as send_to_peer, sendmsg, sockopt,
};
use socket2::SockRef;

use crate::sys::socket_option::{Purpose, Settings};
use crate::sys::system::calls::ERROR_OF_CONNECTION;
use crate::sys::unix::made::{self, SEND};
use crate::sys::unix::socket_options;

/// A new stream socket that listens on `address`. Connections of an earlier listener do not
/// hold the address.
pub(crate) fn tcp_listener(address: SocketAddr, settings: &Settings) -> io::Result<TcpListener> {
    let socket = new(family(address), SocketType::STREAM)?;
    sockopt::set_socket_reuseaddr(&socket, settings.reuses_address())?;
    socket_options::apply(settings, &SockRef::from(&socket), Purpose::Listener, address.is_ipv6())?;
    bind(&socket, &address)?;
    listen(&socket, backlog(settings.backlog))?;
    Ok(socket.into())
}

/// Takes a connection from the queue of `listener`.
pub(crate) fn tcp_accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (socket, address) = accept(listener.as_fd())?;
    let stream = TcpStream::from(socket);
    let address = match address.map(SocketAddr::try_from) {
        Some(Ok(address)) => address,
        _ => stream.peer_addr()?,
    };
    Ok((stream, address))
}

/// A new stream socket that is being connected to `address`.
pub(crate) fn tcp_stream(address: SocketAddr, settings: &Settings) -> io::Result<TcpStream> {
    let socket = new(family(address), SocketType::STREAM)?;
    socket_options::apply(settings, &SockRef::from(&socket), Purpose::Stream, address.is_ipv6())?;
    if let Some(local) = settings.local {
        bind(&socket, &local)?;
    }
    start_connect(socket.as_fd(), &address)?;
    Ok(socket.into())
}

/// A new datagram socket bound to `address`.
pub(crate) fn udp(address: SocketAddr, settings: &Settings) -> io::Result<UdpSocket> {
    let socket = new(family(address), SocketType::DGRAM)?;
    socket_options::apply(settings, &SockRef::from(&socket), Purpose::Datagram, address.is_ipv6())?;
    bind(&socket, &address)?;
    Ok(socket.into())
}

/// True if an IPv6 socket takes no IPv4 traffic.
pub(crate) fn only_v6(socket: &UdpSocket) -> io::Result<bool> {
    Ok(sockopt::ipv6_v6only(socket)?)
}

/// Sends `buf` to the peer; a peer that is gone is an error, never a signal.
pub(crate) fn send(socket: &impl AsFd, buf: &[u8]) -> io::Result<usize> {
    Ok(send_to_peer(socket, buf, SEND)?)
}

/// Sends `bufs` one after the other, as `send` does. std's `write_vectored` would
/// raise SIGPIPE.
pub(crate) fn send_vectored(socket: &impl AsFd, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    // writev(2), which this stands for, does not reach the socket with nothing.
    if bufs.iter().all(|buf| buf.is_empty()) {
        return Ok(0);
    }
    let bufs = &bufs[..bufs.len().min(BUFFERS_MAX)];
    Ok(sendmsg(socket, bufs, &mut SendAncillaryBuffer::default(), SEND)?)
}

/// True for an error of accept(2) that is of the connection and not of the listener.
pub(crate) fn is_of_the_connection(error: &io::Error) -> bool {
    let of_the_connection = [
        Errno::CONNABORTED,
        Errno::NETDOWN,
        Errno::PROTO,
        Errno::NOPROTOOPT,
        Errno::HOSTDOWN,
        Errno::HOSTUNREACH,
        Errno::OPNOTSUPP,
        Errno::NETUNREACH,
        Errno::TIMEDOUT,
    ];
    Errno::from_io_error(error)
        .is_some_and(|errno| of_the_connection.contains(&errno) || Some(errno) == ERROR_OF_CONNECTION)
}

/// True for an error that says that descriptors, memory or a permission are missing.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    let shortages = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM, Errno::PERM];
    Errno::from_io_error(error).is_some_and(|errno| shortages.contains(&errno))
}

/// A descriptor that is kept open, to be given up when no other can be had.
#[derive(Debug)]
pub(crate) struct Reserve {
    _file: File,
}

impl Reserve {
    /// `None` if there is none to be had.
    pub(crate) fn new() -> Option<Reserve> {
        File::open("/dev/null").ok().map(|file| Reserve { _file: file })
    }
}

/// The length of a queue for listen(2); as long as the system allows if it is not given.
pub(crate) fn backlog(backlog: Option<u32>) -> i32 {
    // The kernel cuts what is too long. Not all take -1 for the longest.
    backlog.and_then(|backlog| i32::try_from(backlog).ok()).unwrap_or(i32::MAX)
}

/// A new socket.
pub(crate) fn new(family: AddressFamily, kind: SocketType) -> io::Result<OwnedFd> {
    Ok(made::socket(family, kind)?)
}

/// Begins to connect `socket`; a connection that is on its way is not an error.
pub(crate) fn start_connect(socket: BorrowedFd<'_>, address: &impl SocketAddrArg) -> io::Result<()> {
    let mut is_interrupted = false;
    loop {
        match connect(socket, address) {
            Ok(()) | Err(Errno::INPROGRESS) => return Ok(()),
            // The call before this one has begun it, or even ended it.
            Err(Errno::ALREADY | Errno::ISCONN) if is_interrupted => return Ok(()),
            Err(Errno::INTR) => is_interrupted = true,
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Takes a connection from the queue of `listener`.
pub(crate) fn accept(listener: BorrowedFd<'_>) -> io::Result<(OwnedFd, Option<SocketAddrAny>)> {
    Ok(made::accept(listener)?)
}

fn family(address: SocketAddr) -> AddressFamily {
    match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    }
}

/// The most buffers that one call takes: `UIO_MAXIOV`.
pub(crate) const BUFFERS_MAX: usize = 1024;
