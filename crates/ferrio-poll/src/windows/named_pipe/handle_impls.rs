//! Pipes from handles, and the handles of pipes.

use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle, RawHandle};

use crate::sys::pipe;
use crate::windows::named_pipe::NamedPipe;

impl From<OwnedHandle> for NamedPipe {
    /// Takes over `handle`, which must be open with `FILE_FLAG_OVERLAPPED`. It is read as it is set
    /// up: in messages, or as bytes.
    fn from(handle: OwnedHandle) -> NamedPipe {
        let messages = pipe::reads_messages(&handle);
        NamedPipe::of(handle, messages)
    }
}

#[allow(unsafe_code, reason = "the conversion from a raw handle is unsafe by its trait")]
impl FromRawHandle for NamedPipe {
    /// Takes over `handle`, as `From` does.
    unsafe fn from_raw_handle(handle: RawHandle) -> NamedPipe {
        // SAFETY: the caller upholds `FromRawHandle`: `handle` is open and theirs.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        NamedPipe::from(handle)
    }
}

impl AsHandle for NamedPipe {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.inner.handle().as_handle()
    }
}

impl AsRawHandle for NamedPipe {
    fn as_raw_handle(&self) -> RawHandle {
        self.inner.handle().as_raw_handle()
    }
}
