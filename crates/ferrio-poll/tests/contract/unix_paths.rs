//! The lengths and bytes of Unix socket paths: an address of Linux holds 108 bytes with
//! the zero byte at its end. The tests are named by that, and ask the system for its own number.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net;
use std::path::Path;

use mio::net::{UnixDatagram, UnixListener, UnixStream};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};

use crate::harness::unix::SocketPath;
use crate::net_harness::drain;

/// The longest path an address can hold.
const PATH_LEN_MAX: usize =
    size_of::<libc::sockaddr_un>() - std::mem::offset_of!(libc::sockaddr_un, sun_path) - 1;

/// Gives `path` to every call that takes one; each must say `InvalidInput`.
fn assert_invalid_everywhere(path: &Path) {
    let datagram = UnixDatagram::unbound().unwrap();
    let results = [
        ("UnixListener::bind", UnixListener::bind(path).map(drop)),
        ("UnixDatagram::bind", UnixDatagram::bind(path).map(drop)),
        ("UnixStream::connect", UnixStream::connect(path).map(drop)),
        ("UnixDatagram::connect", datagram.connect(path)),
        ("UnixDatagram::send_to", datagram.send_to(b"x", path).map(drop)),
    ];
    for (call, result) in results {
        let error = result.expect_err(call);
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{call}: {error}");
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn a_stream_path_of_107_bytes_is_bound_and_reached() {
    let path = SocketPath::with_len(PATH_LEN_MAX);
    let listener = UnixListener::bind(&path).unwrap();
    assert_eq!(listener.local_addr().unwrap().as_pathname(), Some(path.as_ref()));
    let stream = UnixStream::connect(&path).unwrap();
    assert_eq!(stream.peer_addr().unwrap().as_pathname(), Some(path.as_ref()));
    let (accepted, _) = listener.accept().unwrap();
    drop(stream);
    assert_eq!(drain(&accepted), (Vec::new(), true));
}

#[test]
fn a_datagram_path_of_107_bytes_is_bound_and_reached() {
    let path = SocketPath::with_len(PATH_LEN_MAX);
    let receiver = UnixDatagram::bind(&path).unwrap();
    let sender = UnixDatagram::unbound().unwrap();
    sender.send_to(b"one", &path).unwrap();
    sender.connect(&path).unwrap();
    sender.send(b"two").unwrap();
    assert_eq!(receiver.recv(&mut [0; 8]).unwrap(), 3);
    assert_eq!(receiver.recv(&mut [0; 8]).unwrap(), 3);
}

#[test]
fn a_sender_with_a_path_of_107_bytes_is_named_in_full() {
    let (path, sender_path) = (SocketPath::new(), SocketPath::with_len(PATH_LEN_MAX));
    let receiver = UnixDatagram::bind(&path).unwrap();
    let sender = UnixDatagram::bind(&sender_path).unwrap();
    sender.send_to(b"hello", &path).unwrap();
    let (_, from) = receiver.recv_from(&mut [0; 8]).unwrap();
    assert_eq!(from.as_pathname(), Some(sender_path.as_ref()));
}

#[test]
fn a_client_at_a_path_of_108_bytes_is_accepted() {
    // The kernel lets a path fill the address to its last byte, without a zero
    // byte, and then tells a length beyond the structure.
    let (path, client_path) = (SocketPath::new(), SocketPath::with_len(PATH_LEN_MAX + 1));
    let listener = UnixListener::bind(&path).unwrap();
    let client = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&client, &SocketAddrUnix::new(client_path.as_ref()).unwrap()).unwrap();
    rustix::net::connect(&client, &SocketAddrUnix::new(path.as_ref()).unwrap()).unwrap();
    let (stream, peer) = listener.accept().unwrap();
    assert!(peer.as_pathname().is_none_or(|peer| peer == client_path.as_ref()), "{peer:?}");
    net::UnixStream::from(client).write_all(b"hello").unwrap();
    assert_eq!(drain(&stream), (b"hello".to_vec(), true));
}

#[test]
fn a_sender_at_a_path_of_108_bytes_is_received_from() {
    let (path, sender_path) = (SocketPath::new(), SocketPath::with_len(PATH_LEN_MAX + 1));
    let receiver = UnixDatagram::bind(&path).unwrap();
    let sender = rustix::net::socket(AddressFamily::UNIX, SocketType::DGRAM, None).unwrap();
    rustix::net::bind(&sender, &SocketAddrUnix::new(sender_path.as_ref()).unwrap()).unwrap();
    let sender = UnixDatagram::from(sender);
    sender.send_to(b"hello", &path).unwrap();
    let (n, from) = receiver.recv_from(&mut [0; 8]).unwrap();
    assert_eq!((n, from.as_pathname()), (5, Some(sender_path.as_ref())));
    assert_eq!(sender.local_addr().unwrap().as_pathname(), Some(sender_path.as_ref()));
}

#[test]
fn a_path_of_108_bytes_is_invalid_in_every_call() {
    assert_invalid_everywhere(SocketPath::with_len(PATH_LEN_MAX + 1).as_ref());
}

#[test]
fn a_path_of_109_bytes_is_invalid_in_every_call() {
    assert_invalid_everywhere(SocketPath::with_len(PATH_LEN_MAX + 2).as_ref());
}

#[test]
fn a_path_of_a_million_bytes_is_invalid_in_every_call() {
    assert_invalid_everywhere(SocketPath::with_len(1_000_000).as_ref());
}

#[test]
fn a_path_with_a_zero_byte_is_invalid_in_every_call() {
    assert_invalid_everywhere(Path::new(OsStr::from_bytes(b"ferrio\0socket")));
}

#[test]
fn a_path_that_begins_with_a_zero_byte_is_no_abstract_name() {
    assert_invalid_everywhere(Path::new(OsStr::from_bytes(b"\0ferrio")));
}

#[test]
fn the_empty_path_cannot_be_reached() {
    let error = UnixStream::connect("").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    let datagram = UnixDatagram::unbound().unwrap();
    assert_eq!(datagram.connect("").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    assert_eq!(datagram.send_to(b"x", "").unwrap_err().kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn a_path_in_a_missing_folder_is_not_found() {
    let folder = SocketPath::new();
    let path = folder.as_ref().join("socket");
    assert_eq!(UnixListener::bind(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(UnixDatagram::bind(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
}
