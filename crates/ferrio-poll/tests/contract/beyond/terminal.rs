//! A terminal that nobody sits at.

#![allow(unsafe_code, reason = "ptsname(3) gives a pointer to a buffer of its own")]

use std::ffi::{CStr, OsStr};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Mutex;

use rustix::pty::{OpenptFlags, grantpt, openpt, unlockpt};

/// The main side of a new terminal, and the path of its other side.
pub(crate) fn new_terminal() -> (OwnedFd, PathBuf) {
    /// ptsname(3) has one buffer for the whole process, and not every system has another call.
    static NAMES: Mutex<()> = Mutex::new(());
    let main = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&main).expect("grantpt");
    unlockpt(&main).expect("unlockpt");
    let _guard = NAMES.lock().expect("nobody panics with it");
    // SAFETY: ptsname(3) takes an open descriptor, and the lock keeps others from its buffer.
    let name = unsafe { libc::ptsname(main.as_raw_fd()) };
    assert!(!name.is_null(), "{}", io::Error::last_os_error());
    // SAFETY: a name that is not null ends with a zero byte, and stays as long as the lock is held.
    let name = unsafe { CStr::from_ptr(name) };
    let path = PathBuf::from(OsStr::from_bytes(name.to_bytes()));
    (main, path)
}
