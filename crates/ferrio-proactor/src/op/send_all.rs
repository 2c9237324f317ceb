//! One buffer to many sockets.

use std::io;

use crate::buffer::chunk::Chunk;
use crate::error;
use crate::id::{Handle, OpId};
use crate::op::perform::{Code, Handles, Lane, Perform, Shape};
use crate::op::request::{Request, result};

/// What [`Proactor::send_all`](crate::Proactor::send_all) submits: the same bytes to each of many
/// sockets.
///
/// The completion is [`Kind::Done`](crate::Kind::Done), once each of them has the bytes or has
/// failed, with the number of sockets that have them.
#[derive(Debug)]
pub struct SendAll {
    chunk: Chunk,
    /// How many parts are under way, and one more while parts are added.
    left: u32,
    /// How many have the bytes.
    sent: u32,
    failures: Vec<(Handle, i32)>,
}

impl SendAll {
    pub(crate) fn new(chunk: Chunk) -> SendAll {
        SendAll { chunk, left: 1, sent: 0, failures: Vec::new() }
    }

    /// What was sent.
    pub fn chunk(&self) -> &Chunk {
        &self.chunk
    }

    /// The sockets that did not get all of it, each with the reason. One that got a part only has
    /// `WriteZero`; one whose handle was stale has `NotFound`.
    pub fn failures(&self) -> impl Iterator<Item = (Handle, io::Error)> {
        self.failures.iter().map(|(handle, code)| (*handle, failure(*code)))
    }

    pub(crate) fn part(&mut self, handle: Handle, parent: OpId) -> Part {
        self.left += 1;
        Part { parent, handle, from: self.chunk.as_ptr(), len: self.chunk.len() as u32 }
    }

    /// Notes a socket whose handle was stale.
    pub(crate) fn skip(&mut self, handle: Handle) {
        self.failures.push((handle, STALE));
    }

    /// Notes what came of the send to one socket. True if it has all of it.
    pub(crate) fn note(&mut self, handle: Handle, result: i32) -> bool {
        let is_whole = result == self.chunk.len() as i32;
        if is_whole {
            self.sent += 1;
        } else {
            self.failures.push((handle, if result < 0 { result } else { SHORT }));
        }
        is_whole
    }

    /// Notes the result of a part; the result of the whole if it was the last.
    pub(crate) fn finish(&mut self, part: &Part, result: i32) -> Option<i32> {
        self.left -= 1;
        self.note(part.handle, result);
        self.is_finished()
    }

    /// All parts were added; the result of the whole if none is under way.
    pub(crate) fn release(&mut self) -> Option<i32> {
        self.left -= 1;
        self.is_finished()
    }

    fn is_finished(&self) -> Option<i32> {
        (self.left == 0).then_some(self.sent as i32)
    }
}

/// A failure that is not of the kernel: the handle was stale.
const STALE: i32 = 1;

/// Only a part was sent.
const SHORT: i32 = 2;

fn failure(code: i32) -> io::Error {
    match code {
        STALE => error::stale(),
        SHORT => io::Error::new(io::ErrorKind::WriteZero, "only a part was sent"),
        code => result(code).expect_err("a failure"),
    }
}

impl Perform for SendAll {
    const CODE: Code = Code::SendAll;
    const SHAPE: Shape = Shape::SendAll;

    fn handles(&self) -> Handles {
        Handles::NONE
    }

    fn request(&mut self) -> Request {
        unreachable!("its parts are submitted")
    }
}

/// The send to one of the sockets. The bytes are those of its parent, which is over after it.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) parent: OpId,
    pub(crate) handle: Handle,
    from: *const u8,
    len: u32,
}

impl Perform for Part {
    const CODE: Code = Code::Send;
    const SHAPE: Shape = Shape::Part;
    const LANE: Option<Lane> = Some(Lane::Write);

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        Request::Send { from: self.from, len: self.len as usize, flags: 0 }
    }
}
