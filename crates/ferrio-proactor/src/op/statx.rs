//! What a file is.
#![allow(unsafe_code, reason = "the kernel has filled a structure in")]

use std::io;
use std::mem::MaybeUninit;
use std::path::Path;
use std::time::SystemTime;

use crate::op::perform::{Code, Handles, Perform, Shape};
use crate::op::request::Request;
use crate::sys::{self, NativePath};

/// Asks for size, kind and times of the file at a path; a link is followed.
///
/// The completion is [`Kind::Done`](crate::Kind::Done) with 0. The answers are those of the
/// operation that comes back; before it has succeeded they are `None`.
///
/// # Implementation notes
///
/// statx(2), or stat(2) where that is not.
pub struct Statx {
    path: NativePath,
    status: Box<MaybeUninit<sys::Status>>,
    is_filled: bool,
}

impl Statx {
    /// Asks for the file at `path`.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the path has a zero byte.
    pub fn new(path: impl AsRef<Path>) -> io::Result<Statx> {
        Ok(Statx {
            path: sys::native_path(path.as_ref())?,
            status: Box::new(MaybeUninit::uninit()),
            is_filled: false,
        })
    }

    fn status(&self) -> Option<&sys::Status> {
        // SAFETY: it is true once the kernel has filled the structure in.
        self.is_filled.then(|| unsafe { self.status.assume_init_ref() })
    }

    /// Its size in bytes.
    pub fn size(&self) -> Option<u64> {
        self.status().map(sys::size)
    }

    /// Its kind and permissions, as `st_mode`.
    pub fn mode(&self) -> Option<u32> {
        self.status().map(sys::mode)
    }

    /// When its contents changed last. `None` also for a time before 1970.
    pub fn modified(&self) -> Option<SystemTime> {
        self.status().and_then(sys::modified)
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> Option<bool> {
        self.status().map(sys::is_regular)
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> Option<bool> {
        self.status().map(sys::is_folder)
    }
}

impl std::fmt::Debug for Statx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (path, size) = (&self.path, self.size());
        f.debug_struct("Statx").field("path", path).field("size", &size).finish_non_exhaustive()
    }
}

impl Perform for Statx {
    const CODE: Code = Code::Statx;
    const SHAPE: Shape = Shape::One;

    fn handles(&self) -> Handles {
        Handles::NONE
    }

    fn request(&mut self) -> Request {
        self.is_filled = false;
        Request::Statx { path: self.path.as_ptr(), into: self.status.as_mut_ptr() }
    }

    unsafe fn finish(&mut self, _count: u32) {
        self.is_filled = true;
    }
}
