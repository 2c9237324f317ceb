//! Control messages of recvmsg(2), read from their bytes.
//!
//! A buffer holds messages one after the other: a header with the length of header and data, a
//! level and a type; the data; and padding up to the next header.
#![allow(unsafe_code, reason = "the sizes of cmsg(3) are unsafe functions of the bindings")]

use std::mem::offset_of;

use libc::cmsghdr;

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    pub(super) level: i32,
    pub(super) kind: i32,
    /// Cut at the end of the buffer if the message claims more.
    pub(super) data: &'a [u8],
}

/// The messages in a buffer, whatever its bytes are: it ends at the first header that cannot be.
#[derive(Clone, Debug)]
pub(super) struct Messages<'a> {
    rest: &'a [u8],
}

impl<'a> Messages<'a> {
    pub(super) fn new(buffer: &'a [u8]) -> Messages<'a> {
        Messages { rest: buffer }
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    fn next(&mut self) -> Option<Message<'a>> {
        let len = length(self.rest)?.min(self.rest.len());
        let data = self.rest.get(HEADER..len)?;
        let level = integer(self.rest, offset_of!(cmsghdr, cmsg_level))?;
        let kind = integer(self.rest, offset_of!(cmsghdr, cmsg_type))?;
        self.rest = self.rest.get(len.next_multiple_of(ALIGNMENT)..).unwrap_or_default();
        Some(Message { level, kind, data })
    }
}

/// The integers in the data of a message; a part of one at the end is none.
pub(super) fn integers(data: &[u8]) -> impl Iterator<Item = i32> {
    data.chunks_exact(size_of::<i32>()).filter_map(|bytes| integer(bytes, 0))
}

fn integer(bytes: &[u8], at: usize) -> Option<i32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(i32::from_ne_bytes(*bytes))
}

/// The length that the first header in `bytes` claims.
fn length(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.get(offset_of!(cmsghdr, cmsg_len)..offset_of!(cmsghdr, cmsg_level))?;
    // A `size_t` or a `socklen_t`; the padding that some C libraries declare is a part of it.
    match bytes.first_chunk::<{ size_of::<usize>() }>() {
        Some(bytes) => Some(usize::from_ne_bytes(*bytes)),
        None => usize::try_from(u32::from_ne_bytes(*bytes.first_chunk()?)).ok(),
    }
}

/// The bytes of a message with so many bytes of data, without the padding after it.
pub(super) const fn len(data: usize) -> usize {
    // SAFETY: it is arithmetic alone, unsafe only as the bindings are generated.
    unsafe { libc::CMSG_LEN(data as libc::c_uint) as usize }
}

/// The bytes of a message with so many bytes of data, with the padding after it.
pub(super) const fn space(data: usize) -> usize {
    // SAFETY: it is arithmetic alone, unsafe only as the bindings are generated.
    unsafe { libc::CMSG_SPACE(data as libc::c_uint) as usize }
}

/// Where the data of a message begins.
const HEADER: usize = len(0);

/// What the beginning of a message is a multiple of.
pub(super) const ALIGNMENT: usize = space(1) - space(0);

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use proptest::prelude::{any, prop};
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    /// The bytes of a message, with the padding after it.
    fn bytes(level: i32, kind: i32, data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; space(data.len())];
        let at = offset_of!(cmsghdr, cmsg_len);
        let size = (offset_of!(cmsghdr, cmsg_level) - at).min(size_of::<usize>());
        bytes[at..at + size].copy_from_slice(&len(data.len()).to_ne_bytes()[..size]);
        for (at, value) in [(offset_of!(cmsghdr, cmsg_level), level), (offset_of!(cmsghdr, cmsg_type), kind)]
        {
            bytes[at..at + 4].copy_from_slice(&value.to_ne_bytes());
        }
        bytes[HEADER..HEADER + data.len()].copy_from_slice(data);
        bytes
    }

    #[test]
    fn a_message_that_is_cut_gives_the_data_that_is_there() {
        let whole = bytes(1, 2, &[7; 8]);
        let message = |buffer| Messages::new(buffer).next();
        assert_eq!(message(&whole).unwrap().data, [7; 8]);
        assert_eq!(message(&whole[..HEADER + 5]).unwrap().data, [7; 5]);
        assert_eq!(message(&whole[..HEADER]).unwrap().data, []);
        assert_eq!(message(&whole[..HEADER - 1]), None);
        assert_eq!(
            integers(&[1, 0, 0, 0, 9]).map(i32::from_be).map(i32::from_be).collect::<Vec<_>>(),
            [i32::from_ne_bytes([1, 0, 0, 0])]
        );
    }

    #[test]
    fn a_length_below_that_of_a_header_ends_the_messages() {
        let mut buffer = [bytes(1, 2, b"first"), bytes(3, 4, b"second")].concat();
        let at = space(5) + offset_of!(cmsghdr, cmsg_len);
        buffer[at..at + 4].fill(0);
        assert_eq!(Messages::new(&buffer).map(|message| message.data).collect::<Vec<_>>(), [b"first"]);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(
            messages in prop::collection::vec((any::<i32>(), any::<i32>(), prop::collection::vec(any::<u8>(), 0..40)), 0..6)
        ) {
            let buffer: Vec<u8> = messages.iter().flat_map(|(level, kind, data)| bytes(*level, *kind, data)).collect();
            let read: Vec<_> = Messages::new(&buffer).map(|m| (m.level, m.kind, m.data.to_vec())).collect();
            prop_assert_eq!(read, messages);
        }

        #[test]
        fn any_bytes_end_and_no_message_has_more_than_there_is(
            start in prop::collection::vec(any::<u8>(), 0..200),
            lengths in prop::collection::vec((0_usize..200, 0_usize..80), 0..4),
        ) {
            let mut buffer = start;
            // Lengths that could be meant, for random ones are nearly always too large.
            for (at, value) in lengths {
                let at = at.next_multiple_of(ALIGNMENT) + offset_of!(cmsghdr, cmsg_len);
                if let Some(field) = buffer.get_mut(at..at + size_of::<u32>()) {
                    field.copy_from_slice(&u32::try_from(value).unwrap().to_ne_bytes());
                }
            }
            let mut total = 0;
            for message in Messages::new(&buffer) {
                total += HEADER + message.data.len();
                prop_assert!(integers(message.data).count() == message.data.len() / 4);
            }
            prop_assert!(total <= buffer.len());
        }
    }
}
