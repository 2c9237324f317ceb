//! The calls of named pipes that make, open and change them.
//!
//! Reading, writing and waiting for a client are operations of `flight`.
#![allow(unsafe_code, reason = "the calls of named pipes")]

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_PIPE_BUSY, ERROR_PIPE_CONNECTED, ERROR_PIPE_LISTENING,
    INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, FILE_TYPE_PIPE, GetFileType, PIPE_ACCESS_DUPLEX,
    SECURITY_IDENTIFICATION,
};
use windows_sys::Win32::System::Pipes::{
    CreateNamedPipeW, DisconnectNamedPipe, GetNamedPipeHandleStateW, PIPE_READMODE_BYTE,
    PIPE_READMODE_MESSAGE, PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_BYTE, PIPE_TYPE_MESSAGE,
    PIPE_UNLIMITED_INSTANCES, SetNamedPipeHandleState,
};

use crate::error::windows as error;
pub(crate) use crate::sys::windows::security::Descriptor;

/// How a pipe is made.
#[derive(Debug)]
pub(crate) struct Options {
    /// True if what is written stays in messages.
    pub(crate) messages: bool,
    /// How many instances of the name there may be, if that has a limit.
    pub(crate) instances: Option<u8>,
    /// True if this must be the first of them.
    pub(crate) is_first: bool,
    /// True if clients on other machines may connect.
    pub(crate) allows_remote: bool,
    /// The bytes that the kernel keeps of what clients write.
    pub(crate) in_buffer: u32,
    /// The bytes that the kernel keeps of what is written to a client.
    pub(crate) out_buffer: u32,
    /// The security descriptor of the pipe. `None` takes the default of the process.
    pub(crate) security: Option<Descriptor>,
}

/// The highest limit to the instances of a pipe.
pub(crate) const INSTANCES_MAX: u8 = PIPE_UNLIMITED_INSTANCES as u8 - 1;

/// Makes an instance of the pipe called `name`.
pub(crate) fn create(name: &OsStr, options: &Options) -> io::Result<OwnedHandle> {
    let wide: Vec<u16> = name.encode_wide().chain([0]).collect();
    if wide[..wide.len() - 1].contains(&0) {
        return Err(error::pipe_name_with_zero(name));
    }
    let attributes = options.security.as_ref().map(|descriptor| SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.as_ptr(),
        bInheritHandle: 0,
    });
    let mut open_mode = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED;
    if options.is_first {
        open_mode |= FILE_FLAG_FIRST_PIPE_INSTANCE;
    }
    let mut mode = if options.messages {
        PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE
    } else {
        PIPE_TYPE_BYTE | PIPE_READMODE_BYTE
    };
    if !options.allows_remote {
        mode |= PIPE_REJECT_REMOTE_CLIENTS;
    }
    // SAFETY: the name ends with a zero, and the attributes and what they point to live until the
    // call returns.
    let pipe = unsafe {
        CreateNamedPipeW(
            wide.as_ptr(),
            open_mode,
            mode,
            options.instances.map_or(PIPE_UNLIMITED_INSTANCES, u32::from),
            options.out_buffer,
            options.in_buffer,
            0,
            attributes.as_ref().map_or(ptr::null(), ptr::from_ref),
        )
    };
    if pipe == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call above made the handle for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(pipe) })
}

/// Opens the pipe called `name` as a client. Its server learns who the client is and cannot act
/// in its place. Whatever else has that name is refused: a file would be read at its start for
/// ever.
pub(crate) fn open(name: &OsStr) -> io::Result<OwnedHandle> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options.custom_flags(FILE_FLAG_OVERLAPPED).security_qos_flags(SECURITY_IDENTIFICATION);
    match options.open(name).map(OwnedHandle::from) {
        Ok(pipe) if is_pipe(&pipe) => Ok(pipe),
        Ok(_) => Err(error::name_of_no_pipe(name)),
        Err(error) if is(&error, ERROR_PIPE_BUSY) => Err(error::pipe_busy(name)),
        Err(error) => Err(error),
    }
}

/// Sends the client of `pipe` away.
pub(crate) fn disconnect(pipe: &OwnedHandle) -> io::Result<()> {
    // SAFETY: the handle is open.
    let done = unsafe { DisconnectNamedPipe(pipe.as_raw_handle()) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// True if `file` is a pipe. Other devices may wait until a whole buffer is filled.
pub(crate) fn is_pipe(file: &OwnedHandle) -> bool {
    // SAFETY: the handle is open.
    unsafe { GetFileType(file.as_raw_handle()) == FILE_TYPE_PIPE }
}

/// True if reads of `pipe` end where a message does.
pub(crate) fn reads_messages(pipe: &OwnedHandle) -> bool {
    let mut mode = 0;
    let none = ptr::null_mut();
    // SAFETY: the handle is open, and only the mode is asked for.
    let asked = unsafe {
        GetNamedPipeHandleStateW(pipe.as_raw_handle(), &mut mode, none, none, none, ptr::null_mut(), 0)
    };
    asked != 0 && mode & PIPE_READMODE_MESSAGE != 0
}

/// Has reads of `pipe` end where a message does, or no longer.
pub(crate) fn read_messages(pipe: &OwnedHandle, on: bool) -> io::Result<()> {
    let mode = if on { PIPE_READMODE_MESSAGE } else { PIPE_READMODE_BYTE };
    // SAFETY: the handle is open, and only the mode is changed.
    let done = unsafe { SetNamedPipeHandleState(pipe.as_raw_handle(), &mode, ptr::null(), ptr::null()) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// True if waiting for a client failed because there is one, perhaps gone again.
pub(crate) fn has_client(error: &io::Error) -> bool {
    is(error, ERROR_PIPE_CONNECTED) || is(error, ERROR_NO_DATA)
}

/// True if an operation failed because there was no client yet.
pub(crate) fn has_no_client(error: &io::Error) -> bool {
    is(error, ERROR_PIPE_LISTENING)
}

/// True if a read failed because the peer has closed the pipe and all was read.
pub(crate) fn is_end(error: &io::Error) -> bool {
    is(error, ERROR_BROKEN_PIPE)
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code as i32)
}
