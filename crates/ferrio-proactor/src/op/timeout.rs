//! A time to wait for.

use std::time::Instant;

use ferrio_poll::time::TimerKey;

use crate::op::perform::{Code, Handles, Perform, Shape};
use crate::op::request::Request;

/// Ends at a time: never before it. The completion is [`Kind::Ended`](crate::Kind::Ended) with
/// `Ok`.
///
/// # Implementation notes
///
/// No operation of the kernel: the deadlines lie in a [`Wheel`](ferrio_poll::time::Wheel), and a
/// wait ends at the first of them.
#[derive(Debug)]
pub struct Timeout {
    /// When it ends.
    pub deadline: Instant,
    /// Where it lies in the wheel.
    pub(crate) key: Option<TimerKey>,
}

impl Timeout {
    /// Ends at `deadline`.
    pub fn at(deadline: Instant) -> Timeout {
        Timeout { deadline, key: None }
    }
}

impl Perform for Timeout {
    const CODE: Code = Code::Timeout;
    const SHAPE: Shape = Shape::Timeout;

    fn handles(&self) -> Handles {
        Handles::NONE
    }

    fn request(&mut self) -> Request {
        Request::Timeout { deadline: self.deadline }
    }
}
