//! Exits of processes, by their handles.
#![allow(unsafe_code, reason = "the calls that open a process and ask for its exit")]

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::ExitStatusExt;
use std::process::ExitStatus;

use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER};
use windows_sys::Win32::System::Threading::{
    GetExitCodeProcess, GetProcessId, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
};

use crate::error::kernel;
use crate::sys::job_change::JobChange;
use crate::sys::windows::handle::{AsSource, Handle};
use crate::sys::windows::waitable::try_wait;

/// The exit of a process, which is signalled once it has exited. The handle keeps the id of the
/// process, and its exit code, from being forgotten.
#[derive(Debug)]
pub(crate) struct Exit {
    process: OwnedHandle,
    pid: u32,
}

impl Exit {
    /// Watches the process `pid`. That it is a child is not asked for: Windows tells how a
    /// process exits to whoever may open it, and does not keep the parent's place for it.
    pub(crate) fn open(pid: u32) -> io::Result<Exit> {
        let no_process = |pid| if pid == 0 { kernel::no_process_id(pid) } else { kernel::no_process(pid) };
        open(pid, no_process)
    }

    /// The same, with an advice for a process that need not be a child.
    pub(crate) fn open_any(pid: u32) -> io::Result<Exit> {
        let no_process =
            |pid| if pid == 0 { kernel::not_a_process_id(pid) } else { kernel::no_such_process(pid) };
        open(pid, no_process)
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// True once the process has exited.
    pub(crate) fn has_exited(&self) -> io::Result<bool> {
        match try_wait(&self.process) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// How the process exited. It would block while it runs.
    pub(crate) fn peek(&self) -> io::Result<ExitStatus> {
        // An exit code alone does not say whether there was an exit: a process that runs has 259.
        try_wait(&self.process)?;
        let mut code = 0;
        // SAFETY: the handle is open, and `code` outlives the call.
        let result = unsafe { GetExitCodeProcess(self.process.as_raw_handle(), &mut code) };
        if result == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(ExitStatus::from_raw(code))
    }

    /// The same: a process is forgotten when its last handle is closed, and there is no place
    /// to be freed by its parent.
    pub(crate) fn reap(&self) -> io::Result<ExitStatus> {
        self.peek()
    }

    /// Nothing stops or continues a process on Windows.
    pub(crate) fn take_job_change(&self) -> io::Result<JobChange> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl AsHandle for Exit {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.process.as_handle()
    }
}

impl AsSource for Exit {
    fn as_source(&self) -> Handle<'_> {
        Handle::Object(self.as_handle())
    }
}

/// Opens `pid`; `no_process` is the error if there is no such process.
fn open(pid: u32, no_process: impl Fn(u32) -> io::Error) -> io::Result<Exit> {
    let rights = PROCESS_SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION;
    // SAFETY: it takes numbers.
    let raw = unsafe { OpenProcess(rights, 0, pid) };
    if raw.is_null() {
        let error = io::Error::last_os_error();
        return Err(match error.raw_os_error().map(|code| code as u32) {
            Some(ERROR_INVALID_PARAMETER) => no_process(pid),
            Some(ERROR_ACCESS_DENIED) => kernel::process_not_opened(pid),
            _ => error,
        });
    }
    // SAFETY: the call above made the handle for us alone.
    let process = unsafe { OwnedHandle::from_raw_handle(raw) };
    // SAFETY: the handle is open.
    let id = unsafe { GetProcessId(process.as_raw_handle()) };
    // Windows leaves the two lowest bits of the number out when it looks for a process.
    if id == pid { Ok(Exit { process, pid }) } else { Err(no_process(pid)) }
}
