//! An event that stays signalled until it is reset.
#![allow(unsafe_code, reason = "each call of Windows is unsafe")]

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;

use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, ResetEvent, SetEvent, WaitForSingleObject,
};

/// An event that stays signalled until it is reset.
#[derive(Debug)]
pub(super) struct ManualEvent(OwnedHandle);

impl ManualEvent {
    /// One that is not signalled, and not inherited by children.
    pub(super) fn new() -> io::Result<ManualEvent> {
        // SAFETY: both pointers may be null.
        let event = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call above made the handle for us alone.
        Ok(ManualEvent(unsafe { OwnedHandle::from_raw_handle(event) }))
    }

    pub(super) fn set(&self) {
        // SAFETY: the handle is open, and ours with all rights: it cannot fail.
        unsafe { SetEvent(self.raw()) };
    }

    pub(super) fn reset(&self) {
        // SAFETY: as above.
        unsafe { ResetEvent(self.raw()) };
    }

    /// Waits until it is signalled.
    pub(super) fn wait(&self) {
        // SAFETY: the handle is open.
        unsafe { WaitForSingleObject(self.raw(), INFINITE) };
    }

    pub(super) fn raw(&self) -> RawHandle {
        self.0.as_raw_handle()
    }
}

impl AsHandle for ManualEvent {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}
