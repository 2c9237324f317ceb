//! Control messages of a kernel, and bytes of nobody.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::{prop_assert, prop_assert_eq, proptest};

use super::{ALIGNMENT, Control, ControlBuffer, Controls, HEADER, LEN_AT, LEN_BYTES, put, space};
use crate::sys::messages::fuzz;

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
        for controls in [Controls::new(&bytes), Controls::clipped(&bytes)] {
            let mut end = 0;
            for control in controls {
                let at = place(&bytes, control.data);
                prop_assert!(at >= end + HEADER, "a message that begins in another");
                end = at + control.data.len();
                prop_assert!(end <= bytes.len());
                prop_assert_eq!(control.ints().count(), control.data.len() / 4);
            }
        }
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
        prop_assert_eq!(&read, &expected);
        // Cut anywhere, what is whole is read and the rest is not, or as far as it is there.
        let bytes = buffer.messages();
        for cut in 0..=bytes.len() {
            let (mut at, mut whole, mut clipped) = (0, Vec::new(), Vec::new());
            for control in &expected {
                let data = cut.checked_sub(at + HEADER).map(|left| &control.data[..left.min(control.data.len())]);
                clipped.extend(data.map(|data| Control { data, ..*control }));
                whole.extend(data.filter(|data| *data == control.data).map(|_| *control));
                at += space(control.data.len());
            }
            prop_assert_eq!(Controls::new(&bytes[..cut]).collect::<Vec<_>>(), whole, "cut at {}", cut);
            prop_assert_eq!(Controls::clipped(&bytes[..cut]).collect::<Vec<_>>(), clipped, "cut at {}", cut);
        }
    }
}

#[test]
fn fuzz_the_reader_of_messages() {
    let mut buffer = ControlBuffer::<512>::EMPTY;
    for len in [0, 1, 4, 12, 20, 33] {
        buffer.push(len, 7, &vec![0x5a; len as usize]);
    }
    let whole = buffer.messages();
    fuzz::inputs(&[&whole[..space(0)], &whole[..space(0) + space(1)], whole], |bytes| {
        for controls in [Controls::new(bytes), Controls::clipped(bytes)] {
            let mut end = 0;
            for control in controls {
                let at = place(bytes, control.data);
                assert!(at >= end + HEADER, "a message that begins in another");
                end = at + control.data.len();
                assert!(end <= bytes.len(), "a message that ends beyond the last byte");
                let _ = (control.int(), control.byte(), control.ints().count());
            }
        }
    });
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
fn a_part_of_a_number_at_the_end_is_none() {
    let data = [7_i32.to_ne_bytes(), (-1_i32).to_ne_bytes(), 9_i32.to_ne_bytes()].concat();
    let ints = |data| Control { level: 1, kind: 2, data }.ints().collect::<Vec<_>>();
    assert_eq!(ints(&data), [7, -1, 9]);
    assert_eq!(ints(&data[..11]), [7, -1]);
    assert_eq!(ints(&data[..3]), [0; 0]);
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
