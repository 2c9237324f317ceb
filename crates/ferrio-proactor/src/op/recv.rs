//! Data from a socket.
#![allow(unsafe_code, reason = "a buffer is told that its bytes are initialized")]

use crate::buffer::StableBufMut;
use crate::id::Handle;
use crate::op::perform::{Code, Handles, Lane, Perform, Shape};
use crate::op::request::Request;

/// Receives once, into a buffer of the caller's: as much as is there, up to the room in it.
///
/// The completion is [`Kind::Done`](crate::Kind::Done) with the number of bytes, by which the
/// buffer has grown; 0 is the end of the stream, or no room.
///
/// # Implementation notes
///
/// recv(2). A buffer for each idle connection is memory that waits: [`RecvMany`] takes one from
/// the pool when there is data.
#[derive(Debug)]
pub struct Recv<B> {
    /// The socket.
    pub handle: Handle,
    /// Where the data goes.
    pub buf: B,
}

/// Receives into buffers of the pool, until the end of the stream.
///
/// Each piece of data is a completion, [`Kind::Received`](crate::Kind::Received), and the last
/// one is [`Kind::Ended`](crate::Kind::Ended): `Ok` at the end of the stream, or an error. While
/// no buffer is free it waits for one, and so does the news of an end. A netlink socket that has lost
/// a message ends it with `ENOBUFS`: submit it again for those that follow.
///
/// # Implementation notes
///
/// A multishot `IORING_OP_RECV` with a buffer ring (Linux 6.0), which is submitted again where the
/// kernel ends it. On a Unix socket each receive is submitted by itself, for Linux 6.18 misses the
/// end of such a stream in a multishot. Else recv(2) until it would block, at most 32 pieces in a turn.
#[derive(Clone, Copy, Debug)]
pub struct RecvMany {
    /// The socket.
    pub handle: Handle,
}

impl<B: StableBufMut> Recv<B> {
    /// Receives into the room of `buf`.
    pub fn new(handle: Handle, buf: B) -> Recv<B> {
        Recv { handle, buf }
    }
}

impl<B: StableBufMut> Perform for Recv<B> {
    const CODE: Code = Code::Recv;
    const SHAPE: Shape = Shape::One;
    const LANE: Option<Lane> = Some(Lane::Read);

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        let (into, len) = self.buf.spare();
        Request::Recv { into, len, flags: 0 }
    }

    unsafe fn finish(&mut self, count: u32) {
        // SAFETY: the caller vouches that the kernel wrote so many bytes to the room.
        unsafe { self.buf.advance(count as usize) }
    }
}

impl Perform for RecvMany {
    const CODE: Code = Code::RecvMany;
    const SHAPE: Shape = Shape::RecvMany;
    const LANE: Option<Lane> = Some(Lane::Read);

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        Request::RecvPooled
    }
}
