//! Unix sockets with abstract names.

use std::io::Write;
use std::os::unix::net::SocketAddr;
use std::path::Path;

use mio::net::{UnixDatagram, UnixListener, UnixStream};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use crate::harness::unix::SocketPath;
use crate::harness::unix::kernel::SocketAddrExt;
use crate::net_harness::drain;

/// A name that no other test uses: that of a path, without its meaning.
pub(crate) fn new_name() -> Vec<u8> {
    let path = SocketPath::new();
    let path: &Path = path.as_ref();
    path.as_os_str().as_encoded_bytes().to_vec()
}

#[test]
fn a_client_bound_to_an_abstract_name_is_accepted_by_that_name() {
    let (path, name) = (SocketPath::new(), new_name());
    let listener = UnixListener::bind(&path).unwrap();
    // Close-on-exec, for a test beside this one looks at what a child inherits.
    let client =
        rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)
            .unwrap();
    rustix::net::bind(&client, &SocketAddrUnix::new_abstract_name(&name).unwrap()).unwrap();
    rustix::net::connect(&client, &SocketAddrUnix::new(path.as_ref()).unwrap()).unwrap();
    let (_stream, peer) = listener.accept().unwrap();
    assert_eq!(peer.as_abstract_name(), Some(&name[..]));
}

#[test]
fn an_abstract_name_is_bound_connected_and_accepted() {
    let name = new_name();
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    assert_eq!(listener.local_addr().unwrap().as_abstract_name(), Some(&name[..]));
    let mut client = UnixStream::connect_addr(&address).unwrap();
    assert_eq!(client.peer_addr().unwrap().as_abstract_name(), Some(&name[..]));
    let (stream, peer) = listener.accept().unwrap();
    assert!(peer.is_unnamed());
    client.write_all(b"abstract").unwrap();
    assert_eq!(drain(&stream), (b"abstract".to_vec(), false));
}

#[test]
fn an_abstract_name_may_hold_zero_bytes() {
    let mut name = new_name();
    name.extend_from_slice(b"\0tail\0");
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    assert_eq!(listener.local_addr().unwrap().as_abstract_name(), Some(&name[..]));
    let client = UnixStream::connect_addr(&address).unwrap();
    assert_eq!(client.peer_addr().unwrap().as_abstract_name(), Some(&name[..]));
}

#[test]
fn a_sender_bound_to_an_abstract_name_is_received_from_by_that_name() {
    let name = new_name();
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let sender = UnixDatagram::bind_addr(&address).unwrap();
    assert_eq!(sender.local_addr().unwrap().as_abstract_name(), Some(&name[..]));
    let path = SocketPath::new();
    let receiver = UnixDatagram::bind(&path).unwrap();
    sender.send_to(b"abstract", &path).unwrap();
    let (_, from) = receiver.recv_from(&mut [0; 16]).unwrap();
    assert_eq!(from.as_abstract_name(), Some(&name[..]));
}

#[test]
fn binding_the_empty_path_lets_the_kernel_choose_an_abstract_name() {
    // unix(7), "Autobind feature".
    let listener = UnixListener::bind("").unwrap();
    let address = listener.local_addr().unwrap();
    assert!(!address.as_abstract_name().expect("an abstract name").is_empty());
    let stream = UnixStream::connect_addr(&address).unwrap();
    assert_eq!(stream.peer_addr().unwrap().as_abstract_name(), address.as_abstract_name());
    let datagram = UnixDatagram::bind("").unwrap();
    assert!(datagram.local_addr().unwrap().as_abstract_name().is_some());
}
