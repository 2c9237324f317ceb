//! Where clients come in.

use std::{fmt::Debug, os::unix::fs::FileTypeExt};
use std::{fs, io, io::ErrorKind, io::Read, io::Write, net::SocketAddr, path::Path, time::Duration};

use ferrio::{event::Source, net::TcpListener, net::UnixListener, net::UnixStream};
use rustix::net::sockopt;

use crate::statistics::say;

/// A client's connection of either kind.
pub(crate) trait Stream: Read + Write + Source {}

impl<T: Read + Write + Source> Stream for T {}

/// A listener of either kind.
pub(crate) trait Door: Source {
    fn next(&self) -> io::Result<Box<dyn Stream>>;
}

impl Door for TcpListener {
    fn next(&self) -> io::Result<Box<dyn Stream>> {
        self.accept().map(|(stream, _)| Box::new(stream) as _)
    }
}

impl Door for UnixListener {
    fn next(&self) -> io::Result<Box<dyn Stream>> {
        self.accept().map(|(stream, _)| Box::new(stream) as _)
    }
}

/// Clients inherit the options. Keep-alive finds those that vanish silently, and
/// the longer backlog (std's is 128) takes a rush without lost connections.
pub(crate) fn tcp(address: SocketAddr) -> io::Result<Box<dyn Door>> {
    let advice = "free it, or choose another with --listen";
    let door = TcpListener::bind(address).map_err(|error| explain(error, address, advice))?;
    rustix::net::listen(&door, 4096)?;
    sockopt::set_tcp_nodelay(&door, true)?;
    sockopt::set_socket_keepalive(&door, true)?;
    sockopt::set_tcp_keepidle(&door, Duration::from_secs(60))?;
    say(format!("listening on {}", door.local_addr()?));
    Ok(Box::new(door))
}

/// Takes the place of a socket file on which nobody listens any more.
pub(crate) fn unix(path: &Path) -> io::Result<Box<dyn Door>> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    let refused = |error: io::Error| error.kind() == ErrorKind::ConnectionRefused;
    if is_socket && UnixStream::connect(path).is_err_and(refused) {
        fs::remove_file(path)?;
    }
    let advice = "is it a live server's, or no socket? choose another with --unix";
    let door = UnixListener::bind(path).map_err(|error| explain(error, path, advice))?;
    say(format!("listening on {}", path.display()));
    Ok(Box::new(door))
}

fn explain(error: io::Error, place: impl Debug, advice: &str) -> io::Error {
    io::Error::new(error.kind(), format!("cannot listen on {place:?}: {error}; {advice}"))
}
