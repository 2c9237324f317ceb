//! The two families of stream sockets. The listeners are made here, so that each
//! subject has the same backlog and the same options.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use rustix::net::{SocketFlags, accept_with, listen, sockopt};

/// Enough for all clients of a case at once.
const BACKLOG: i32 = 4096;

/// A non-blocking listener on a free port, and its address. What it accepts has
/// `TCP_NODELAY` set.
pub fn tcp() -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    sockopt::set_tcp_nodelay(&listener, true)?;
    listen(&listener, BACKLOG)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?.to_string();
    Ok((listener, address))
}

/// A non-blocking listener at `path`.
pub fn unix(path: &Path) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(path)?;
    listen(&listener, BACKLOG)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// A family of stream sockets of the standard library, for engines that bring no
/// sockets of their own.
pub trait StdFamily: 'static {
    /// What accepts.
    type Listener: AsFd + From<OwnedFd>;
    /// What it accepts.
    type Stream: AsFd + From<OwnedFd> + Read + Write;
}

/// TCP.
#[derive(Debug)]
pub struct Tcp;

/// Unix streams.
#[derive(Debug)]
pub struct Unix;

impl StdFamily for Tcp {
    type Listener = TcpListener;
    type Stream = TcpStream;
}

impl StdFamily for Unix {
    type Listener = UnixListener;
    type Stream = UnixStream;
}

/// Accepts a stream that is non-blocking from the start.
pub fn accept<F: StdFamily>(listener: &F::Listener) -> io::Result<F::Stream> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(accept_with(listener, flags)?.into())
}
