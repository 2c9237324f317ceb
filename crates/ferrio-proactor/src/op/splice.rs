//! Bytes that stay in the kernel.

use crate::id::Handle;
use crate::op::perform::{Code, Handles, Perform, Shape};
use crate::op::request::{Request, UNPOSITIONED};
use crate::sys;

/// Moves bytes from one descriptor to another, of which one is a pipe.
///
/// The completion is [`Kind::Done`](crate::Kind::Done) with the number of bytes; 0 is the end of
/// what is read from. It does not wait in the queues of its descriptors: submit the next one when
/// this is over.
///
/// # Implementation notes
///
/// splice(2) of Linux. Elsewhere it is [`Unsupported`](crate::Reason::Unsupported).
#[derive(Clone, Copy, Debug)]
pub struct Splice {
    /// Where the bytes come from.
    pub from: Handle,
    /// Where they go.
    pub to: Handle,
    /// How many at most.
    pub len: usize,
    /// Where to read, if `from` is a file. `None` for a pipe, a socket, or a file's own position.
    pub from_offset: Option<u64>,
    /// Where to write, if `to` is a file. `None` for a pipe, a socket, or a file's own position.
    pub to_offset: Option<u64>,
}

impl Splice {
    /// Moves at most `len` bytes between descriptors without positions.
    pub fn new(from: Handle, to: Handle, len: usize) -> Splice {
        Splice { from, to, len, from_offset: None, to_offset: None }
    }
}

impl Perform for Splice {
    const CODE: Code = Code::Splice;
    const SHAPE: Shape = Shape::One;

    fn handles(&self) -> Handles {
        Handles::two(self.to, self.from)
    }

    fn request(&mut self) -> Request {
        let offset = |offset: Option<u64>| offset.map_or(UNPOSITIONED, |offset| offset as i64);
        Request::Splice {
            // The driver knows the descriptors: this is filled in there.
            from: sys::NO_RAW,
            from_offset: offset(self.from_offset),
            to_offset: offset(self.to_offset),
            len: self.len,
            flags: 0,
        }
    }
}
