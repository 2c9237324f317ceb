//! A directory whose changes are being read.
//!
//! One operation is under way from the beginning to the end. It ends when something has changed,
//! which signals the event that all operations of a [`Watcher`](super::Watcher) share, and is
//! begun anew when that was taken; the system keeps what changes in between. A thread that ends
//! takes the operations that it has begun with it: those are begun anew too.
//!
//! To begin an operation resets the event. Whoever does so looks at all operations afterwards,
//! and signals the event if one of them has ended: each writes its status before it signals.
#![allow(unsafe_code, reason = "the memory of an operation that is under way is the kernel's")]

use std::cell::UnsafeCell;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::ptr;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_CANCELLED, STATUS_NOTIFY_ENUM_DIR, STATUS_PENDING};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OVERLAPPED, FILE_LIST_DIRECTORY, FILE_NOTIFY_CHANGE,
    FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, ReadDirectoryChangesW,
};
use windows_sys::Win32::System::IO::{CancelIoEx, OVERLAPPED};

use crate::sys::windows::watch::manual_event::ManualEvent;

/// A directory whose changes are being read.
pub(super) struct Directory {
    /// Open for as long as an operation is under way.
    file: File,
    filter: FILE_NOTIFY_CHANGE,
    /// Does not move, for the kernel writes to it. `None` if none could be begun.
    operation: Option<Box<Operation>>,
    /// What the end of an operation signals.
    event: Arc<ManualEvent>,
}

/// The memory of an operation.
///
/// # Invariant
///
/// It is the kernel's from the call that begins the operation until `is_over`.
struct Operation {
    overlapped: UnsafeCell<OVERLAPPED>,
    buf: UnsafeCell<[u32; WORDS]>,
}

// SAFETY: what is in it is written by the kernel while an operation is under way, and by nobody
// otherwise; the pointers in it are the kernel's.
unsafe impl Send for Operation {}

/// How an operation has ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// With records of this many bytes.
    Records(usize),
    /// More has changed than there was room for.
    Overflow,
    /// With the thread that had begun it.
    Cancelled,
    /// The directory is gone, or can no longer be read.
    Gone,
}

impl Directory {
    /// Reads the changes of the directory at `path`, of the kinds in `filter`.
    pub(super) fn open(
        path: &Path,
        filter: FILE_NOTIFY_CHANGE,
        event: &Arc<ManualEvent>,
    ) -> io::Result<Directory> {
        let file = OpenOptions::new()
            .access_mode(FILE_LIST_DIRECTORY)
            .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED)
            .open(path)?;
        let mut directory = Directory { file, filter, operation: None, event: Arc::clone(event) };
        directory.begin()?;
        Ok(directory)
    }

    /// The directory itself.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// True if the operation has ended, so that there is something to take.
    pub(super) fn has_ended(&self) -> bool {
        self.operation.as_ref().is_none_or(|operation| operation.is_over())
    }

    /// Takes what the operation ended with, and copies its records to `records`; `None` while
    /// it is under way. Then `begin` is called, unless the directory is gone.
    pub(super) fn take(&mut self, records: &mut Vec<u8>) -> Option<Ended> {
        if !self.has_ended() {
            return None;
        }
        let Some(operation) = self.operation.take() else {
            return Some(Ended::Gone);
        };
        let ended = operation.ended();
        if let Ended::Records(len) = ended {
            records.clear();
            records.extend_from_slice(operation.bytes(len));
        }
        // Its memory is used again.
        self.operation = Some(operation);
        Some(ended)
    }

    /// Begins the next operation. It resets the event.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        let mut operation = self.operation.take().unwrap_or_else(Operation::new);
        // None is under way.
        *operation.overlapped.get_mut() = OVERLAPPED { hEvent: self.event.raw(), ..OVERLAPPED::default() };
        // SAFETY: the handle is open, and the two pointers are to memory that neither moves nor is
        // freed or looked at until the operation is over, as the invariant says.
        let result = unsafe {
            ReadDirectoryChangesW(
                self.file.as_raw_handle(),
                operation.buf.get().cast(),
                (WORDS * size_of::<u32>()) as u32,
                0,
                self.filter,
                ptr::null_mut(),
                operation.overlapped.get(),
                None,
            )
        };
        if result == 0 {
            return Err(io::Error::last_os_error());
        }
        self.operation = Some(operation);
        Ok(())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let Some(operation) = self.operation.take_if(|operation| !operation.is_over()) else {
            return;
        };
        // SAFETY: the handle is open. If it fails, the operation has just ended.
        unsafe { CancelIoEx(self.file.as_raw_handle(), operation.overlapped.get()) };
        // Others signal the event as well. Whoever drops this looks at them afterwards.
        while !operation.is_over() {
            self.event.reset();
            if !operation.is_over() {
                self.event.wait();
            }
        }
    }
}

impl Operation {
    fn new() -> Box<Operation> {
        Box::new(Operation {
            overlapped: UnsafeCell::new(OVERLAPPED::default()),
            buf: UnsafeCell::new([0; WORDS]),
        })
    }

    /// True unless the operation is under way: then its memory is no longer the kernel's.
    fn is_over(&self) -> bool {
        self.status() != STATUS_PENDING
    }

    fn status(&self) -> NTSTATUS {
        // `Internal`, the first field, is the status, and is written last.
        let status = self.overlapped.get().cast::<AtomicUsize>();
        // SAFETY: the pointer is to a word that lives as long as `self`, and that the kernel
        // writes in one piece.
        unsafe { &*status }.load(Ordering::Acquire) as NTSTATUS
    }

    /// How the operation has ended, which it has.
    fn ended(&self) -> Ended {
        // SAFETY: the operation is over, so nobody writes here.
        let len = unsafe { &*self.overlapped.get() }.InternalHigh;
        match self.status() {
            STATUS_NOTIFY_ENUM_DIR => Ended::Overflow,
            STATUS_CANCELLED => Ended::Cancelled,
            status if status < 0 => Ended::Gone,
            _ if len == 0 => Ended::Overflow,
            _ => Ended::Records(len),
        }
    }

    /// The first `len` bytes of what the operation has written; it has ended.
    fn bytes(&self, len: usize) -> &[u8] {
        let len = len.min(WORDS * size_of::<u32>());
        // SAFETY: the operation is over, so nobody writes here, and the memory is that long.
        unsafe { slice::from_raw_parts(self.buf.get().cast::<u8>(), len) }
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The memory of the operation may be the kernel's.
        f.debug_struct("Directory").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Room for changes, of 16 KiB. A name has up to 510 bytes.
const WORDS: usize = 4096;
