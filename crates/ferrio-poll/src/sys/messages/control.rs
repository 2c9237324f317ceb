//! Control messages (cmsg(3)) as plain bytes: a strict reader and a writer.
//!
//! The reader believes nothing that the bytes say. It ends at the first message whose
//! length is too small for its own header or leads past the end, and never reads outside the
//! slice that it was given, which Rust's own checks see to: the C macros, which walk by
//! pointers, are not used for that. Where the kernel says that it has cut the messages, the last
//! one may claim more than there is, and [`Controls::clipped`] gives the part that is there: it
//! may hold descriptors, which somebody has to close.

use std::mem::size_of;

use crate::sys::message_layout::{
    CONTROL_HEADER as HEADER, CONTROL_KIND_AT as KIND_AT, CONTROL_LEN_AT as LEN_AT,
    CONTROL_LEVEL_AT as LEVEL_AT,
};

pub(crate) use crate::sys::message_layout::CONTROL_ALIGNMENT as ALIGNMENT;

/// A control message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Control<'a> {
    /// The protocol.
    pub(crate) level: i32,
    /// What it is, in terms of the protocol.
    pub(crate) kind: i32,
    /// What it says.
    pub(crate) data: &'a [u8],
}

impl Control<'_> {
    /// Its first four bytes as a number.
    pub(crate) fn int(&self) -> Option<i32> {
        Some(i32::from_ne_bytes(bytes_at(self.data, 0)?))
    }

    /// Its data as numbers; a part of one at the end is none.
    pub(crate) fn ints(self) -> impl Iterator<Item = i32> {
        self.data
            .chunks_exact(size_of::<i32>())
            .filter_map(|bytes| bytes_at(bytes, 0).map(i32::from_ne_bytes))
    }

    /// A number that some systems write as one byte and others as four.
    pub(crate) fn byte(&self) -> Option<u8> {
        match *self.data {
            [byte] => Some(byte),
            _ => u8::try_from(self.int()?).ok(),
        }
    }
}

/// Reads the control messages in some bytes.
#[derive(Clone, Debug)]
pub(crate) struct Controls<'a> {
    /// What is left, which begins with a header.
    rest: &'a [u8],
    /// True if a message that leads past the end is given as far as it is there.
    clips: bool,
}

impl<'a> Controls<'a> {
    /// The messages in `bytes`, of which the kernel says that it wrote all of them.
    pub(crate) fn new(bytes: &'a [u8]) -> Controls<'a> {
        Controls { rest: bytes, clips: false }
    }

    /// The messages in `bytes`, of which the last one may have been cut at their end.
    pub(crate) fn clipped(bytes: &'a [u8]) -> Controls<'a> {
        Controls { rest: bytes, clips: true }
    }
}

impl<'a> Iterator for Controls<'a> {
    type Item = Control<'a>;

    fn next(&mut self) -> Option<Control<'a>> {
        let message = read(self.rest, self.clips);
        // A message may end with the buffer, without the padding.
        self.rest = match &message {
            Some((len, _)) => self.rest.get(len.next_multiple_of(ALIGNMENT)..).unwrap_or_default(),
            None => &[],
        };
        message.map(|(_, control)| control)
    }
}

/// The message at the front of `bytes` with its length, unless they are no message. If it `clips`,
/// one that leads past the end ends there.
fn read(bytes: &[u8], clips: bool) -> Option<(usize, Control<'_>)> {
    let len = match LEN_BYTES {
        4 => u32::from_ne_bytes(bytes_at(bytes, LEN_AT)?) as usize,
        _ => usize::try_from(u64::from_ne_bytes(bytes_at(bytes, LEN_AT)?)).ok()?,
    };
    let level = i32::from_ne_bytes(bytes_at(bytes, LEVEL_AT)?);
    let kind = i32::from_ne_bytes(bytes_at(bytes, KIND_AT)?);
    // One that is shorter than its header has no data: the range is none.
    let len = if clips { len.min(bytes.len()) } else { len };
    let data = bytes.get(HEADER..len)?;
    Some((len, Control { level, kind, data }))
}

/// Control messages to be sent, in memory that is aligned as the kernel asks.
#[derive(Clone, Debug)]
#[repr(C, align(8))]
pub(crate) struct ControlBuffer<const ROOM: usize> {
    bytes: [u8; ROOM],
    len: usize,
}

impl<const ROOM: usize> ControlBuffer<ROOM> {
    /// One without messages.
    pub(crate) const EMPTY: ControlBuffer<ROOM> = ControlBuffer { bytes: [0; ROOM], len: 0 };

    /// Takes all messages out.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Adds a message.
    ///
    /// # Panics
    ///
    /// If there is no room, which is a mistake in the size of the buffer.
    pub(crate) fn push(&mut self, level: i32, kind: i32, data: &[u8]) {
        let end = self.len + padded(data);
        write(&mut self.bytes[self.len..end], level, kind, data);
        self.len = end;
    }

    /// The messages that were added, one after the other.
    pub(crate) fn messages(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }

    /// All of its memory, for the kernel to write to.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// The messages in the first `len` bytes of its memory.
    pub(crate) fn read(&self, len: usize) -> Controls<'_> {
        Controls::new(&self.bytes[..len.min(ROOM)])
    }
}

/// The control messages of one message that is sent: room for all that can be asked for it.
pub(crate) type OutControl = ControlBuffer<128>;

/// The `N` bytes of `bytes` at `at`, if there are so many.
pub(crate) fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// Adds a message to those in `bytes`.
pub(crate) fn append(bytes: &mut Vec<u8>, level: i32, kind: i32, data: &[u8]) {
    let start = bytes.len();
    bytes.resize(start + padded(data), 0);
    write(&mut bytes[start..], level, kind, data);
}

/// How many bytes a message with `data` takes, with the padding after it.
fn padded(data: &[u8]) -> usize {
    (HEADER + data.len()).next_multiple_of(ALIGNMENT)
}

/// Writes a message to `place`, which is as long as it is.
fn write(place: &mut [u8], level: i32, kind: i32, data: &[u8]) {
    let len = HEADER + data.len();
    place.fill(0);
    // A length that is written in a wider field stands in its first or its last bytes, as
    // the order of bytes of this machine is.
    match LEN_BYTES {
        4 => put(place, LEN_AT, &(len as u32).to_ne_bytes()),
        _ => put(place, LEN_AT, &(len as u64).to_ne_bytes()),
    }
    put(place, LEVEL_AT, &level.to_ne_bytes());
    put(place, KIND_AT, &kind.to_ne_bytes());
    put(place, HEADER, data);
}

fn put(place: &mut [u8], at: usize, bytes: &[u8]) {
    place[at..at + bytes.len()].copy_from_slice(bytes);
}

/// The bytes of a message with so many bytes of data, without the padding after it.
pub(crate) const fn len(bytes: usize) -> usize {
    HEADER + bytes
}

/// The bytes of a message with so many bytes of data, with the padding after it.
pub(crate) const fn space(bytes: usize) -> usize {
    len(bytes).next_multiple_of(ALIGNMENT)
}

/// How many bytes the length has, with those that a C library keeps beside it because the kernel
/// has a wider number there.
const LEN_BYTES: usize = LEVEL_AT - LEN_AT;

#[cfg(all(test, not(ferrio_loom)))]
mod tests;
