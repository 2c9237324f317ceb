//! Data to a socket.

use crate::buffer::StableBuf;
use crate::id::Handle;
use crate::op::perform::{Code, Handles, Lane, Perform, Shape};
use crate::op::request::Request;

/// Sends a buffer, all of it; of one above 1 GiB (2³⁰ bytes) that much.
///
/// The completion is [`Kind::Done`](crate::Kind::Done) with the number of bytes. It is less than
/// the whole only if an error or a cancel came after some of them.
///
/// On a stream nothing is sent past a send that failed, or that an error has cut: the sends and the
/// [`Shutdown`](crate::op::Shutdown) that wait behind it, and those that are submitted before its
/// completion is delivered, end with it, as if they were [cancelled](crate::is_cancelled). After that
/// what is submitted goes out, so that the buffer can be sent again. A send that the program cancels
/// lets those behind it go out, also if it has sent a part. A datagram or a record that fails is of
/// no concern to the others.
///
/// # Implementation notes
///
/// send(2) with `MSG_NOSIGNAL`, again until all is sent: on a ring by `MSG_WAITALL`.
#[derive(Debug)]
pub struct Send<B> {
    /// The socket.
    pub handle: Handle,
    /// What is sent.
    pub buf: B,
}

/// Sends a buffer without a copy: the kernel reads it until the peer has it all.
///
/// As [`Send`], with the same limit of 1 GiB. But the completion comes only once the kernel no longer
/// needs the buffer; a peer that does not read holds it as long as the connection. What was submitted
/// after it does not wait for that, nor does a [`close`](crate::Proactor::close): with `SO_LINGER` 0,
/// which resets the connection, it gives the buffer back. It pays from some ten KiB on. On a ring a
/// Unix socket refuses it with `EOPNOTSUPP`.
///
/// # Implementation notes
///
/// `IORING_OP_SEND_ZC` (Linux 6.0); the readiness driver sends by copying.
#[derive(Debug)]
pub struct SendZc<B> {
    /// The socket.
    pub handle: Handle,
    /// What is sent.
    pub buf: B,
}

impl<B: StableBuf> Send<B> {
    /// Sends `buf`.
    pub fn new(handle: Handle, buf: B) -> Send<B> {
        Send { handle, buf }
    }
}

impl<B: StableBuf> SendZc<B> {
    /// Sends `buf`.
    pub fn new(handle: Handle, buf: B) -> SendZc<B> {
        SendZc { handle, buf }
    }
}

impl<B: StableBuf> Perform for Send<B> {
    const CODE: Code = Code::Send;
    const SHAPE: Shape = Shape::One;
    const LANE: Option<Lane> = Some(Lane::Write);

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        let (from, len) = self.buf.raw();
        Request::Send { from, len, flags: 0 }
    }
}

impl<B: StableBuf> Perform for SendZc<B> {
    const CODE: Code = Code::SendZc;
    const SHAPE: Shape = Shape::One;
    const LANE: Option<Lane> = Some(Lane::Write);

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        let (from, len) = self.buf.raw();
        Request::SendZc { from, len, flags: 0 }
    }
}
