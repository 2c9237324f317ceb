use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{Slice, StableBuf, StableBufMut};

/// The bytes of a buffer before and after it was moved, which are the same ones.
fn read(buffer: impl StableBuf) -> Vec<u8> {
    let before = buffer.raw();
    let moved = Box::new(buffer);
    assert_eq!(moved.raw(), before);
    // SAFETY: the buffer lives, and promises that so many bytes can be read there.
    unsafe { std::slice::from_raw_parts(before.0, before.1) }.to_vec()
}

/// The buffer after `bytes` were received into it, while it was moved.
fn receive<B: StableBufMut>(mut buffer: B, bytes: &[u8]) -> B {
    let (start, len) = buffer.spare();
    let mut moved = Box::new(buffer);
    assert_eq!(moved.spare(), (start, len));
    let count = bytes.len().min(len);
    // SAFETY: the buffer lives, and promises that so many bytes can be written there.
    unsafe { start.copy_from_nonoverlapping(bytes.as_ptr(), count) };
    // SAFETY: they were just written.
    unsafe { moved.advance(count) };
    *moved
}

#[test]
fn the_bytes_stay_where_they_are() {
    assert_eq!(read(b"vector".to_vec()), b"vector");
    assert_eq!(read(Box::<[u8]>::from(*b"box")), b"box");
    assert_eq!(read("string".to_owned()), b"string");
    assert_eq!(read(&b"slice"[..]), b"slice");
    assert_eq!(read("text"), b"text");
    assert_eq!(read(Arc::<[u8]>::from(*b"shared")), b"shared");
    assert_eq!(read(Vec::new()), b"");
}

#[test]
fn what_is_received_goes_where_there_is_room() {
    let mut vector = Vec::with_capacity(8);
    vector.extend(b"ab");
    let vector = receive(vector, b"cdefghijkl");
    assert_eq!(vector[..8], *b"abcdefgh");
    assert_eq!(vector.len(), vector.capacity());
    assert_eq!(receive(Vec::new(), b"x"), b"");
    assert_eq!(*receive(Box::<[u8]>::from(*b"abcd"), b"xy"), *b"xycd");
}

#[test]
fn a_slice_is_a_part_and_gives_the_whole_back() {
    let mut slice = Slice::new(b"hello, world".to_vec(), 2..10);
    assert_eq!(read(slice.clone()), b"llo, wor");
    slice.skip(3);
    assert_eq!(slice.get_ref(), b"hello, world");
    assert_eq!(read(slice.clone()), b", wor");
    assert_eq!(read(Slice::new(slice.clone(), 2..4)), b"wo");
    slice.skip(5);
    assert_eq!(read(slice.clone()), b"");
    assert!(catch_unwind(AssertUnwindSafe(|| slice.clone().skip(1))).is_err());
    assert_eq!(slice.into_inner(), b"hello, world");
    assert_eq!(read(Slice::from("all")), b"all");
}

#[test]
#[allow(clippy::reversed_empty_ranges, reason = "that is what is refused")]
fn a_slice_outside_its_buffer_is_refused() {
    for range in [0..4, 4..4, 2..1] {
        assert!(catch_unwind(|| Slice::new("abc", range)).is_err());
    }
}

#[cfg(feature = "bytes")]
#[test]
fn bytes_are_buffers() {
    use bytes::{Bytes, BytesMut};

    assert_eq!(read(Bytes::from_static(b"static")), b"static");
    assert_eq!(read(Bytes::from(b"heap".to_vec()).slice(1..3)), b"ea");
    assert_eq!(read(BytesMut::from(&b"mutable"[..])), b"mutable");
    let mut buffer = BytesMut::with_capacity(16);
    buffer.extend_from_slice(b"ab");
    assert_eq!(receive(buffer, b"cd"), &b"abcd"[..]);
}
