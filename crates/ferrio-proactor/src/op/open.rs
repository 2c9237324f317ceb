//! Opening a file.

use std::io;
use std::path::Path;

use crate::op::perform::{Code, Handles, Perform, Shape};
use crate::op::request::Request;
use crate::sys::{self, NativePath};

/// Opens a file.
///
/// The completion is [`Kind::Opened`](crate::Kind::Opened) with the descriptor, or
/// [`Kind::Ended`](crate::Kind::Ended) with an error.
///
/// # Implementation notes
///
/// openat(2) with `O_CLOEXEC`. A ring does not wait for the other side of a pipe that has a path:
/// one without a reader is not opened to write, with `ENXIO`.
#[derive(Debug)]
pub struct Open {
    path: NativePath,
    flags: i32,
    mode: u32,
}

impl Open {
    /// Opens the file at `path` to read it.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the path has a zero byte.
    pub fn reading(path: impl AsRef<Path>) -> io::Result<Open> {
        Open::new(path.as_ref(), sys::TO_READ)
    }

    /// Opens the file at `path` to write it anew: makes it if it is not there, with the mode 0666
    /// less the umask, and empties it.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the path has a zero byte.
    pub fn writing(path: impl AsRef<Path>) -> io::Result<Open> {
        Open::new(path.as_ref(), sys::TO_WRITE)
    }

    /// Opens it in a way that the system knows.
    pub(crate) fn new(path: &Path, (flags, mode): (i32, u32)) -> io::Result<Open> {
        Ok(Open { path: sys::native_path(path)?, flags, mode })
    }
}

impl Perform for Open {
    const CODE: Code = Code::Open;
    const SHAPE: Shape = Shape::Open;

    fn handles(&self) -> Handles {
        Handles::NONE
    }

    fn request(&mut self) -> Request {
        Request::Open { path: self.path.as_ptr(), flags: self.flags, mode: self.mode }
    }
}
