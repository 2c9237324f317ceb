//! Control messages of a kernel, and bytes of nobody.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::{prop_assert, prop_assert_eq, proptest};

use super::{ALIGNMENT, Control, ControlBuffer, Controls, HEADER, LEN_AT, LEN_BYTES, put};

/// Where `part` lies in `whole`.
fn place(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

/// Bytes that look like control messages: their lengths are small and near to the truth.
fn almost(mut bytes: Vec<u8>, lengths: &[(usize, u8)]) -> Vec<u8> {
    for &(at, len) in lengths {
        let at = if bytes.is_empty() { continue } else { at % bytes.len() };
        let at = at / ALIGNMENT * ALIGNMENT + LEN_AT;
        if at + LEN_BYTES <= bytes.len() {
            match LEN_BYTES {
                4 => put(&mut bytes, at, &u32::from(len).to_ne_bytes()),
                _ => put(&mut bytes, at, &u64::from(len).to_ne_bytes()),
            }
        }
    }
    bytes
}

proptest! {
    #[test]
    fn whatever_the_bytes_say_each_message_lies_within_them_and_after_the_one_before(
        bytes in vec(any::<u8>(), 0..300), lengths in vec((any::<usize>(), any::<u8>()), 0..12),
    ) {
        let bytes = almost(bytes, &lengths);
        let mut end = 0;
        for control in Controls::new(&bytes) {
            let at = place(&bytes, control.data);
            prop_assert!(at >= end + HEADER, "a message that begins in another");
            end = at + control.data.len();
            prop_assert!(end <= bytes.len());
            let _ = (control.int(), control.byte());
        }
        prop_assert!(Controls::new(&bytes).count() <= bytes.len() / HEADER);
    }

    #[test]
    fn what_was_written_is_read(messages in vec((any::<i32>(), any::<i32>(), vec(any::<u8>(), 0..40)), 0..5)) {
        let mut buffer = ControlBuffer::<512>::EMPTY;
        for (level, kind, data) in &messages {
            buffer.push(*level, *kind, data);
        }
        let read: Vec<_> = Controls::new(buffer.messages()).collect();
        let expected: Vec<_> =
            messages.iter().map(|(level, kind, data)| Control { level: *level, kind: *kind, data }).collect();
        prop_assert_eq!(read, expected);
        // Cut anywhere, what is whole is read and the rest is not.
        for cut in 0..buffer.messages().len() {
            let whole = Controls::new(&buffer.messages()[..cut]).count();
            prop_assert!(whole <= messages.len());
        }
    }
}

#[test]
fn a_length_of_nothing_and_one_of_everything_end_the_walk() {
    for len in [0_u64, 1, HEADER as u64 - 1, 65, u32::MAX.into(), u64::MAX] {
        let mut bytes = vec![1; 64];
        match LEN_BYTES {
            4 => put(&mut bytes, LEN_AT, &(len as u32).to_ne_bytes()),
            _ => put(&mut bytes, LEN_AT, &len.to_ne_bytes()),
        }
        assert_eq!(Controls::new(&bytes).next(), None, "{len}");
    }
}

#[test]
fn a_message_without_data_is_a_message() {
    let mut buffer = ControlBuffer::<64>::EMPTY;
    buffer.push(1, 2, &[]);
    assert_eq!(Controls::new(buffer.messages()).next(), Some(Control { level: 1, kind: 2, data: &[] }));
    assert_eq!(buffer.read(HEADER).count(), 1);
    buffer.clear();
    assert!(buffer.messages().is_empty() && buffer.room().len() == 64);
}
