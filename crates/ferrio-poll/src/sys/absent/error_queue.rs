//! Sockets have no error queue.

use std::io;

use crate::error::kernel;
use crate::sys::handle::Handle;
use crate::sys::queued::Entry;

/// Memory for nothing.
#[derive(Debug)]
pub(crate) struct Memory;

impl Memory {
    /// The same for each number of bytes.
    pub(crate) fn new(_: usize) -> Memory {
        Memory
    }

    /// There is none.
    pub(crate) fn receive(&mut self, _: Handle<'_>) -> io::Result<Entry<'_>> {
        Err(kernel::facility_absent("MSG_ERRQUEUE, the error queue of a socket,"))
    }
}
