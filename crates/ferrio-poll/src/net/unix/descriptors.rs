//! The descriptors that came over a Unix socket.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::vec::Drain;

use crate::sys::passing::{self, FDS_MAX, Memory, Taken};

/// Room for descriptors that come over a Unix socket, and the owner of those that came.
///
/// A peer may send descriptors with any message. One is taken only by a receive that is given
/// such a list, such as [`UnixStream::recv_with_fds`](crate::net::UnixStream::recv_with_fds);
/// with any other the kernel closes them. A list is used again and again: nothing is allocated
/// by a receive, and each begins by closing what is left of the one before.
///
/// What a descriptor is, is for the receiver to find out: it may be of any kind, blocking or
/// not, and its status flags, such as `O_NONBLOCK`, are shared with the sender for ever. Do not
/// trust more than you trust the peer; see
/// [`peer_credentials`](crate::net::UnixStream::peer_credentials).
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::fs::File;
/// use std::io::{Read, Write};
/// use std::os::fd::AsFd;
///
/// use ferrio::net::{Descriptors, UnixStream};
/// use ferrio::unix::pipe;
///
/// let (one, other) = UnixStream::pair()?;
/// let (mut sender, receiver) = pipe::new()?;
/// one.send_with_fds(b"a pipe", &[receiver.as_fd()])?;
///
/// let mut buf = [0; 64];
/// let mut fds = Descriptors::with_capacity(1);
/// let count = other.recv_with_fds(&mut buf, &mut fds)?;
/// assert_eq!(&buf[..count], b"a pipe");
/// let mut passed = File::from(fds.drain().next().expect("one descriptor"));
/// sender.write_all(b"through it")?;
/// let count = passed.read(&mut buf)?;
/// assert_eq!(&buf[..count], b"through it");
/// # Ok(())
/// # }
/// ```
#[doc(alias = "SCM_RIGHTS")]
#[derive(Debug)]
pub struct Descriptors {
    /// What came; it never has more than `room`, and so never grows.
    fds: Vec<OwnedFd>,
    /// How many there is room for.
    room: usize,
    /// What the kernel writes them into.
    memory: Memory,
}

impl Descriptors {
    /// The most descriptors that can be sent with one message: 253, as on Linux.
    pub const MAX: usize = FDS_MAX;

    /// Room for `room` descriptors; more than [`MAX`](Descriptors::MAX) never come at once.
    pub fn with_capacity(room: usize) -> Descriptors {
        let room = room.min(Descriptors::MAX);
        Descriptors { fds: Vec::with_capacity(room), room, memory: Memory::new(room) }
    }

    /// Gives away what came, in the order in which it was sent. What is not taken from the
    /// iterator is closed with it.
    pub fn drain(&mut self) -> Drain<'_, OwnedFd> {
        self.fds.drain(..)
    }

    /// Closes what came.
    pub fn clear(&mut self) {
        self.fds.clear();
    }

    /// Receives from `socket`, into this and `buf`.
    pub(super) fn receive(&mut self, socket: &impl AsFd, buf: &mut [u8]) -> io::Result<Taken> {
        self.fds.clear();
        passing::receive(socket, buf, &mut self.memory, &mut self.fds)
    }

    /// How many came and were not given away.
    pub fn len(&self) -> usize {
        self.fds.len()
    }

    /// True if none came, or all were given away.
    pub fn is_empty(&self) -> bool {
        self.fds.is_empty()
    }

    /// How many there is room for.
    pub fn capacity(&self) -> usize {
        self.room
    }
}
