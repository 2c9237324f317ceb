//! Lists of events that know their length.

use mio::{Events, Poll, Token, Waker};

use crate::harness::{PATIENCE, poll_once};
use crate::subject;

fn three_events() -> (Poll, Events, Vec<Waker>) {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(8);
    let wakers: Vec<_> = (0..3).map(|n| Waker::new(poll.registry(), Token(n)).unwrap()).collect();
    wakers.iter().for_each(|waker| waker.wake().unwrap());
    poll_once(&mut poll, &mut events, PATIENCE);
    (poll, events, wakers)
}

#[test]
fn a_list_has_a_length_and_an_index() {
    let (_poll, mut events, _wakers) = three_events();
    assert_eq!(events.len(), 3);
    assert_eq!(events[1].token(), Token(1));
    events.clear();
    assert_eq!(events.len(), 0);
}

#[test]
#[should_panic(expected = "index out of bounds")]
fn an_index_beyond_the_events_panics_though_there_is_room() {
    let (_poll, events, _wakers) = three_events();
    let _ = &events[3];
}

#[test]
fn an_iterator_knows_what_is_left() {
    let (_poll, events, _wakers) = three_events();
    let mut iter = events.iter();
    for left in (0..3).rev() {
        iter.next().unwrap();
        assert_eq!(iter.len(), left);
        assert_eq!(iter.size_hint(), (left, Some(left)));
        assert_eq!(iter.clone().count(), left);
    }
    assert!(iter.next().is_none());
    assert!(iter.next().is_none(), "fused");
}

#[test]
fn an_iterator_skips_and_shows_what_is_left() {
    let (_poll, events, _wakers) = three_events();
    let mut iter = events.iter();
    assert_eq!(iter.nth(1).unwrap().token(), Token(1));
    let text = format!("{iter:?}");
    assert!(text.contains("Token(2)") && !text.contains("Token(0)"), "{text}");
}

#[test]
fn the_counters_of_a_poll_count() {
    let (poll, events, _wakers) = three_events();
    let stats = poll.stats();
    assert_eq!(stats.events, events.len() as u64);
    assert!(stats.polls >= 1);
    assert_eq!(stats.wakes, 3);
}
