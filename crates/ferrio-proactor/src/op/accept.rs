//! Connections of a listener.

use crate::id::Handle;
use crate::op::perform::{Code, Handles, Perform, Shape};
use crate::op::request::Request;

/// Accepts one connection.
///
/// Its completion is [`Kind::Accepted`](crate::Kind::Accepted), or
/// [`Kind::Ended`](crate::Kind::Ended) with an error.
///
/// # Implementation notes
///
/// accept4(2) with `SOCK_CLOEXEC`, or accept(2) where that is not.
#[derive(Clone, Copy, Debug)]
pub struct Accept {
    /// The listener.
    pub handle: Handle,
}

/// Accepts connections until it is cancelled or fails.
///
/// Each is a completion, [`Kind::Accepted`](crate::Kind::Accepted). Errors that concern one
/// connection alone, as `ECONNABORTED`, are passed over; for others the operation ends with
/// [`Kind::Ended`](crate::Kind::Ended), also for want of descriptors (`EMFILE`): free some, then
/// submit it again.
///
/// # Implementation notes
///
/// A multishot `IORING_OP_ACCEPT` (Linux 5.19), which is submitted again where the kernel ends it;
/// else accept4(2) until it would block.
#[derive(Clone, Copy, Debug)]
pub struct AcceptMany {
    /// The listener.
    pub handle: Handle,
}

impl Perform for Accept {
    const CODE: Code = Code::Accept;
    const SHAPE: Shape = Shape::Accept;

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        Request::Accept
    }
}

impl Perform for AcceptMany {
    const CODE: Code = Code::AcceptMany;
    const SHAPE: Shape = Shape::AcceptMany;

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        Request::Accept
    }
}
