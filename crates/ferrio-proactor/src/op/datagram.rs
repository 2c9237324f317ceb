//! Datagrams with their senders, into buffers of the pool.
#![allow(unsafe_code, reason = "a msghdr is addresses for the kernel")]

use std::fmt::{self, Debug, Formatter};
use std::mem;
use std::net::SocketAddr;

use socket2::{SockAddr, SockAddrStorage};

use crate::buffer::chunk::Chunk;
use crate::id::Handle;
use crate::op::perform::{Code, Handles, Lane, Perform, Shape};
use crate::op::request::Request;

/// Receives datagrams into buffers of the pool, each with its sender, until it is cancelled or
/// fails.
///
/// Each is a completion, [`Kind::Datagram`](crate::Kind::Datagram); the last completion is
/// [`Kind::Ended`](crate::Kind::Ended). A buffer holds the sender and the control data too: a
/// datagram may have [`Config::buffer_len`](crate::Config::buffer_len) less 144 bytes, and less
/// what [`control_room`](RecvMsgMany::control_room) asks for; what is longer is cut, and
/// [`is_truncated`](Datagram::is_truncated) says so. Where not a byte would have room, it is
/// [rejected](crate::Reason::BufferLen).
///
/// # Implementation notes
///
/// A multishot `IORING_OP_RECVMSG` (Linux 6.0); else recvmsg(2) until it would block, at most 32
/// datagrams in a turn.
pub struct RecvMsgMany {
    /// The socket.
    pub handle: Handle,
    /// What is asked for of each datagram: only lengths, no addresses.
    header: Box<libc::msghdr>,
}

impl RecvMsgMany {
    /// Receives the datagrams of `handle`.
    pub fn new(handle: Handle) -> RecvMsgMany {
        // SAFETY: a msghdr of zeros is valid: no address, no slices, no control data.
        let mut header: Box<libc::msghdr> = Box::new(unsafe { mem::zeroed() });
        header.msg_namelen = NAME_ROOM as _;
        RecvMsgMany { handle, header }
    }

    /// With room for `len` bytes of control data, as for `IP_PKTINFO` where that was asked for.
    pub fn control_room(mut self, len: u16) -> RecvMsgMany {
        self.header.msg_controllen = len as _;
        self
    }

    /// How the buffers are laid out.
    pub(crate) fn layout(&self) -> Layout {
        Layout { control_room: self.header.msg_controllen as u16 }
    }
}

// SAFETY: the header has no addresses, only lengths.
unsafe impl Send for RecvMsgMany {}

impl Perform for RecvMsgMany {
    const CODE: Code = Code::RecvMsgMany;
    const SHAPE: Shape = Shape::RecvMsgMany;
    const LANE: Option<Lane> = Some(Lane::Read);

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn buffer_len(&self) -> u32 {
        // One byte more than what stands before a datagram.
        self.layout().data_at() as u32 + 1
    }

    fn request(&mut self) -> Request {
        Request::RecvMsgPooled { message: &raw const *self.header }
    }
}

impl Debug for RecvMsgMany {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvMsgMany").field("handle", &self.handle).finish_non_exhaustive()
    }
}

/// The lengths that stand before the sender in a buffer: of the sender, of the control data, of
/// the datagram, and the flags of recvmsg(2), each in 32 bits.
pub(crate) const LENGTHS: usize = 16;

/// Room for the address of a sender of any family.
pub(crate) const NAME_ROOM: usize = size_of::<libc::sockaddr_storage>();

/// Where things stand in a buffer with a datagram: lengths, sender, control data, datagram.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Layout {
    pub(crate) control_room: u16,
}

impl Layout {
    pub(crate) fn control_at(self) -> usize {
        LENGTHS + NAME_ROOM
    }

    pub(crate) fn data_at(self) -> usize {
        self.control_at() + usize::from(self.control_room)
    }
}

/// A datagram in a buffer of the pool, with its sender.
pub struct Datagram {
    whole: Chunk,
    layout: Layout,
}

impl Datagram {
    /// `None` if the buffer is too short for what stands before a datagram, which no kernel does.
    pub(crate) fn new(whole: Chunk, layout: Layout) -> Option<Datagram> {
        (whole.len() >= layout.data_at()).then_some(Datagram { whole, layout })
    }

    fn length(&self, index: usize) -> u32 {
        let bytes = self.whole[4 * index..][..4].try_into().expect("four bytes");
        u32::from_ne_bytes(bytes)
    }

    /// Its bytes, as far as they found room.
    pub fn data(&self) -> &[u8] {
        &self.whole[self.layout.data_at()..]
    }

    /// Its bytes, as far as they found room, to be kept or sent on.
    pub fn into_data(self) -> Chunk {
        self.whole.slice(self.layout.data_at()..)
    }

    /// The sender. `None` if it has no address of the internet, as a Unix socket.
    pub fn source(&self) -> Option<SocketAddr> {
        let len = (self.length(0) as usize).min(NAME_ROOM);
        let mut storage = SockAddrStorage::zeroed();
        // SAFETY: a storage is plain bytes, as large as a sockaddr_storage.
        let bytes = unsafe { storage.view_as::<[u8; NAME_ROOM]>() };
        bytes[..len].copy_from_slice(&self.whole[LENGTHS..][..len]);
        // SAFETY: of its bytes so many are an address that the kernel wrote, and the rest is 0.
        unsafe { SockAddr::new(storage, len as _) }.as_socket()
    }

    /// The control data that came with it, laid out as cmsg(3) says.
    pub fn control(&self) -> &[u8] {
        let len = self.length(1).min(u32::from(self.layout.control_room));
        &self.whole[self.layout.control_at()..][..len as usize]
    }

    /// Whether it was longer than the room for it.
    pub fn is_truncated(&self) -> bool {
        self.length(3) & libc::MSG_TRUNC as u32 != 0
    }

    /// Whether there was more control data than room for it.
    pub fn is_control_truncated(&self) -> bool {
        self.length(3) & libc::MSG_CTRUNC as u32 != 0
    }
}

impl Debug for Datagram {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (source, data) = (self.source(), self.data());
        f.debug_struct("Datagram").field("source", &source).field("data", &data).finish_non_exhaustive()
    }
}
