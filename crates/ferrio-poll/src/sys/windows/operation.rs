//! What an operation is to the kernel: a call, and memory.
#![allow(unsafe_code, reason = "the calls that start and end operations, whose memory is then the kernel's")]

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::fmt;
use std::os::windows::io::{AsRawHandle, OwnedHandle};
use std::ptr;
use std::sync::Arc;

use windows_sys::Wdk::Storage::FileSystem::{
    FSCTL_PIPE_LISTEN, NtCancelIoFileEx, NtFsControlFile, NtReadFile, NtWriteFile,
};
use windows_sys::Win32::Foundation::NTSTATUS;
use windows_sys::Win32::System::IO::IO_STATUS_BLOCK;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Waits for a client of the pipe.
    Connect,
    /// Reads at most so many bytes.
    Read { len: usize },
    /// Writes the bytes from there on.
    Write { from: usize },
}

/// The memory of an operation. While that is under way the kernel may write to it at any time, so
/// nothing reads it until it has landed.
#[derive(Default)]
pub(crate) struct Memory {
    /// Where the kernel says how it ended. The packet says so too, and is what is looked at.
    block: Arc<Block>,
    /// What is read or written.
    pub(crate) bytes: Vec<u8>,
}

/// A status block, which the kernel writes to and nobody reads.
#[derive(Default)]
struct Block(UnsafeCell<IO_STATUS_BLOCK>);

// SAFETY: nobody but the kernel follows the address of the cell.
unsafe impl Sync for Block {}

// SAFETY: the pointer in it is never used.
unsafe impl Send for Block {}

/// Where the memory of an operation lies. It stays there when the [`Memory`] is moved.
pub(super) struct Lent {
    block: Arc<Block>,
    start: *mut u8,
    len: u32,
}

impl Operation {
    /// Makes the call that starts this operation on `file`, and returns the kernel's answer.
    ///
    /// # Safety
    ///
    /// What `memory` was lent by lives, and nobody else uses it, until the packet with `context`
    /// was taken from the port, or until this returns an error.
    pub(super) unsafe fn begin(self, file: &OwnedHandle, memory: &Lent, context: usize) -> NTSTATUS {
        let (file, block) = (file.as_raw_handle(), memory.block.0.get());
        let (start, len) = (memory.start.cast::<c_void>(), memory.len);
        let (context, event) = (ptr::without_provenance(context), ptr::null_mut());
        // A pipe has no positions, and a device has one only.
        let position = 0;
        match self {
            Operation::Connect => {
                let (code, none) = (FSCTL_PIPE_LISTEN, ptr::null_mut());
                // SAFETY: the handle is open, and the block is as the contract of this function
                // says.
                unsafe { NtFsControlFile(file, event, None, context, block, code, none, 0, none, 0) }
            }
            Operation::Read { .. } => {
                // SAFETY: the same, and the bytes too are as that contract says.
                unsafe { NtReadFile(file, event, None, context, block, start, len, &position, ptr::null()) }
            }
            Operation::Write { .. } => {
                // SAFETY: the same.
                unsafe { NtWriteFile(file, event, None, context, block, start, len, &position, ptr::null()) }
            }
        }
    }
}

impl Memory {
    /// What `operation` uses of this memory.
    pub(super) fn lend(&mut self, operation: Operation) -> Lent {
        let bytes = match operation {
            Operation::Connect => &mut self.bytes[..0],
            Operation::Read { len } => &mut self.bytes[..len],
            Operation::Write { from } => &mut self.bytes[from..],
        };
        // What is longer is not read or written in one go.
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Lent { block: Arc::clone(&self.block), start: bytes.as_mut_ptr(), len }
    }

    /// Has the operation that uses this memory end early, unless it has ended. Its packet comes
    /// all the same.
    pub(super) fn cancel(&self, file: &OwnedHandle) {
        let mut ignored = IO_STATUS_BLOCK::default();
        // What it returns says whether the operation had ended before, which its packet tells too.
        // SAFETY: the handle is open, and the address of the status block only names the operation.
        unsafe { NtCancelIoFileEx(file.as_raw_handle(), self.block.0.get(), &mut ignored) };
    }
}

impl fmt::Debug for Memory {
    /// Prints no byte: the kernel may be writing them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// True if an operation with this status was not carried out. A warning, which is below zero
/// too, is an end like others: it has its packet.
pub(super) fn is_error(status: NTSTATUS) -> bool {
    status as u32 >= 0xC000_0000
}
