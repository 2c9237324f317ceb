//! Messages: several buffers at once, an address, control data.
#![allow(unsafe_code, reason = "a message is addresses for the kernel")]

use std::fmt::{self, Debug, Formatter};

use socket2::{SockAddr, SockAddrStorage};

use crate::buffer::{StableBuf, StableBufMut};
use crate::id::Handle;
use crate::op::control::{Control, ReceivedControl};
use crate::op::perform::{Code, Handles, Lane, Perform, Shape};
use crate::op::request::{Request, SEND_MAX};
use crate::sys::{self, Header, Passed, Slice, take_descriptors};

/// Sends several buffers as one message, to an address, with control data.
///
/// The completion is [`Kind::Done`](crate::Kind::Done) with the number of bytes, all of them
/// unless an error or a cancel came after some; of a message on a stream above 1 GiB (2³⁰ bytes) that
/// much.
///
/// Submitting one that has come back allocates nothing.
///
/// # Implementation notes
///
/// sendmsg(2) with `MSG_NOSIGNAL`.
pub struct SendMsg<B> {
    /// The socket.
    pub handle: Handle,
    parts: Box<Parts<B>>,
}

/// Receives a message into several buffers, with its sender and control data.
///
/// The completion is [`Kind::Done`](crate::Kind::Done) with the number of bytes, by which the
/// buffers have grown, one after the other.
///
/// Descriptors that a peer has passed belong to the message, which closes those that are not taken
/// out of it by `descriptors`. Without room for control data the kernel closes them; that of Apple's
/// systems leaves them open.
///
/// Submitting one that has come back allocates nothing.
///
/// # Implementation notes
///
/// recvmsg(2) with `MSG_CMSG_CLOEXEC`; where there is no such flag, as on Apple's systems, descriptors
/// are marked once they have come, and a program that another thread starts meanwhile has them too.
pub struct RecvMsg<B> {
    /// The socket.
    pub handle: Handle,
    parts: Box<Parts<B>>,
}

/// What a msghdr points to.
struct Parts<B> {
    buffers: Vec<B>,
    slices: Vec<Slice>,
    address: Option<SockAddr>,
    /// What goes along with a message that is sent.
    control: Control,
    /// Room for what comes along with one that is received.
    room: Vec<u8>,
    /// The descriptors that came along.
    fds: Vec<Passed>,
    header: Header,
    /// What the kernel said of a message beside the number of bytes. `None` if none has come.
    flags: Option<u32>,
}

// SAFETY: the addresses in the slices and the header are of what stands beside them and goes along,
// and are written anew in each `request`.
unsafe impl<B: Send> Send for Parts<B> {}

impl<B> Parts<B> {
    fn new(buffers: Vec<B>) -> Box<Parts<B>> {
        Box::new(Parts {
            buffers,
            slices: Vec::new(),
            address: None,
            control: Control::new(),
            room: Vec::new(),
            fds: Vec::new(),
            header: Header::new(),
            flags: None,
        })
    }

    /// Whether a message has come with this flag.
    fn has(&self, flag: u32) -> bool {
        self.flags.is_some_and(|flags| flags & flag != 0)
    }

    /// Points the header to the slices, and to the control data in `at`.
    fn point(&mut self, (at, len): (*mut u8, usize)) {
        self.header.set_slices(&mut self.slices);
        self.header.set_control(at, len);
    }

    /// The control data that came.
    fn received(&self) -> &[u8] {
        let len = if self.flags.is_some() { self.header.control_len() } else { 0 };
        &self.room[..self.room.len().min(len)]
    }
}

impl<B: StableBuf> SendMsg<B> {
    /// Sends `buffers`, one behind the other, to where the socket is connected.
    pub fn new(handle: Handle, buffers: Vec<B>) -> SendMsg<B> {
        SendMsg { handle, parts: Parts::new(buffers) }
    }

    /// Sends it to `address`.
    pub fn to(mut self, address: impl Into<SockAddr>) -> SendMsg<B> {
        self.parts.address = Some(address.into());
        self
    }

    /// With control data, in the place of what was given before.
    pub fn control(mut self, control: Control) -> SendMsg<B> {
        self.parts.control = control;
        self
    }

    /// The buffers.
    pub fn buffers(&self) -> &[B] {
        &self.parts.buffers
    }

    /// The buffers.
    pub fn into_buffers(self) -> Vec<B> {
        self.parts.buffers
    }
}

impl<B> RecvMsg<B> {
    /// The descriptors that came.
    #[allow(dead_code, reason = "none come on Windows")]
    pub(crate) fn passed(&mut self) -> &mut Vec<Passed> {
        &mut self.parts.fds
    }
}

impl<B: StableBufMut> RecvMsg<B> {
    /// Receives into the room of `buffers`, one after the other.
    pub fn new(handle: Handle, buffers: Vec<B>) -> RecvMsg<B> {
        RecvMsg { handle, parts: Parts::new(buffers) }
    }

    /// With room for `len` bytes of control data: see
    /// [`ReceivedControl::room_for`].
    pub fn control_room(mut self, len: usize) -> RecvMsg<B> {
        self.parts.room = vec![0; len];
        self
    }

    /// Whether the message was longer than the buffers.
    pub fn is_truncated(&self) -> bool {
        self.parts.has(sys::RESULT_FLAGS[0])
    }

    /// Whether there was more control data than room for it, or more descriptors than this process may
    /// open.
    pub fn is_control_truncated(&self) -> bool {
        self.parts.has(sys::RESULT_FLAGS[1])
    }

    /// The sender, where the socket is not connected. `None` if nothing was received.
    pub fn source(&self) -> Option<&SockAddr> {
        self.parts.flags.and(self.parts.address.as_ref()).filter(|address| address.len() > 0)
    }

    /// The control data that came.
    pub fn control(&self) -> ReceivedControl<'_> {
        ReceivedControl::new(self.parts.received())
    }

    /// The buffers.
    pub fn buffers(&self) -> &[B] {
        &self.parts.buffers
    }

    /// The buffers.
    pub fn into_buffers(self) -> Vec<B> {
        self.parts.buffers
    }
}

impl<B: StableBuf> Perform for SendMsg<B> {
    const CODE: Code = Code::SendMsg;
    const SHAPE: Shape = Shape::One;
    const LANE: Option<Lane> = Some(Lane::Write);

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        let parts = &mut *self.parts;
        parts.slices.clear();
        let mut left = SEND_MAX;
        parts.slices.extend(parts.buffers.iter().map(|buffer| {
            let (from, len) = buffer.raw();
            let len = len.min(left);
            left -= len;
            Slice::new(from.cast_mut(), len)
        }));
        let control = parts.control.bytes();
        parts.point((control.as_ptr().cast_mut(), control.len()));
        if let Some(address) = &parts.address {
            parts.header.set_name(address.as_ptr().cast_mut().cast(), address.len() as usize);
        }
        Request::SendMsg { message: &raw const parts.header, len: SEND_MAX - left, flags: 0 }
    }
}

impl<B: StableBufMut> Perform for RecvMsg<B> {
    const CODE: Code = Code::RecvMsg;
    const SHAPE: Shape = Shape::One;
    const LANE: Option<Lane> = Some(Lane::Read);

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        let parts = &mut *self.parts;
        parts.flags = None;
        parts.fds.clear();
        parts.slices.clear();
        parts.slices.extend(parts.buffers.iter_mut().map(|buffer| {
            let (into, len) = buffer.spare();
            Slice::new(into, len)
        }));
        let room = (parts.room.as_mut_ptr(), parts.room.len());
        parts.point(room);
        // Room for an address of any family.
        let (storage, len) = (SockAddrStorage::zeroed(), size_of::<SockAddrStorage>());
        // SAFETY: an address of zeros is one of no family, which is valid.
        let room = unsafe { SockAddr::new(storage, len as _) };
        let address = parts.address.insert(room);
        parts.header.set_name(address.as_ptr().cast_mut().cast(), address.len() as usize);
        Request::RecvMsg { message: &raw mut parts.header, flags: sys::RECEIVE_FLAGS }
    }

    unsafe fn finish(&mut self, count: u32) {
        let parts = &mut *self.parts;
        parts.flags = Some(parts.header.flags());
        let len = parts.received().len();
        // SAFETY: the kernel wrote so much for the message of this request, which is over.
        unsafe { take_descriptors(&parts.room[..len], &mut parts.fds) };
        if let Some(address) = &mut parts.address {
            // SAFETY: so many bytes of the address the kernel wrote, and they found room.
            unsafe { address.set_length(address.len().min(parts.header.name_len() as _)) };
        }
        let mut left = count as usize;
        for (buffer, slice) in parts.buffers.iter_mut().zip(&parts.slices) {
            let filled = left.min(slice.len());
            // SAFETY: the caller vouches that the kernel wrote `count` bytes, which it does from
            // the first buffer on.
            unsafe { buffer.advance(filled) };
            left -= filled;
        }
    }
}

impl<B> Debug for SendMsg<B> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendMsg").field("handle", &self.handle).finish_non_exhaustive()
    }
}

impl<B> Debug for RecvMsg<B> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvMsg").field("handle", &self.handle).finish_non_exhaustive()
    }
}
