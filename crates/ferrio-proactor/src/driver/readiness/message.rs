//! A datagram into a buffer of the pool, laid out as a ring lays it out.
#![allow(unsafe_code, reason = "a message is addresses for the kernel")]

use crate::op::datagram::{LENGTHS, Layout, NAME_ROOM};
use crate::sys::{self, Borrowed, Errno, Header, Slice};

/// Receives a datagram into the buffer of `len` bytes at `buffer`; how many of them are used.
///
/// # Safety
///
/// The buffer is the caller's, and `len` is enough for the layout.
pub(super) unsafe fn receive(
    fd: Borrowed<'_>,
    buffer: *mut u8,
    len: usize,
    layout: Layout,
) -> Result<u32, Errno> {
    let (control_at, data_at) = (layout.control_at(), layout.data_at());
    // The caller's buffer is longer than that.
    let [name, control, data] = [LENGTHS, control_at, data_at].map(|at| buffer.wrapping_add(at));
    let mut slices = [Slice::new(data, len - data_at)];
    let mut header = Header::new();
    header.set_name(name, NAME_ROOM);
    header.set_control(control, layout.control_room.into());
    header.set_slices(&mut slices);
    // SAFETY: all that the header points to is in the buffer, or on the stack.
    let count = unsafe { sys::receive_message(fd, &raw mut header, sys::RECEIVE_FLAGS) }?;
    let (name_len, control_len) = (header.name_len(), header.control_len());
    let lengths = [name_len as u32, control_len as u32, count, header.flags()];
    for (index, length) in lengths.into_iter().enumerate() {
        let at = buffer.wrapping_add(4 * index);
        // SAFETY: the lengths stand at the begin of the buffer, which is longer than that; the type
        // has no alignment to keep.
        unsafe { at.cast::<[u8; 4]>().write(length.to_ne_bytes()) };
    }
    // What lies between the parts is not written by the kernel, and is read with the whole.
    let gaps = [(LENGTHS + name_len, control_at), (control_at + control_len, data_at)];
    for (from, to) in gaps {
        if let Some(length) = to.checked_sub(from) {
            let at = buffer.wrapping_add(from);
            // SAFETY: the gap is within the buffer.
            unsafe { at.write_bytes(0, length) };
        }
    }
    Ok(data_at as u32 + count)
}
