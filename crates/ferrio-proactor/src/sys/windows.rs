//! Windows. See the contract in [`sys`](crate::sys).
//!
//! A socket is set not to block once it is taken over, for no call can be told not to wait. What is no
//! socket is a file, and done by threads.

pub(crate) mod descriptor;
mod errors;
mod files;
mod message;
mod sockets;

use std::io;
use std::os::windows::ffi::OsStrExt;
use std::path::Path;

pub(crate) use std::fs::Metadata as Status;
pub(crate) use std::os::windows::io::{OwnedHandle as OwnedFile, OwnedSocket};

use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Networking::WinSock::{POLLRDBAND, POLLRDNORM, POLLWRNORM};
use windows_sys::Win32::Storage::FileSystem::{CREATE_ALWAYS, OPEN_EXISTING};

pub(crate) use crate::sys::windows::descriptor::{
    Borrowed, Descriptor as Owned, NO_RAW, Raw, borrow, borrow_raw, raw,
};
pub(crate) use crate::sys::windows::errors::{Errno, errno, errno_of, failure, is_of_one_connection};
pub(crate) use crate::sys::windows::files::{
    is_file, is_folder, is_regular, mode, modified, open, read, read_at, read_cached, size, splice, status,
    sync, take_opened, write, write_at, write_cached,
};
pub(crate) use crate::sys::windows::message::{
    Header, Passed, RECEIVE_FLAGS, RESULT_FLAGS, RIGHTS, Slice, take_descriptors,
};
pub(crate) use crate::sys::windows::sockets::{
    accept, adopt, connect, domain, is_at_end, is_connected, is_datagrams, is_stream, poll_now, receive,
    receive_message, send, send_message, set_non_blocking, shutdown,
};

pub(crate) const LACKS: &[(&str, &str)] = &[("Splice", "completion has splice(2) on Linux alone")];

/// The events of WSAPoll for reading, writing and urgent data.
pub(crate) const POLL_EVENTS: [u32; 3] = [POLLRDNORM as u32, POLLWRNORM as u32, POLLRDBAND as u32];

/// It has no event for a peer that will send no more.
pub(crate) fn read_hangup() -> u32 {
    0
}

/// The access to read a file, and that to write it anew, each with a disposition.
pub(crate) const TO_READ: (i32, u32) = (GENERIC_READ as i32, OPEN_EXISTING);
pub(crate) const TO_WRITE: (i32, u32) = (GENERIC_WRITE as i32, CREATE_ALWAYS);

/// What a path consists of.
pub(crate) type PathUnit = u16;

/// A path as the kernel takes it, with the zero at its end.
#[derive(Debug)]
pub(crate) struct NativePath(Vec<PathUnit>);

impl NativePath {
    pub(crate) fn as_ptr(&self) -> *const PathUnit {
        self.0.as_ptr()
    }
}

pub(crate) fn native_path(path: &Path) -> io::Result<NativePath> {
    let mut units: Vec<_> = path.as_os_str().encode_wide().collect();
    if units.contains(&0) {
        let text = format!("the path {path:?} has a zero character in it");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    units.push(0);
    Ok(NativePath(units))
}
