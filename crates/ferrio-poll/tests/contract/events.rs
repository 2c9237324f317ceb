//! `Events`, its iterator, and `Event`.

use std::mem::size_of;

use mio::event::Event;
use mio::{Events, Interest, Poll, Token};

use crate::harness::facts::readable_flag;
use crate::harness::system::Counter;
use crate::harness::{PATIENCE, poll_once, poll_with_events, tokens};

/// A Poll and its three events, with tokens 1, 2 and 3.
fn three_events() -> (Poll, Events, Vec<Counter>) {
    let (mut poll, mut events) = poll_with_events();
    let mut counters: Vec<_> = (0..3).map(|_| Counter::new()).collect();
    for (counter, number) in counters.iter_mut().zip(1..) {
        counter.add();
        poll.registry().register(counter, Token(number), Interest::READABLE).unwrap();
    }
    poll_once(&mut poll, &mut events, PATIENCE);
    assert_eq!(tokens(&events), [1, 2, 3]);
    (poll, events, counters)
}

#[test]
fn events_have_the_capacity_they_were_made_with() {
    for capacity in [1, 2, 16, 1024] {
        assert_eq!(Events::with_capacity(capacity).capacity(), capacity);
    }
}

#[test]
fn new_events_are_empty() {
    let events = Events::with_capacity(8);
    assert!(events.is_empty());
    assert_eq!(events.iter().next().map(Event::token), None);
    assert_eq!(format!("{events:?}"), "[]");
}

#[test]
fn polls_and_clear_leave_the_capacity() {
    let (_poll, mut events, _fds) = three_events();
    assert_eq!(events.capacity(), 16);
    events.clear();
    assert_eq!(events.capacity(), 16);
}

#[test]
fn clear_leaves_nothing() {
    let (_poll, mut events, _fds) = three_events();
    assert!(!events.is_empty());
    events.clear();
    assert!(events.is_empty());
    assert_eq!(events.iter().count(), 0);
}

#[test]
fn clearing_loses_no_later_event() {
    let (mut poll, mut events, _fds) = three_events();
    events.clear();
    let mut counter = Counter::new();
    poll.registry().register(&mut counter, Token(9), Interest::READABLE).unwrap();
    counter.add();
    poll_once(&mut poll, &mut events, PATIENCE);
    assert_eq!(tokens(&events), [9]);
}

#[test]
fn events_are_iterated_as_often_as_wanted_in_the_same_order() {
    let (_poll, events, _fds) = three_events();
    let first: Vec<Token> = events.iter().map(Event::token).collect();
    let mut second = Vec::new();
    for event in &events {
        second.push(event.token());
    }
    assert_eq!(first, second);
    assert_eq!(first.len(), 3);
}

#[test]
fn a_fresh_iterator_knows_its_size() {
    let (_poll, events, _fds) = three_events();
    assert_eq!(events.iter().size_hint(), (3, Some(3)));
    assert_eq!(events.iter().count(), 3);
}

#[test]
fn an_iterator_at_its_end_stays_there() {
    let (_poll, events, _fds) = three_events();
    let mut iter = events.iter();
    assert_eq!(iter.by_ref().map(Event::token).last(), events.iter().map(Event::token).nth(2));
    assert!(iter.next().is_none());
    assert!(iter.next().is_none());
}

#[test]
fn a_cloned_iterator_goes_on_from_the_same_place() {
    let (_poll, events, _fds) = three_events();
    let mut iter = events.iter();
    iter.next().unwrap();
    let clone = iter.clone();
    let rest: Vec<Token> = iter.map(Event::token).collect();
    assert_eq!(clone.map(Event::token).collect::<Vec<_>>(), rest);
    assert_eq!(rest.len(), 2);
}

#[test]
fn the_debug_text_of_an_iterator_lists_its_events() {
    let (_poll, events, _fds) = three_events();
    let text = format!("{:?}", events.iter());
    for number in 1..=3 {
        assert!(text.contains(&format!("token: Token({number})")), "{text}");
    }
}

#[test]
fn the_debug_text_of_events_lists_each_event() {
    let (_poll, events, _fds) = three_events();
    let text = format!("{events:?}");
    assert!(text.starts_with('[') && text.ends_with(']'), "{text}");
    for number in 1..=3 {
        assert!(text.contains(&format!("token: Token({number})")), "{text}");
    }
}

#[test]
fn the_debug_text_of_an_event_holds_its_token_and_every_answer() {
    let (_poll, events, _fds) = three_events();
    let event = events.iter().find(|event| event.token() == Token(2)).unwrap();
    let text = format!("{event:?}");
    for part in ["Event", "token: Token(2)", "readable: true", "writable: false", "error: false"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    for name in ["read_closed", "write_closed", "priority", "aio", "lio"] {
        assert!(text.contains(&format!("{name}: false")), "{name} is missing in {text}");
    }
    assert!(!text.contains("details"), "{text}");
}

#[test]
fn the_alternate_debug_text_of_an_event_adds_the_flags_of_the_system() {
    let (_poll, events, _fds) = three_events();
    let text = format!("{:#?}", events.iter().next().unwrap());
    assert!(text.contains("readable: true"), "{text}");
    assert!(text.contains("details"), "{text}");
    assert!(text.contains(readable_flag()) || text.contains("READABLE"), "{text}");
}

#[test]
fn a_cloned_event_outlives_its_events() {
    let (_poll, mut events, _fds) = three_events();
    let event = events.iter().next().unwrap();
    let text = format!("{event:?}");
    let clone = event.clone();
    events.clear();
    drop(events);
    assert_eq!(format!("{clone:?}"), text);
    assert!(clone.is_readable());
}

#[test]
fn an_event_may_be_sent_to_and_shared_with_other_threads() {
    fn assert_send_and_sync<T: Send + Sync>() {}
    assert_send_and_sync::<Event>();
    assert_send_and_sync::<Events>();
    let (_poll, events, _fds) = three_events();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| tokens(&events));
        assert_eq!(other.join().unwrap(), [1, 2, 3]);
    });
}

#[test]
fn an_event_is_at_most_two_words() {
    assert!(size_of::<Event>() <= 2 * size_of::<u64>());
}
