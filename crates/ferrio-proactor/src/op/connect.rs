//! Connecting.

use std::fmt::{self, Debug, Formatter};
use std::net::SocketAddr;

use socket2::SockAddr;

use crate::id::Handle;
use crate::op::perform::{Code, Handles, Lane, Perform, Shape};
use crate::op::request::Request;

/// Connects a socket. The completion is [`Kind::Done`](crate::Kind::Done) with 0, once the
/// connection stands.
///
/// Sends that are submitted afterwards wait for it; a receive does not, and fails with
/// `ENOTCONN`, so submit it when the connection stands.
pub struct Connect {
    /// The socket.
    pub handle: Handle,
    address: SockAddr,
}

impl Connect {
    /// Connects `handle` to `address`.
    pub fn new(handle: Handle, address: SocketAddr) -> Connect {
        Connect { handle, address: address.into() }
    }

    /// Connects `handle` to an address of any family, as of a Unix socket.
    pub fn to(handle: Handle, address: SockAddr) -> Connect {
        Connect { handle, address }
    }
}

impl Perform for Connect {
    const CODE: Code = Code::Connect;
    const SHAPE: Shape = Shape::One;
    const LANE: Option<Lane> = Some(Lane::Write);

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        Request::Connect { address: &raw const self.address }
    }
}

impl Debug for Connect {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let address = self.address.as_socket();
        f.debug_struct("Connect").field("handle", &self.handle).field("address", &address).finish()
    }
}
