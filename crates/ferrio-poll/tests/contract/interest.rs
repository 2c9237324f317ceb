//! `Interest`.

use std::mem::size_of;

use mio::Interest;

use crate::harness::BOTH;

/// What an interest answers: readable, writable, priority, aio, lio.
fn answers(interest: Interest) -> [bool; 5] {
    [
        interest.is_readable(),
        interest.is_writable(),
        interest.is_priority(),
        interest.is_aio(),
        interest.is_lio(),
    ]
}

#[test]
fn each_interest_is_itself_and_nothing_else() {
    assert_eq!(answers(Interest::READABLE), [true, false, false, false, false]);
    assert_eq!(answers(Interest::WRITABLE), [false, true, false, false, false]);
    assert_eq!(answers(Interest::PRIORITY), [false, false, true, false, false]);
}

#[test]
fn a_sum_is_each_of_its_parts() {
    assert_eq!(answers(BOTH), [true, true, false, false, false]);
    assert_eq!(answers(BOTH.add(Interest::PRIORITY)), [true, true, true, false, false]);
}

#[test]
fn add_and_or_are_the_same() {
    assert_eq!(Interest::READABLE | Interest::WRITABLE, BOTH);
    assert_eq!(Interest::READABLE.add(Interest::WRITABLE), Interest::WRITABLE.add(Interest::READABLE));
    let mut interest = Interest::READABLE;
    interest |= Interest::WRITABLE;
    assert_eq!(interest, BOTH);
}

#[test]
fn add_is_usable_in_a_constant() {
    const ALL: Interest = Interest::READABLE.add(Interest::WRITABLE).add(Interest::PRIORITY);
    const READS: bool = ALL.is_readable() && ALL.is_writable() && ALL.is_priority();
    assert_eq!(ALL, BOTH | Interest::PRIORITY);
    assert_eq!(READS, answers(ALL)[0]);
}

#[test]
fn adding_what_is_there_changes_nothing() {
    assert_eq!(BOTH | Interest::READABLE, BOTH);
    assert_eq!(Interest::READABLE.add(Interest::READABLE), Interest::READABLE);
}

#[test]
fn remove_leaves_the_rest() {
    assert_eq!(BOTH.remove(Interest::READABLE), Some(Interest::WRITABLE));
    assert_eq!(BOTH.remove(Interest::PRIORITY), Some(BOTH));
    assert_eq!((BOTH | Interest::PRIORITY).remove(BOTH), Some(Interest::PRIORITY));
}

#[test]
fn removing_everything_leaves_no_interest() {
    assert_eq!(BOTH.remove(BOTH), None);
    assert_eq!(Interest::READABLE.remove(Interest::READABLE), None);
    assert_eq!(Interest::READABLE.remove(BOTH), None);
}

#[test]
fn the_debug_text_lists_the_names() {
    assert_eq!(format!("{:?}", Interest::READABLE), "READABLE");
    assert_eq!(format!("{:?}", Interest::WRITABLE), "WRITABLE");
    assert_eq!(format!("{:?}", Interest::PRIORITY), "PRIORITY");
    assert_eq!(format!("{BOTH:?}"), "READABLE | WRITABLE");
    let all = BOTH | Interest::PRIORITY;
    assert_eq!(format!("{all:?}"), "READABLE | WRITABLE | PRIORITY");
}

#[test]
fn interests_are_compared_and_ordered() {
    let copy = BOTH;
    assert_eq!(copy, BOTH);
    assert_ne!(Interest::READABLE, Interest::WRITABLE);
    assert!(Interest::READABLE < Interest::WRITABLE && Interest::WRITABLE < BOTH);
    assert_eq!(BOTH.max(Interest::READABLE), BOTH);
}

#[test]
fn an_optional_interest_is_one_byte() {
    assert_eq!(size_of::<Interest>(), 1);
    assert_eq!(size_of::<Option<Interest>>(), 1);
}
