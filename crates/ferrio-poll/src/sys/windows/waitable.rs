//! Objects that can be waited for, of either kind.
#![allow(unsafe_code, reason = "the call that looks at an object")]

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle};

use windows_sys::Win32::Foundation::{WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::WaitForSingleObject;

use crate::sys::windows::handle::{AsSource, Handle};

/// An object that can be waited for, and whether a wait resets it.
#[derive(Debug)]
pub(crate) struct Waitable<T> {
    object: T,
    resets_itself: bool,
}

impl<T: AsHandle> Waitable<T> {
    /// An object that stays signalled until something resets it.
    pub(crate) fn new(object: T) -> Waitable<T> {
        Waitable { object, resets_itself: false }
    }

    /// An object that a wait resets.
    pub(crate) fn auto_reset(object: T) -> Waitable<T> {
        Waitable { object, resets_itself: true }
    }

    /// The object itself.
    pub(crate) fn object(&self) -> &T {
        &self.object
    }

    /// Gives back the object.
    pub(crate) fn into_object(self) -> T {
        self.object
    }

    /// Waits for the object, and would block unless it is signalled.
    pub(crate) fn try_wait(&self) -> io::Result<()> {
        try_wait(&self.object)
    }
}

/// Waits for `object`, and would block unless it is signalled. An object that resets itself is
/// reset by this.
pub(in crate::sys::windows) fn try_wait(object: &impl AsHandle) -> io::Result<()> {
    // SAFETY: the handle is borrowed, so it is open.
    match unsafe { WaitForSingleObject(object.as_handle().as_raw_handle(), 0) } {
        WAIT_OBJECT_0 => Ok(()),
        WAIT_TIMEOUT => Err(io::ErrorKind::WouldBlock.into()),
        _ => Err(io::Error::last_os_error()),
    }
}

impl<T: AsHandle> AsSource for Waitable<T> {
    fn as_source(&self) -> Handle<'_> {
        let handle = self.object.as_handle();
        if self.resets_itself { Handle::AutoReset(handle) } else { Handle::Object(handle) }
    }
}
