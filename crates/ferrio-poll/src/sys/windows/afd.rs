//! AFD, the driver beneath Winsock, and the polls that it carries out.
#![allow(unsafe_code, reason = "the calls of the driver, and the memory that it writes to")]

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::io;
use std::mem::MaybeUninit;
use std::os::windows::io::{AsHandle, AsRawHandle, AsRawSocket, BorrowedSocket, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Wdk::Foundation::OBJECT_ATTRIBUTES;
use windows_sys::Wdk::Storage::FileSystem::{FILE_OPEN, NtCancelIoFileEx, NtCreateFile};
use windows_sys::Wdk::System::IO::NtDeviceIoControlFile;
use windows_sys::Win32::Foundation::{
    HANDLE, NTSTATUS, STATUS_CANCELLED, STATUS_PENDING, STATUS_SUCCESS, UNICODE_STRING,
};
use windows_sys::Win32::Networking::WinSock::{
    SIO_BASE_HANDLE, SIO_BSP_HANDLE, SIO_BSP_HANDLE_POLL, SIO_BSP_HANDLE_SELECT, SOCKET, WSAENOTSOCK,
    WSAIoctl,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_SHARE_READ, FILE_SHARE_WRITE, SYNCHRONIZE, SetFileCompletionNotificationModes,
};
use windows_sys::Win32::System::IO::{IO_STATUS_BLOCK, IO_STATUS_BLOCK_0};
use windows_sys::Win32::System::WindowsProgramming::FILE_SKIP_SET_EVENT_ON_HANDLE;

use crate::sys::windows::event::Flags;
use crate::sys::windows::operation::is_error;
use crate::sys::windows::port::{Key, Port};
use crate::sys::windows::state::Outcome;
use crate::sys::windows::status;

/// A handle of the driver, through which sockets are polled.
#[derive(Debug)]
pub(super) struct Afd(OwnedHandle);

/// The memory of one poll.
///
/// # Invariant
///
/// From the moment [`Afd::poll`] has succeeded until the packet of the poll was taken from the port,
/// it belongs to the kernel and is neither read nor written here, nor freed.
pub(super) struct Block {
    status: UnsafeCell<IO_STATUS_BLOCK>,
    info: UnsafeCell<PollInfo>,
}

// SAFETY: whose a block is follows from its invariant, which the callers of `poll` and `outcome`
// uphold; the slot's lock is held in both.
unsafe impl Sync for Block {}

// SAFETY: the handle in it is a number.
unsafe impl Send for Block {}

/// `AFD_POLL_INFO` with room for one socket.
#[repr(C)]
pub(super) struct PollInfo {
    timeout: i64,
    handles: u32,
    /// 1 if the poll is to end those of others on the same socket.
    is_exclusive: u32,
    handle: HANDLE,
    events: u32,
    status: NTSTATUS,
}

impl PollInfo {
    /// Asks whether one of `conditions` holds of `socket`, and ends no poll of others.
    pub(super) fn new(socket: SOCKET, conditions: Flags) -> PollInfo {
        PollInfo {
            timeout: i64::MAX,
            handles: 1,
            is_exclusive: 0,
            handle: ptr::without_provenance_mut(socket),
            events: conditions.bits(),
            status: 0,
        }
    }

    /// The same, and ends the polls of others.
    #[cfg(test)]
    pub(super) fn exclusive(self) -> PollInfo {
        PollInfo { is_exclusive: 1, ..self }
    }
}

impl Afd {
    /// Opens the driver; its polls end at `port`.
    pub(super) fn open(port: &Port) -> io::Result<Afd> {
        // A device of the driver needs a name below its own; which one is no matter.
        let name: Vec<u16> = r"\Device\Afd\Ferrio".encode_utf16().collect();
        let len = size_of_val(name.as_slice()) as u16;
        let name = UNICODE_STRING { Length: len, MaximumLength: len, Buffer: name.as_ptr().cast_mut() };
        let attributes = OBJECT_ATTRIBUTES {
            Length: size_of::<OBJECT_ATTRIBUTES>() as u32,
            ObjectName: &name,
            ..OBJECT_ATTRIBUTES::default()
        };
        let mut handle = ptr::null_mut();
        let mut block = IO_STATUS_BLOCK::default();
        // SAFETY: the name and the attributes live until the call returns, and the call is over
        // by then.
        let status = unsafe {
            NtCreateFile(
                &mut handle,
                SYNCHRONIZE,
                &attributes,
                &mut block,
                ptr::null(),
                0,
                FILE_SHARE_READ | FILE_SHARE_WRITE,
                FILE_OPEN,
                0,
                ptr::null(),
                0,
            )
        };
        if status != STATUS_SUCCESS {
            return Err(status::error(status));
        }
        // SAFETY: the call above made the handle for us alone.
        let afd = Afd(unsafe { OwnedHandle::from_raw_handle(handle) });
        port.associate(afd.0.as_handle(), Key::Afd)?;
        // Nobody waits for the handle itself, so the kernel need not signal it.
        // SAFETY: the handle is open.
        let set = unsafe {
            SetFileCompletionNotificationModes(afd.0.as_raw_handle(), FILE_SKIP_SET_EVENT_ON_HANDLE as u8)
        };
        if set == 0 { Err(io::Error::last_os_error()) } else { Ok(afd) }
    }

    /// Begins a poll, which ends by a packet with `context` once one of its conditions holds,
    /// also if that is so already. `context` is not 0, which would mean no packet.
    ///
    /// # Safety
    ///
    /// `block` is not the kernel's, nobody else uses it, and it stays where it is until the
    /// packet was taken from the port.
    pub(super) unsafe fn poll(&self, block: &Block, info: PollInfo, context: usize) -> io::Result<()> {
        debug_assert_ne!(context, 0);
        let pending =
            IO_STATUS_BLOCK { Anonymous: IO_STATUS_BLOCK_0 { Status: STATUS_PENDING }, Information: 0 };
        // SAFETY: the block is ours by the contract of this function.
        unsafe { block.info.get().write(info) };
        // SAFETY: as above.
        unsafe { block.status.get().write(pending) };
        let memory = block.info.get().cast::<c_void>();
        let len = size_of::<PollInfo>() as u32;
        // SAFETY: the handle is open, and the memory stays the kernel's until the packet comes,
        // by the contract of this function.
        let status = unsafe {
            NtDeviceIoControlFile(
                self.0.as_raw_handle(),
                ptr::null_mut(),
                None,
                ptr::without_provenance(context),
                block.status.get(),
                IOCTL_AFD_POLL,
                memory,
                len,
                memory,
                len,
            )
        };
        // A poll that ends at once has its packet too. Only an error has none.
        if is_error(status) { Err(status::error(status)) } else { Ok(()) }
    }

    /// Ends the poll of `block` early, unless it has ended. Its packet comes all the same.
    pub(super) fn cancel(&self, block: &Block) {
        let mut ignored = IO_STATUS_BLOCK::default();
        // What it returns says whether the poll had ended before, which its packet tells too.
        // SAFETY: the address of the status block only names the poll; the call follows no other
        // pointer than that to `ignored`.
        unsafe { NtCancelIoFileEx(self.0.as_raw_handle(), block.status.get(), &mut ignored) };
    }
}

impl Block {
    pub(super) fn new() -> Block {
        // SAFETY: zeros are a valid value of its numbers and its handle.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }

    /// How the poll ended.
    ///
    /// # Safety
    ///
    /// The packet of the poll was taken from the port, and no other has begun since.
    pub(super) unsafe fn outcome(&self) -> Outcome {
        // SAFETY: the block is ours by the contract of this function.
        let block = unsafe { &*self.status.get() };
        // SAFETY: the kernel wrote the status; the pointer that shares its place is never used.
        let status = unsafe { block.Anonymous.Status };
        // SAFETY: as for the block.
        let info = unsafe { &*self.info.get() };
        match status {
            STATUS_CANCELLED => Outcome::Nothing,
            _ if status < 0 => Outcome::Failed,
            // An exclusive poll of others took its place.
            _ if info.handles == 0 => Outcome::Nothing,
            _ => Outcome::Found(Flags::from_bits_truncate(info.events)),
        }
    }
}

/// The socket of the lowest provider beneath `socket`, which AFD knows.
pub(super) fn base_socket(socket: BorrowedSocket<'_>) -> io::Result<SOCKET> {
    base_of(socket.as_raw_socket() as SOCKET, ask_provider)
}

/// The same, where `ask` puts the question of a code to the provider of a socket.
///
/// Every provider is meant to answer `SIO_BASE_HANDLE` with the lowest socket. Some do not, and
/// still tell the next lower socket by one of the other codes.
fn base_of(socket: SOCKET, ask: impl Fn(SOCKET, u32) -> io::Result<SOCKET>) -> io::Result<SOCKET> {
    match ask(socket, SIO_BASE_HANDLE) {
        Ok(base) => return Ok(base),
        Err(error) if error.raw_os_error() == Some(WSAENOTSOCK) => return Err(error),
        Err(_) => {}
    }
    for code in [SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL, SIO_BSP_HANDLE] {
        let lower = ask(socket, code).ok().filter(|lower| *lower != socket);
        if let Some(base) = lower.and_then(|lower| ask(lower, SIO_BASE_HANDLE).ok()) {
            return Ok(base);
        }
    }
    // There may be no provider above the base; if there is one, the poll fails and says so.
    Ok(socket)
}

/// What the provider of `socket` answers to `code`, a question for a socket.
fn ask_provider(socket: SOCKET, code: u32) -> io::Result<SOCKET> {
    let mut answer: SOCKET = 0;
    let mut bytes = 0;
    // SAFETY: the answer is a socket, and there is room for one.
    let result = unsafe {
        WSAIoctl(
            socket,
            code,
            ptr::null(),
            0,
            ptr::from_mut(&mut answer).cast(),
            size_of::<SOCKET>() as u32,
            &mut bytes,
            ptr::null_mut(),
            None,
        )
    };
    if result == 0 {
        return Ok(answer);
    }
    // WSAGetLastError and GetLastError are one.
    Err(io::Error::last_os_error())
}

/// `CTL_CODE` of AFD's poll: device 0x12, function 9, method buffered.
const IOCTL_AFD_POLL: u32 = 0x0001_2024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_hides_the_base_socket_is_asked_in_other_ways() {
        let refuse = || Err(io::Error::from_raw_os_error(10045));
        let plain = |socket, code| if code == SIO_BASE_HANDLE { Ok(socket + 1) } else { refuse() };
        assert_eq!(base_of(4, plain).unwrap(), 5);
        let hides = |answer: u32| {
            move |socket, code| match (socket, code) {
                (8, SIO_BASE_HANDLE) => Ok(12),
                (4, code) if code == answer => Ok(8),
                _ => refuse(),
            }
        };
        for code in [SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL, SIO_BSP_HANDLE] {
            assert_eq!(base_of(4, hides(code)).unwrap(), 12);
        }
        assert_eq!(base_of(4, |_, _| refuse()).unwrap(), 4);
        assert_eq!(
            base_of(4, |socket, code| if code == SIO_BASE_HANDLE { refuse() } else { Ok(socket) }).unwrap(),
            4
        );
        let no_socket = base_of(4, |_, _| Err(io::Error::from_raw_os_error(WSAENOTSOCK))).unwrap_err();
        assert_eq!(no_socket.raw_os_error(), Some(WSAENOTSOCK));
    }
}
