//! The completion port: packets in, packets out.
#![allow(unsafe_code, reason = "the calls of the port")]

use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE, NTSTATUS, STATUS_TIMEOUT};
use windows_sys::Win32::System::IO::{CreateIoCompletionPort, OVERLAPPED_ENTRY};

use crate::sys::windows::status;

/// A completion port, to which what ends is reported as packets.
#[derive(Debug)]
pub(crate) struct Port(OwnedHandle);

/// What kind a packet is of; the key of a completion port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Somebody wants the wait to end.
    Wake,
    /// A poll of AFD has ended.
    Afd,
    /// Something could not be asked for, and is to be tried again by the poller.
    Ask,
    /// Packets were put back beside the port.
    PutBack,
    /// An object was signalled.
    Signalled,
    /// An operation with memory of its own has ended.
    Flight,
    /// A packet of a user, by the number of the queue that takes it.
    Own(u32),
}

/// A packet: an `OVERLAPPED_ENTRY`, whose pointer is a number of ours. No memory is reached
/// through it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Packet {
    key: usize,
    context: usize,
    status: usize,
    bytes: u32,
}

impl Port {
    pub(crate) fn new() -> io::Result<Port> {
        // Without a limit of threads. A thread that has taken a packet counts until it sleeps, and
        // those beyond the limit are given none: the poller would wait for one that computes.
        // SAFETY: it takes numbers and makes a new port.
        let port =
            unsafe { CreateIoCompletionPort(INVALID_HANDLE_VALUE, ptr::null_mut(), 0, i32::MAX as u32) };
        if port.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call above made the handle for us alone.
        Ok(Port(unsafe { OwnedHandle::from_raw_handle(port) }))
    }

    /// Has what ends on `file` reported here as packets of `key`.
    pub(crate) fn associate(&self, file: BorrowedHandle<'_>, key: Key) -> io::Result<()> {
        // SAFETY: both handles are borrowed, so they are open.
        let port = unsafe { CreateIoCompletionPort(file.as_raw_handle(), self.raw(), key.number(), 0) };
        if port.is_null() { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Puts a packet of our own at the end of the queue.
    pub(crate) fn post(&self, packet: Packet) -> io::Result<()> {
        // Not by PostQueuedCompletionStatus, which would drop the status of a packet that was
        // taken before and is put back.
        let Packet { key, context, bytes, .. } = packet;
        // SAFETY: the port is open, and the rest are numbers to it.
        let status = unsafe { NtSetIoCompletion(self.raw(), key, context, packet.status(), bytes as usize) };
        if status < 0 { Err(status::error(status)) } else { Ok(()) }
    }

    /// Takes packets, waiting for the first until `timeout` is over; how many it took.
    pub(crate) fn take(&self, packets: &mut [Packet], timeout: Option<Duration>) -> io::Result<usize> {
        let room = u32::try_from(packets.len()).unwrap_or(u32::MAX);
        let timeout = timeout.map(units);
        let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
        let mut taken = 0;
        // Not alertable: an alerted wait would end without a packet.
        // SAFETY: `packets` has room for as many entries as it says; a `Packet` has their layout, and any
        // bits are valid in it.
        let status = unsafe {
            NtRemoveIoCompletionEx(self.raw(), packets.as_mut_ptr().cast(), room, &mut taken, timeout, 0)
        };
        match status {
            STATUS_TIMEOUT => Ok(0),
            0 => Ok(taken as usize),
            _ => Err(status::error(status)),
        }
    }

    pub(crate) fn raw(&self) -> HANDLE {
        self.0.as_raw_handle()
    }
}

impl Key {
    fn number(self) -> usize {
        match self {
            Key::Wake => 0,
            Key::Afd => 1,
            Key::Ask => 2,
            Key::Signalled => 3,
            Key::Flight => 4,
            Key::PutBack => 5,
            Key::Own(queue) => OWN + queue as usize,
        }
    }

    fn of(number: usize) -> Key {
        match number {
            0 => Key::Wake,
            1 => Key::Afd,
            2 => Key::Ask,
            3 => Key::Signalled,
            4 => Key::Flight,
            5 => Key::PutBack,
            own => Key::Own((own - OWN) as u32),
        }
    }
}

impl Packet {
    /// What fills a list before packets are taken.
    pub(crate) const EMPTY: Packet = Packet { key: 0, context: 0, status: 0, bytes: 0 };

    pub(crate) fn new(key: Key, context: usize, bytes: u32) -> Packet {
        Packet { key: key.number(), context, status: 0, bytes }
    }

    pub(crate) fn key(&self) -> Key {
        Key::of(self.key)
    }

    /// The key as the kernel has it.
    pub(crate) fn raw_key(&self) -> usize {
        self.key
    }

    /// The number that was given with the operation.
    pub(crate) fn context(&self) -> usize {
        self.context
    }

    pub(crate) fn bytes(&self) -> u32 {
        self.bytes
    }

    /// How the operation ended; 0 in a packet that was posted.
    pub(crate) fn status(&self) -> NTSTATUS {
        self.status as NTSTATUS
    }
}

const _: () = assert!(size_of::<Packet>() == size_of::<OVERLAPPED_ENTRY>());

/// A relative time in the units of the kernel, 100 ns, rounded up.
fn units(timeout: Duration) -> i64 {
    // A year of nanoseconds does not overflow, and a longer wait is only begun anew.
    let timeout = timeout.min(Duration::from_secs(365 * 24 * 3600));
    -(timeout.as_nanos().div_ceil(100) as i64)
}

/// The key of the first queue of a user.
const OWN: usize = 16;

windows_link::link!("ntdll.dll" "system" fn NtRemoveIoCompletionEx(
    port: HANDLE,
    entries: *mut OVERLAPPED_ENTRY,
    count: u32,
    removed: *mut u32,
    timeout: *const i64,
    alertable: u8
) -> NTSTATUS);

windows_link::link!("ntdll.dll" "system" fn NtSetIoCompletion(
    port: HANDLE,
    key: usize,
    context: usize,
    status: NTSTATUS,
    bytes: usize
) -> NTSTATUS);
