//! Operations that are done at once by a system call that does not wait, on every driver.

use crate::core::Core;
use crate::op::perform::Shape;
use crate::op::request::Request;
use crate::sys::{self, Borrowed, Errno};

/// Does `request` if it is such an operation. On a ring shutdown(2) would be handed to a thread of
/// the kernel, and it does not wait.
pub(super) fn attempt(request: Request, fd: Borrowed<'_>) -> Option<i32> {
    let Request::Shutdown { how } = request else { return None };
    Some(code(sys::shutdown(fd, how).map(|()| 0)))
}

/// Whether `count` bytes in a buffer, of which a message has some before its data, are the end of
/// the receiver in the slot `index`: nothing came, and it is no empty datagram.
pub(super) fn is_end(core: &mut Core, index: u32, count: u32) -> bool {
    let slot = core.slab.at(index);
    let (entry, is_message) = (slot.entry, slot.shape == Shape::RecvMsgMany);
    let is_read_closed = slot.is_read_closed;
    let before = if is_message { core.layout(index).data_at() as u32 } else { 0 };
    if count > before {
        return false;
    }
    let place = core.table.at_mut(entry);
    // Where no bit says so alone, an event says it of errors as well.
    let is_over = is_read_closed && sys::read_hangup() != 0;
    // After a shutdown a datagram socket gives nothing without end.
    is_over || !place.is_datagrams() || sys::is_at_end(place.fd())
}

/// A result as a ring gives it.
pub(super) fn code(result: Result<u32, Errno>) -> i32 {
    match result {
        Ok(count) => count as i32,
        Err(errno) => sys::failure(errno),
    }
}
