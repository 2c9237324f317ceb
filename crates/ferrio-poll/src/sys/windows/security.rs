//! Security descriptors, which say which users may use an object.
#![allow(unsafe_code, reason = "a call that reads a text, and the memory that it makes")]

use std::ffi::c_void;
use std::fmt;
use std::io;
use std::ptr::{self, NonNull};

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};

use crate::error::windows as error;

/// A security descriptor.
///
/// # Invariant
///
/// It points to a whole descriptor in one block of the local heap, which nobody else has and
/// nothing changes.
pub(crate) struct Descriptor(NonNull<c_void>);

// SAFETY: it is memory that never changes, and the local heap takes it back from any thread.
unsafe impl Send for Descriptor {}

// SAFETY: as above.
unsafe impl Sync for Descriptor {}

impl Descriptor {
    /// The descriptor that `text` describes in the language of Windows for them.
    pub(crate) fn parse(text: &str) -> io::Result<Descriptor> {
        let wide: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut descriptor = ptr::null_mut();
        // SAFETY: the text ends with a zero, and nobody asks for the size.
        let parsed = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                wide.as_ptr(),
                SDDL_REVISION_1,
                &mut descriptor,
                ptr::null_mut(),
            )
        };
        match NonNull::new(descriptor) {
            Some(descriptor) if parsed != 0 => Ok(Descriptor(descriptor)),
            _ => Err(error::security_descriptor(text, &io::Error::last_os_error())),
        }
    }

    pub(crate) fn as_ptr(&self) -> *mut c_void {
        self.0.as_ptr()
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: the block is ours alone, by the invariant of this type.
        unsafe { LocalFree(self.0.as_ptr()) };
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Descriptor")
    }
}
