//! Datagrams with their senders, into buffers of the pool.
#![allow(unsafe_code, reason = "a message is addresses for the kernel")]

use std::fmt::{self, Debug, Formatter};
use std::net::SocketAddr;
use std::ptr;

use socket2::{SockAddr, SockAddrStorage};

use crate::buffer::chunk::Chunk;
use crate::id::Handle;
use crate::op::control::ReceivedControl;
use crate::op::perform::{Code, Handles, Lane, Perform, Shape};
use crate::op::request::Request;
use crate::sys::{self, Header, Passed, take_descriptors};

/// Receives datagrams into buffers of the pool, each with its sender, until it is cancelled or
/// fails.
///
/// Each is a completion, [`Kind::Datagram`](crate::Kind::Datagram); the last completion is
/// [`Kind::Ended`](crate::Kind::Ended). A buffer holds the sender and the control data too: a
/// datagram may have [`Config::buffer_len`](crate::Config::buffer_len) less 144 bytes (272 on illumos
/// and Solaris), and less what [`control_room`](RecvMsgMany::control_room) asks for; what is longer is
/// cut, and [`is_truncated`](Datagram::is_truncated) says so. Where not a byte would have room, it is
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
    header: Box<Header>,
}

impl RecvMsgMany {
    /// Receives the datagrams of `handle`.
    pub fn new(handle: Handle) -> RecvMsgMany {
        let mut header = Box::new(Header::new());
        header.set_name(ptr::null_mut(), NAME_ROOM);
        RecvMsgMany { handle, header }
    }

    /// With room for `len` bytes of control data: see
    /// [`ReceivedControl::room_for`].
    pub fn control_room(mut self, len: u16) -> RecvMsgMany {
        self.header.set_control(ptr::null_mut(), len.into());
        self
    }

    /// How the buffers are laid out.
    pub(crate) fn layout(&self) -> Layout {
        Layout { control_room: self.header.control_len() as u16 }
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
pub(crate) const NAME_ROOM: usize = size_of::<SockAddrStorage>();

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

    /// The control data in a buffer, as far as the kernel says that it wrote some.
    fn control(self, whole: &[u8]) -> &[u8] {
        let len = length(whole, 1).min(u32::from(self.control_room));
        &whole[self.control_at()..][..len as usize]
    }

    /// Takes the descriptors that came with a datagram.
    ///
    /// # Safety
    ///
    /// The kernel has laid out this buffer for a datagram that was received, and it is the first
    /// time that descriptors are taken from it.
    pub(crate) unsafe fn take_descriptors(self, whole: &[u8]) -> Fds {
        let control = self.control(whole);
        if control.is_empty() {
            return None;
        }
        let mut fds = Vec::new();
        // SAFETY: passed on to the caller.
        unsafe { take_descriptors(control, &mut fds) };
        (!fds.is_empty()).then(|| Box::new(fds))
    }
}

/// One of the [lengths](LENGTHS) in a buffer.
fn length(whole: &[u8], index: usize) -> u32 {
    let bytes = whole[4 * index..][..4].try_into().expect("four bytes");
    u32::from_ne_bytes(bytes)
}

/// A datagram in a buffer of the pool, with its sender.
///
/// Descriptors that came with it belong to it: those that are not
/// [taken](Datagram::descriptors) are closed with it.
pub struct Datagram {
    whole: Chunk,
    layout: Layout,
    #[allow(dead_code, reason = "Windows passes none")]
    pub(crate) fds: Fds,
}

/// Descriptors that came with a datagram. Few have any, and a completion is small.
#[allow(clippy::box_collection, reason = "a word where there is none")]
pub(crate) type Fds = Option<Box<Vec<Passed>>>;

impl Datagram {
    /// A datagram, of which `fds` are the descriptors.
    pub(crate) fn new(whole: Chunk, layout: Layout, fds: Fds) -> Datagram {
        Datagram { whole, layout, fds }
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
        let len = (length(&self.whole, 0) as usize).min(NAME_ROOM);
        let mut storage = SockAddrStorage::zeroed();
        // SAFETY: a storage is plain bytes, as large as a sockaddr_storage.
        let bytes = unsafe { storage.view_as::<[u8; NAME_ROOM]>() };
        bytes[..len].copy_from_slice(&self.whole[LENGTHS..][..len]);
        // SAFETY: of its bytes so many are an address that the kernel wrote, and the rest is 0.
        unsafe { SockAddr::new(storage, len as _) }.as_socket()
    }

    /// The control data that came with it.
    pub fn control(&self) -> ReceivedControl<'_> {
        ReceivedControl::new(self.layout.control(&self.whole))
    }

    /// Whether it was longer than the room for it.
    pub fn is_truncated(&self) -> bool {
        length(&self.whole, 3) & sys::RESULT_FLAGS[0] != 0
    }

    /// Whether there was more control data than room for it, or more descriptors than this process may
    /// open.
    pub fn is_control_truncated(&self) -> bool {
        length(&self.whole, 3) & sys::RESULT_FLAGS[1] != 0
    }
}

impl Debug for Datagram {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (source, data) = (self.source(), self.data());
        f.debug_struct("Datagram").field("source", &source).field("data", &data).finish_non_exhaustive()
    }
}
