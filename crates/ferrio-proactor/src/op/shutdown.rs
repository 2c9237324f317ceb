//! Ending a connection.

use std::net;

use crate::id::Handle;
use crate::op::perform::{Code, Handles, Lane, Perform, Shape};
use crate::op::request::Request;

/// Shuts a socket down, after the sends that were submitted before, and not if one of them
/// [failed](crate::op::Send). The completion is [`Kind::Done`](crate::Kind::Done) with 0.
///
/// # Implementation notes
///
/// shutdown(2).
#[derive(Clone, Copy, Debug)]
pub struct Shutdown {
    /// The socket.
    pub handle: Handle,
    /// Which directions.
    pub how: net::Shutdown,
}

impl Perform for Shutdown {
    const CODE: Code = Code::Shutdown;
    const SHAPE: Shape = Shape::One;
    const LANE: Option<Lane> = Some(Lane::Write);

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        Request::Shutdown { how: self.how }
    }
}
