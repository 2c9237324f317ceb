//! Readiness as an operation.

use ferrio_poll::Interest;

use crate::id::Handle;
use crate::op::perform::{Code, Handles, Perform, Shape};
use crate::op::request::Request;
use crate::sys;

/// Waits once until a descriptor is ready, for what this crate has no operation for.
///
/// The completion is [`Kind::Done`](crate::Kind::Done) with the events of poll(2) that have come,
/// as `POLLIN`. An end of what the other side sends is told, whatever is asked for, where poll(2) has
/// `POLLRDHUP`; where it has not, a poll for [`Interest::HANGUP`] alone ends with `EOPNOTSUPP`. A
/// descriptor that is to be watched for long is better registered with the
/// [`Poll`](ferrio_poll::Poll).
#[derive(Clone, Copy, Debug)]
pub struct PollFd {
    /// The descriptor.
    pub handle: Handle,
    /// What is waited for.
    pub interest: Interest,
}

impl Perform for PollFd {
    const CODE: Code = Code::PollFd;
    const SHAPE: Shape = Shape::One;

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        // The kernel's polls end by it, so that those of a ring do.
        let mut events = sys::read_hangup();
        let interest = self.interest;
        let asked = [interest.is_readable(), interest.is_writable(), interest.is_priority()];
        for (is_asked, event) in asked.into_iter().zip(sys::POLL_EVENTS) {
            if is_asked {
                events |= event;
            }
        }
        Request::PollFd { events }
    }
}
