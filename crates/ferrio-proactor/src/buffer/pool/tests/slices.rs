use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::{Just, Strategy};
use proptest::{prop_assert_eq, proptest};

use super::{chunk, collect};
use crate::buffer::pool::Pool;

#[test]
fn a_clone_and_a_slice_keep_the_buffer() {
    let mut pool = Pool::new(1, 16).unwrap();
    let whole = chunk(&mut pool, b"hello, world");
    let (world, clone) = (whole.slice(7..), whole.clone());
    let or = world.slice(1..=2);
    drop(whole);
    drop(world);
    assert_eq!(collect(&mut pool), []);
    assert_eq!((&*or, &*clone), (&b"or"[..], &b"hello, world"[..]));
    assert_eq!(format!("{or:?}"), "b\"or\"");
    drop(clone);
    assert_eq!(collect(&mut pool), []);
    drop(or);
    assert_eq!(collect(&mut pool), [0]);
}

proptest! {
    #[test]
    fn a_slice_is_as_that_of_an_array((len, ranges) in ranges()) {
        let mut pool = Pool::new(1, 64).unwrap();
        let bytes: Vec<u8> = (0..len as u8).collect();
        let mut slice = chunk(&mut pool, &bytes);
        let mut expected = &bytes[..];
        for range in ranges {
            let result = catch_unwind(AssertUnwindSafe(|| slice.slice(range.clone())));
            match expected.get(range) {
                Some(inner) => (slice, expected) = (result.unwrap(), inner),
                // A slice that does not exist changes nothing.
                None => assert!(result.is_err()),
            }
            prop_assert_eq!(&*slice, expected);
        }
        drop(slice);
        prop_assert_eq!(collect(&mut pool), [0]);
    }
}

/// The length of a chunk, and ranges that may or may not lie in it.
fn ranges() -> impl Strategy<Value = (usize, Vec<Range<usize>>)> {
    (0..=64_usize).prop_flat_map(|len| {
        let bound = 0..=len + 2;
        let range = (bound.clone(), bound).prop_map(|(start, end)| start..end);
        (Just(len), proptest::collection::vec(range, 0..6))
    })
}

#[test]
fn the_limits_of_a_range_do_not_overflow() {
    let mut pool = Pool::new(1, 8).unwrap();
    let chunk = chunk(&mut pool, b"abcdefgh");
    let all = usize::MAX;
    for range in [0..=all, all..=all] {
        assert!(catch_unwind(AssertUnwindSafe(|| chunk.slice(range))).is_err());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| chunk.slice(all..))).is_err());
    assert_eq!(chunk.slice(..), *b"abcdefgh");
    assert_eq!(chunk.slice(8..), *b"");
}
