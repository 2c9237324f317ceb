//! What is wrong with a Unix socket, a socket file or a descriptor that is passed, in words.
#![allow(dead_code, reason = "which of these there are depends on the system")]

use std::io::{self, ErrorKind};

use crate::error::new;

/// A system whose Unix sockets are streams and datagrams.
#[cold]
pub(crate) fn no_seqpacket() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this system has no SOCK_SEQPACKET for Unix sockets, as Apple's have none: use a UnixStream and mark the \
         ends of records yourself, or a UnixDatagram",
    )
}

#[cold]
pub(crate) fn empty_record() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "an empty record cannot be told from the end of the connection: send at least one byte",
    )
}

#[cold]
pub(crate) fn too_many_descriptors(count: usize) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!("{count} descriptors are more than one message passes, which is 253: send them in several"),
    )
}

#[cold]
pub(crate) fn descriptors_without_bytes() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "descriptors travel with the first byte of what is sent, and a stream sends nothing for no bytes: send at \
         least one byte with them",
    )
}

/// More descriptors than `room`, which were closed.
#[cold]
pub(crate) fn descriptors_cut(room: usize) -> io::Error {
    new(
        ErrorKind::InvalidData,
        format!(
            "more descriptors came than there is room for, which is {room}; all of them were closed, and the bytes \
             are lost: end the connection, or agree on a number with the peer and make room for it"
        ),
    )
}

#[cold]
pub(crate) fn no_peer_credentials() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this system does not tell the process at the other end of a Unix socket here, as SO_PEERCRED or \
         getpeereid do elsewhere: keep the socket file in a directory that only its users can enter",
    )
}

#[cold]
pub(crate) fn no_peer_pidfd() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this kernel has no SO_PEERPIDFD, which Linux has from 6.5 on: decide by the user of `peer_credentials`",
    )
}
