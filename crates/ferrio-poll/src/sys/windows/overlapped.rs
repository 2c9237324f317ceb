//! What a selector offers to operations that end by a packet of their own.
#![allow(unsafe_code, reason = "a socket is turned into the handle that it is")]

use std::io;
use std::os::windows::io::{AsHandle, AsRawSocket, BorrowedHandle, BorrowedSocket, OwnedHandle};
use std::ptr;
use std::sync::{Arc, Weak};

#[cfg(test)]
pub(crate) use crate::sys::windows::flight::leaked;
pub(crate) use crate::sys::windows::flight::{FlightId, Landing, Memory, Operation, Owner};
pub(crate) use crate::sys::windows::inboxes::Inbox;
use crate::sys::windows::port::Key;
pub(crate) use crate::sys::windows::port::Packet;
use crate::sys::windows::selector::Selector;

impl Selector {
    /// Has operations of `file` land here: for good, since the kernel lets none go.
    pub(crate) fn adopt(&self, file: &OwnedHandle) -> io::Result<()> {
        self.shared.port.associate(file.as_handle(), Key::Flight)
    }

    /// Starts `operation` on `file`, which is adopted.
    ///
    /// # Errors
    ///
    /// If it was not started; `owner` hears no more of it, and has `memory` back.
    pub(crate) fn start(
        &self,
        operation: Operation,
        file: &Arc<OwnedHandle>,
        owner: Weak<dyn Owner>,
        memory: Memory,
    ) -> Result<FlightId, (io::Error, Memory)> {
        self.shared.reap_flights();
        self.shared.flights.start(operation, file, owner, memory)
    }

    /// Has an operation end early, unless it has ended; it lands all the same.
    pub(crate) fn cancel(&self, id: FlightId) {
        self.shared.flights.cancel(id);
    }

    /// Gives `inbox` a number.
    pub(crate) fn open_inbox(&self, inbox: Weak<dyn Inbox>) -> io::Result<u32> {
        self.shared.inboxes.open(inbox)
    }

    /// Has the packets of `file` go to inbox `number`, for good.
    pub(crate) fn associate(&self, file: BorrowedHandle<'_>, number: u32) -> io::Result<()> {
        self.shared.port.associate(file, Key::Own(number))
    }

    /// Has the packets of `socket` go to inbox `number`, for good.
    pub(crate) fn associate_socket(&self, socket: BorrowedSocket<'_>, number: u32) -> io::Result<()> {
        let socket = ptr::without_provenance_mut(socket.as_raw_socket() as usize);
        // SAFETY: a socket is a handle to the kernel, and it is open because it is borrowed.
        let file = unsafe { BorrowedHandle::borrow_raw(socket) };
        self.associate(file, number)
    }

    /// Forgets inbox `number`.
    pub(crate) fn close_inbox(&self, number: u32) {
        self.shared.inboxes.close(number);
    }

    /// How many places for operations there are, and how many of them are free.
    #[cfg(test)]
    pub(crate) fn flights(&self) -> (usize, usize) {
        self.shared.flights.places()
    }
}
