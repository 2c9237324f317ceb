//! The vocabulary of the socket tests.

#![allow(
    unsafe_code,
    reason = "a raw descriptor is adopted, an option is set, and a child changes how it takes a signal"
)]

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{self, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream, UdpSocket, UnixStream};
use rustix::fs::OFlags;
use rustix::io::FdFlags;
use rustix::net::{AddressFamily, SocketType};

use crate::harness::{PATIENCE, any_local_v4};

/// An IPv6 address that lets the kernel choose a free port.
pub(crate) fn any_local_v6() -> SocketAddr {
    "[::1]:0".parse().expect("an address")
}

/// A listener on a free port, and its address.
pub(crate) fn tcp_listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(any_local_v4()).expect("bind");
    let address = listener.local_addr().expect("local_addr");
    (listener, address)
}

/// A connected stream of the subject, and its peer as a blocking stream of std.
pub(crate) fn tcp_with_std_peer() -> (TcpStream, net::TcpStream) {
    let listener = net::TcpListener::bind(any_local_v4()).expect("bind");
    let stream = TcpStream::connect(listener.local_addr().expect("local_addr")).expect("connect");
    let (peer, address) = listener.accept().expect("accept");
    assert_eq!(address, stream.local_addr().expect("local_addr"), "a stranger connected");
    peer.set_read_timeout(Some(PATIENCE)).expect("set_read_timeout");
    (stream, peer)
}

/// Two connected streams of the subject.
pub(crate) fn tcp_pair() -> (TcpStream, TcpStream) {
    let (stream, peer) = tcp_with_std_peer();
    peer.set_nonblocking(true).expect("set_nonblocking");
    (stream, TcpStream::from_std(peer))
}

/// A connected Unix stream of the subject, and its peer as a blocking one of std.
pub(crate) fn unix_with_std_peer() -> (UnixStream, std::os::unix::net::UnixStream) {
    let (stream, peer) = std::os::unix::net::UnixStream::pair().expect("pair");
    stream.set_nonblocking(true).expect("set_nonblocking");
    peer.set_read_timeout(Some(PATIENCE)).expect("set_read_timeout");
    (UnixStream::from_std(stream), peer)
}

/// A UDP socket on a free port, and its address.
pub(crate) fn udp_socket() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(any_local_v4()).expect("bind");
    let address = socket.local_addr().expect("local_addr");
    (socket, address)
}

/// Two UDP sockets, each connected to the other.
pub(crate) fn connected_udp_pair() -> (UdpSocket, UdpSocket) {
    let ((left, left_addr), (right, right_addr)) = (udp_socket(), udp_socket());
    left.connect(right_addr).expect("connect");
    right.connect(left_addr).expect("connect");
    (left, right)
}

/// An address where connections are refused for as long as the returned socket
/// lives: it holds the port and does not listen.
pub(crate) fn refusing_address() -> (OwnedFd, SocketAddr) {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).expect("socket");
    rustix::net::bind(&socket, &any_local_v4()).expect("bind");
    let address = rustix::net::getsockname(&socket).expect("getsockname");
    (socket, SocketAddr::try_from(address).expect("an internet address"))
}

/// The path of a Unix socket that no other test uses; removed when dropped.
#[derive(Debug)]
pub(crate) struct SocketPath(PathBuf);

impl SocketPath {
    /// A short path in the folder for temporary files.
    pub(crate) fn new() -> SocketPath {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("ferrio-{}-{number}", process::id()));
        // A killed run whose process had the same number may have left one.
        let _ = fs::remove_file(&path);
        SocketPath(path)
    }

    /// A path of exactly `len` bytes.
    pub(crate) fn with_len(len: usize) -> SocketPath {
        let mut path = SocketPath::new().0.clone().into_os_string();
        path.push("-".repeat(len.checked_sub(path.len()).expect("room for the name")));
        SocketPath(path.into())
    }

    /// The name alone, to be used in the abstract namespace.
    pub(crate) fn abstract_name() -> Vec<u8> {
        SocketPath::new().0.clone().into_os_string().into_encoded_bytes()
    }
}

impl AsRef<Path> for SocketPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for SocketPath {
    fn drop(&mut self) {
        // A test need not have bound the path.
        let _ = fs::remove_file(&self.0);
    }
}

/// Lets the loopback device finish what is under way, so that its steps are
/// one change of readiness when the test polls.
pub(crate) fn settle() {
    thread::sleep(Duration::from_millis(20));
}

/// Reads until the source would block or ends; true in the second place if it ended.
pub(crate) fn drain(mut source: impl Read) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let mut buf = [0; 4096];
    loop {
        match source.read(&mut buf) {
            Ok(0) => return (bytes, true),
            Ok(n) => bytes.extend_from_slice(&buf[..n]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return (bytes, false),
            Err(error) => panic!("read failed: {error}"),
        }
    }
}

/// Writes until the sink would block; returns how many bytes went in.
pub(crate) fn fill(mut sink: impl Write) -> usize {
    let mut written = 0;
    loop {
        match sink.write(&[7; 8192]) {
            Ok(n) => written += n,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return written,
            Err(error) => panic!("write failed: {error}"),
        }
        assert!(written < 1 << 30, "the sink never blocks");
    }
}

/// Reads exactly `len` bytes from a blocking source.
pub(crate) fn read_len(mut source: impl Read, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    source.read_exact(&mut bytes).expect("the bytes in time");
    bytes
}

/// Makes the close of `socket` send a reset instead of an orderly end.
pub(crate) fn linger_zero(socket: impl AsFd) {
    rustix::net::sockopt::set_socket_linger(socket, Some(Duration::ZERO)).expect("SO_LINGER");
}

/// True if operations on `socket` return instead of waiting.
pub(crate) fn is_non_blocking(socket: impl AsFd) -> bool {
    rustix::fs::fcntl_getfl(socket).expect("F_GETFL").contains(OFlags::NONBLOCK)
}

/// True if `socket` is closed when the process executes another program.
pub(crate) fn is_close_on_exec(socket: impl AsFd) -> bool {
    rustix::io::fcntl_getfd(socket).expect("F_GETFD").contains(FdFlags::CLOEXEC)
}

/// Fails unless `socket` is both non-blocking and close-on-exec.
pub(crate) fn assert_socket_flags(socket: impl AsFd) {
    assert!(is_non_blocking(&socket), "a socket that blocks");
    assert!(is_close_on_exec(&socket), "a socket that is inherited");
}

/// Takes `socket` through each of its conversions and back; the descriptor must
/// be the same all the way.
pub(crate) fn round_trip<T, S>(socket: T) -> T
where
    T: AsFd + AsRawFd + IntoRawFd + FromRawFd + From<OwnedFd> + Into<OwnedFd> + Into<S>,
    S: Into<OwnedFd>,
{
    let fd = socket.as_raw_fd();
    assert_eq!(socket.as_fd().as_raw_fd(), fd);
    let raw = socket.into_raw_fd();
    assert_eq!(raw, fd);
    // SAFETY: `into_raw_fd` has just given up the ownership of `raw`.
    let socket = unsafe { T::from_raw_fd(raw) };
    let owned: OwnedFd = socket.into();
    assert_eq!(owned.as_raw_fd(), fd);
    let socket = T::from(owned);
    let std_socket: S = socket.into();
    let owned: OwnedFd = std_socket.into();
    assert_eq!(owned.as_raw_fd(), fd);
    T::from(owned)
}

/// Makes SIGPIPE end this process, as it ends a C program.
pub(crate) fn let_sigpipe_kill() {
    // SAFETY: SIG_DFL is a valid disposition, and no handler of another test is
    // replaced: the caller runs alone in this process.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Sets an integer option of a socket.
pub(crate) fn set_option(socket: &impl AsRawFd, level: i32, name: i32, value: i32) {
    let len = size_of_val(&value) as libc::socklen_t;
    let value: *const i32 = &value;
    // SAFETY: setsockopt(2) reads one `int`.
    let result = unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, value.cast(), len) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}
