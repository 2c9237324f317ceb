//! The file of a Unix socket.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use crate::error::unix as error;
use crate::sys::socket_file::{self, Identity};

/// The file of a Unix socket, removed when this is dropped.
///
/// A socket file outlives its socket, and the next server finds the path in use. A server keeps
/// one of these beside its listener, and calls [`remove_stale`](SocketFile::remove_stale) before
/// it binds, for a predecessor that was killed.
///
/// A drop removes only the very file that this was made for: not one that another server has put
/// in its place, and not in a child of a fork.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::{SocketFile, UnixListener};
///
/// # let directory = std::env::temp_dir().join(format!("ferrio-socket-file-{}", std::process::id()));
/// # std::fs::create_dir(&directory)?;
/// # let path = directory.join("service");
/// SocketFile::remove_stale(&path)?;
/// let listener = UnixListener::bind_with_mode(&path, 0o600)?;
/// let file = SocketFile::new(&path)?;
/// # drop(listener);
/// drop(file);
/// assert!(!path.exists());
/// # std::fs::remove_dir(&directory)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    /// The device and the number of the file.
    identity: Identity,
    /// The process that removes it.
    process: u32,
}

impl SocketFile {
    /// Takes over the socket file at `path`, to which the caller has just bound a socket.
    ///
    /// # Errors
    ///
    /// Each names the path: `NotFound` if there is nothing, `AlreadyExists` if it is no socket, as
    /// a symbolic link is none, `PermissionDenied` if it is another user's.
    pub fn new<P: AsRef<Path>>(path: P) -> io::Result<SocketFile> {
        let path = path.as_ref();
        match socket_file::identity(path)? {
            Some(identity) => Ok(SocketFile { path: path.to_owned(), identity, process: process::id() }),
            None => Err(error::no_file(path)),
        }
    }

    /// Removes the socket file that a server left at `path` when it was killed; true if there was
    /// one, false if there is nothing at `path`.
    ///
    /// Nothing else is ever removed. The server is gone if no socket is bound to the file, which a
    /// look at it tells without a connection to anybody. Two servers that start at the same moment
    /// can still remove each other's file: where that may be, hold a lock meanwhile, such as
    /// `File::lock` of a file beside it.
    ///
    /// # Errors
    ///
    /// Each names the path: `AddrInUse` if a socket is bound to it, `AlreadyExists` if it is no
    /// socket file, as a symbolic link is none, `PermissionDenied` if it is another user's or may
    /// not be looked at.
    ///
    /// # Implementation notes
    ///
    /// lstat(2), connect(2) of a datagram socket, which only a file without a socket refuses, and
    /// unlink(2).
    pub fn remove_stale<P: AsRef<Path>>(path: P) -> io::Result<bool> {
        let path = path.as_ref();
        let Some(identity) = socket_file::identity(path)? else { return Ok(false) };
        if socket_file::is_in_use(path)? {
            return Err(error::socket_file_in_use(path));
        }
        // Another server may have bound the path since the first look.
        if socket_file::identity(path)? != Some(identity) {
            return Err(error::socket_file_in_use(path));
        }
        fs::remove_file(path).map_err(|cause| error::socket_file_not_removed(path, &cause))?;
        Ok(true)
    }

    /// Leaves the file where it is, for a successor that goes on with the socket.
    pub fn keep(mut self) -> PathBuf {
        self.process = NO_PROCESS;
        std::mem::take(&mut self.path)
    }

    /// Removes the file now; true if it was still there, false if it is gone or another one is in
    /// its place, or in a child of a fork.
    ///
    /// # Errors
    ///
    /// What the system says if it cannot look at the file or remove it, with the path. The file
    /// stays where it is then.
    pub fn remove(mut self) -> io::Result<bool> {
        self.remove_once()
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn remove_once(&mut self) -> io::Result<bool> {
        let is_ours = std::mem::replace(&mut self.process, NO_PROCESS) == process::id();
        // What is another's by now stays.
        if !is_ours || !socket_file::is_at(&self.path, self.identity)? {
            return Ok(false);
        }
        fs::remove_file(&self.path).map_err(|cause| error::socket_file_not_removed(&self.path, &cause))?;
        Ok(true)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Nobody could be told; the next server finds a stale file.
        let _ = self.remove_once();
    }
}

/// The number of no process that could drop this.
const NO_PROCESS: u32 = 0;
