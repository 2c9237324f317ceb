//! `Token`.

use std::collections::{BTreeSet, HashSet};
use std::mem::size_of;

use mio::{Interest, Token};

use crate::harness::{expect_one_event, poll_with_events};
use crate::net_harness::udp_socket;

#[test]
fn a_token_is_its_number() {
    assert_eq!(usize::from(Token(7)), 7);
    assert_eq!(Token(7).0, 7);
    assert_eq!(size_of::<Token>(), size_of::<usize>());
}

#[test]
fn the_debug_text_of_a_token_shows_its_number() {
    assert_eq!(format!("{:?}", Token(7)), "Token(7)");
}

#[test]
fn tokens_are_compared_ordered_and_hashed_as_their_numbers() {
    let copy = Token(2);
    assert_eq!(copy, Token(2));
    assert!(Token(1) < Token(2) && Token(usize::MAX) > Token(0));
    let numbers = [3, 1, 2, 1];
    assert_eq!(numbers.map(Token).iter().collect::<HashSet<_>>().len(), 3);
    let sorted: Vec<Token> = numbers.map(Token).into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    assert_eq!(sorted, [Token(1), Token(2), Token(3)]);
}

#[test]
fn every_bit_of_a_token_comes_back_in_its_event() {
    let (mut poll, mut events) = poll_with_events();
    let on_the_heap = Box::new(1_u8);
    let pointer = std::ptr::from_ref(&*on_the_heap).addr();
    let (mut socket, _) = udp_socket();
    poll.registry().register(&mut socket, Token(1), Interest::READABLE).unwrap();
    for number in [0, 1, usize::MAX, usize::MAX - 1, 1 << (usize::BITS - 1), u32::MAX as usize, pointer] {
        poll.registry().reregister(&mut socket, Token(number), Interest::WRITABLE).unwrap();
        expect_one_event(&mut poll, &mut events, Token(number));
    }
}
