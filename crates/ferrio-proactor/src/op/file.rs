//! Files.
#![allow(unsafe_code, reason = "a buffer is told that its bytes are initialized")]

use crate::buffer::{StableBuf, StableBufMut};
use crate::id::Handle;
use crate::op::perform::{Code, Handles, Perform, Shape};
use crate::op::request::Request;
use crate::sys::CURRENT;

/// Reads from a file, a pipe or a device, into the room of a buffer.
///
/// The completion is [`Kind::Done`](crate::Kind::Done) with the number of bytes, by which the
/// buffer has grown; 0 is the end of the file. It reads at most
/// [`Config::file_bytes`](crate::Config::file_bytes) at once, and less than asked for is no error.
///
/// Reads of one file are done side by side, in no order: those [`at`](Read::at) an offset do not
/// care; of those from the file's own position only one ought to be under way, and on Windows none at
/// an offset beside it, for there they move that position.
///
/// # Implementation notes
///
/// preadv2(2), or read(2) without an offset. Elsewhere pread(2), or `NtReadFile` on Windows, by a
/// thread, for no call tells what is cached. On a ring a file that is not cached keeps no thread of
/// the program. A read of a disk that has begun cannot be cancelled.
#[derive(Debug)]
pub struct Read<B> {
    /// The file.
    pub handle: Handle,
    /// Where the data goes.
    pub buf: B,
    offset: u64,
}

/// Writes a buffer to a file, a pipe or a device. As [`Read`]; the number of bytes may be less
/// than the buffer has.
#[derive(Debug)]
pub struct Write<B> {
    /// The file.
    pub handle: Handle,
    /// What is written.
    pub buf: B,
    offset: u64,
}

/// Waits until what was written to a file is on its device. The completion is
/// [`Kind::Done`](crate::Kind::Done) with 0.
///
/// Writes that are still under way when it is submitted may or may not be among it.
///
/// # Implementation notes
///
/// fsync(2); on Linux fdatasync(2) if `data_only`; `F_FULLFSYNC` on Apple's systems, where the file
/// system knows it; `FlushFileBuffers` on Windows, of a file that is open to be written.
#[derive(Clone, Copy, Debug)]
pub struct Fsync {
    /// The file.
    pub handle: Handle,
    /// Leave out the metadata that is not needed to read the data again. It changes something on Linux
    /// alone.
    pub data_only: bool,
}

impl<B: StableBufMut> Read<B> {
    /// Reads from the file's own position on, or from what has none.
    pub fn new(handle: Handle, buf: B) -> Read<B> {
        Read { handle, buf, offset: CURRENT }
    }

    /// Reads from `offset` on, in bytes; the file's own position stays.
    ///
    /// # Panics
    ///
    /// If `offset` is above `i64::MAX`, which no file reaches.
    pub fn at(handle: Handle, buf: B, offset: u64) -> Read<B> {
        Read { handle, buf, offset: checked(offset) }
    }

    /// Where it reads; `None` for the file's own position.
    pub fn offset(&self) -> Option<u64> {
        (self.offset != CURRENT).then_some(self.offset)
    }
}

impl<B: StableBuf> Write<B> {
    /// Writes at the file's own position, or to what has none.
    pub fn new(handle: Handle, buf: B) -> Write<B> {
        Write { handle, buf, offset: CURRENT }
    }

    /// Writes at `offset`, in bytes; the file's own position stays.
    ///
    /// # Panics
    ///
    /// If `offset` is above `i64::MAX`, which no file reaches.
    pub fn at(handle: Handle, buf: B, offset: u64) -> Write<B> {
        Write { handle, buf, offset: checked(offset) }
    }

    /// Where it writes; `None` for the file's own position.
    pub fn offset(&self) -> Option<u64> {
        (self.offset != CURRENT).then_some(self.offset)
    }
}

fn checked(offset: u64) -> u64 {
    assert!(i64::try_from(offset).is_ok(), "the offset {offset} is beyond every file");
    offset
}

impl<B: StableBufMut> Perform for Read<B> {
    const CODE: Code = Code::Read;
    const SHAPE: Shape = Shape::One;

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        let (into, len) = self.buf.spare();
        Request::Read { into, len, offset: self.offset }
    }

    unsafe fn finish(&mut self, count: u32) {
        // SAFETY: the caller vouches that the kernel wrote so many bytes to the room.
        unsafe { self.buf.advance(count as usize) }
    }
}

impl<B: StableBuf> Perform for Write<B> {
    const CODE: Code = Code::Write;
    const SHAPE: Shape = Shape::One;

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        let (from, len) = self.buf.raw();
        Request::Write { from, len, offset: self.offset }
    }
}

impl Perform for Fsync {
    const CODE: Code = Code::Fsync;
    const SHAPE: Shape = Shape::One;

    fn handles(&self) -> Handles {
        Handles::one(self.handle)
    }

    fn request(&mut self) -> Request {
        Request::Fsync { data_only: self.data_only }
    }
}
