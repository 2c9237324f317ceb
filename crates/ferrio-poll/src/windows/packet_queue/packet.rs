//! What a packet says.

use std::io;

use crate::sys::overlapped::Packet;
use crate::sys::status;

/// The end of an overlapped operation, or what a program has posted in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompletionPacket {
    address: usize,
    bytes: u32,
    status: i32,
}

impl CompletionPacket {
    /// A packet of an operation that succeeded, to be [posted](crate::windows::PacketQueue::post).
    /// Both numbers mean what the program wants.
    pub fn new(address: usize, bytes: u32) -> CompletionPacket {
        CompletionPacket { address, bytes, status: 0 }
    }

    /// The address of the `OVERLAPPED` that the operation was started with; or the number that was
    /// posted.
    pub fn address(&self) -> usize {
        self.address
    }

    /// How many bytes were transferred, also by an operation that failed or was cut short.
    pub fn bytes(&self) -> u32 {
        self.bytes
    }

    /// How the operation ended, as the kernel says it (`NTSTATUS`): below 0 for errors and
    /// warnings.
    pub fn status(&self) -> i32 {
        self.status
    }

    /// How many bytes were transferred, or the error that `GetOverlappedResult` would give.
    ///
    /// # Errors
    ///
    /// That of the operation, `ERROR_MORE_DATA` for a message that was longer than the buffer, or
    /// `ERROR_OPERATION_ABORTED` if it was cancelled.
    pub fn result(&self) -> io::Result<u32> {
        if self.status < 0 { Err(status::error(self.status)) } else { Ok(self.bytes) }
    }

    pub(super) fn of(packet: Packet) -> CompletionPacket {
        CompletionPacket { address: packet.context(), bytes: packet.bytes(), status: packet.status() }
    }
}
