//! Opening a file.

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::op::perform::{Code, Handles, Perform, Shape};
use crate::op::request::Request;

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
    path: CString,
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
        Open::with_flags(path, libc::O_RDONLY, 0)
    }

    /// Opens the file at `path` to write it anew: makes it if it is not there, with the mode 0666
    /// less the umask, and empties it.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the path has a zero byte.
    pub fn writing(path: impl AsRef<Path>) -> io::Result<Open> {
        Open::with_flags(path, libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC, 0o666)
    }

    /// Opens the file at `path` with the flags of open(2), and the mode for a new file.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the path has a zero byte.
    pub fn with_flags(path: impl AsRef<Path>, flags: i32, mode: u32) -> io::Result<Open> {
        let path = path.as_ref();
        let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("the path {path:?} has a zero byte in it"))
        })?;
        Ok(Open { path, flags, mode })
    }
}

impl Perform for Open {
    const CODE: Code = Code::Open;
    const SHAPE: Shape = Shape::Open;

    fn handles(&self) -> Handles {
        Handles::NONE
    }

    fn request(&mut self) -> Request {
        let flags = self.flags | libc::O_CLOEXEC;
        Request::Open { folder: libc::AT_FDCWD, path: self.path.as_ptr(), flags, mode: self.mode }
    }
}
