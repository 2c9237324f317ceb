//! Faults that mio has or had: each has a test that fails where it is present.

use std::io;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::harness::skips::is_skipped;
use crate::harness::system::stream_pair;
use crate::harness::{
    PATIENCE, SILENCE, assert_would_block, expect_events, expect_no_events, expect_one_event, poll_during,
    poll_once, poll_with_events, tokens,
};
use crate::net_harness::{connected_udp_pair, is_refusal, udp_socket};
use crate::subject;

const SOURCE: Token = Token(1);
const WAKE: Token = Token(2);

/// A Poll with `count` sockets that are ready, polled once.
fn ready_sockets(count: usize, capacity: usize) -> (Poll, Events, Vec<UdpSocket>) {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(capacity);
    let mut sockets: Vec<UdpSocket> = (0..count).map(|_| udp_socket().0).collect();
    for (number, socket) in sockets.iter_mut().enumerate() {
        poll.registry().register(socket, Token(number), Interest::WRITABLE).unwrap();
    }
    poll_once(&mut poll, &mut events, PATIENCE);
    (poll, events, sockets)
}

// mio #1990: the size hint ignores how far the iterator has come.
#[test]
fn the_size_hint_of_an_iterator_counts_what_is_left() {
    let (_poll, events, _sockets) = ready_sockets(4, 16);
    let mut iter = events.iter();
    for left in (0..4).rev() {
        iter.next().unwrap();
        assert_eq!(iter.size_hint(), (left, Some(left)));
    }
    assert!(iter.next().is_none());
    assert_eq!(iter.size_hint(), (0, Some(0)));
}

// mio #1990: so does `count`.
#[test]
fn the_count_of_an_iterator_counts_what_is_left() {
    let (_poll, events, _sockets) = ready_sockets(4, 16);
    let mut iter = events.iter();
    iter.next().unwrap();
    assert_eq!(iter.clone().count(), 3);
    iter.nth(2).unwrap();
    assert_eq!(iter.count(), 0);
}

// A failed `register` overwrites the note of the Poll that has the source.
#[test]
fn a_failed_second_register_leaves_the_first() {
    let (mut one, mut events) = poll_with_events();
    let two = subject::new_poll().unwrap();
    let (mut socket, _) = udp_socket();
    one.registry().register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    if two.registry().register(&mut socket, WAKE, Interest::READABLE).is_err() {
        // Release builds of mio allow it; debug builds refuse.
        one.registry().reregister(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
        expect_one_event(&mut one, &mut events, SOURCE);
    }
    one.registry().deregister(&mut socket).unwrap();
}

// A failed `deregister` from another Poll erases that note.
#[test]
fn a_failed_deregister_leaves_the_registration() {
    let (mut one, mut events) = poll_with_events();
    let two = subject::new_poll().unwrap();
    let (mut socket, _) = udp_socket();
    one.registry().register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    two.registry().deregister(&mut socket).unwrap_err();
    one.registry().reregister(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
    expect_one_event(&mut one, &mut events, SOURCE);
    one.registry().deregister(&mut socket).unwrap();
}

// mio #1614 made it zero; since then it is rounded up to a millisecond.
#[test]
fn a_timeout_of_a_microsecond_takes_less_than_a_millisecond() {
    if is_skipped("mio_faults::a_timeout_of_a_microsecond_takes_less_than_a_millisecond") {
        return;
    }
    let (mut poll, mut events) = poll_with_events();
    let quickest = (0..50)
        .map(|_| {
            let begin = Instant::now();
            poll.poll(&mut events, Some(Duration::from_micros(1))).unwrap();
            begin.elapsed()
        })
        .min()
        .unwrap();
    assert!(quickest >= Duration::from_micros(1), "early: {quickest:?}");
    assert!(quickest < Duration::from_millis(1), "{quickest:?}");
}

// mio #1614: a timeout below a millisecond became zero, and the loop spun.
#[test]
fn a_timeout_below_a_millisecond_does_not_become_zero() {
    let (mut poll, mut events) = poll_with_events();
    for _ in 0..5 {
        let begin = Instant::now();
        poll.poll(&mut events, Some(Duration::from_micros(700))).unwrap();
        assert!(begin.elapsed() >= Duration::from_micros(700), "{:?}", begin.elapsed());
    }
}

/// Polls with a timeout that used to overflow; only the wake may end it.
fn assert_no_overflow(timeout: Duration) {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    let (elapsed, woken) = poll_during(&mut poll, &mut events, Some(timeout), || waker.wake());
    woken.unwrap();
    assert_eq!(tokens(&events), [2], "{timeout:?} ended after {elapsed:?}");
}

// mio #1948: more than 24.8 days became a negative number of milliseconds.
#[test]
fn a_timeout_beyond_24_8_days_does_not_overflow() {
    assert_no_overflow(Duration::from_millis(1 << 31));
    assert_no_overflow(Duration::from_secs(50 * 24 * 60 * 60));
    // 2^32 milliseconds and one: cut to 32 bits it would be one millisecond.
    assert_no_overflow(Duration::from_millis((1 << 32) + 1));
}

// mio #1657: rounding up `Duration::MAX` panicked.
#[test]
fn the_longest_duration_does_not_overflow() {
    assert_no_overflow(Duration::MAX);
    assert_no_overflow(Duration::MAX - Duration::from_nanos(999_999));
}

// mio closes the descriptor of the waker, and the wake goes with it.
#[test]
fn a_wake_is_delivered_although_its_waker_was_dropped() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    waker.wake().unwrap();
    drop(waker);
    poll_once(&mut poll, &mut events, SILENCE);
    assert_eq!(tokens(&events), [2]);
    expect_no_events(&mut poll, &mut events);
}

// mio #1874, poll(2): a registration empties the pipe and erases a pending wake.
#[test]
fn a_wake_before_a_registration_is_not_lost() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    let (mut socket, _) = udp_socket();
    waker.wake().unwrap();
    poll.registry().register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, WAKE);
    waker.wake().unwrap();
    poll.registry().reregister(&mut socket, SOURCE, Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, WAKE);
    waker.wake().unwrap();
    poll.registry().deregister(&mut socket).unwrap();
    expect_one_event(&mut poll, &mut events, WAKE);
}

// mio #1874, poll(2): the same with a thread for each, and a loop that polls.
#[test]
fn no_wake_is_lost_while_another_thread_registers() {
    const ROUNDS: usize = 2_000;
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    let registry = poll.registry().try_clone().unwrap();
    let (mut socket, _) = udp_socket();
    // Nothing may come after the wake of a round that would end the sleep for it.
    let (start, mut lost) = (Barrier::new(3), false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..ROUNDS {
                start.wait();
                registry.register(&mut socket, SOURCE, Interest::READABLE).unwrap();
                registry.deregister(&mut socket).unwrap();
            }
        });
        scope.spawn(|| {
            for _ in 0..ROUNDS {
                start.wait();
                waker.wake().unwrap();
            }
        });
        for _ in 0..ROUNDS {
            start.wait();
            // After the first loss the other threads are only let go.
            if !lost {
                poll_once(&mut poll, &mut events, PATIENCE);
                lost = !events.iter().any(|event| event.token() == WAKE);
            }
        }
    });
    assert!(!lost, "a wake was lost");
}

// mio #2012, poll(2): a source that hung up is no longer known.
#[test]
fn a_source_that_hung_up_can_be_reregistered_and_deregistered() {
    let (mut poll, mut events) = poll_with_events();
    let (mut receiver, sender) = stream_pair();
    poll.registry().register(&mut receiver, SOURCE, Interest::READABLE).unwrap();
    drop(sender);
    expect_events(&mut poll, &mut events, &[(SOURCE, Event::is_read_closed)]);
    poll.registry().reregister(&mut receiver, WAKE, Interest::READABLE).unwrap();
    expect_events(&mut poll, &mut events, &[(WAKE, Event::is_read_closed)]);
    poll.registry().deregister(&mut receiver).unwrap();
    expect_no_events(&mut poll, &mut events);
}

// mio #2012, poll(2): after an error event `WouldBlock` becomes `NotFound`.
#[test]
fn would_block_stays_would_block_after_an_error_event() {
    if is_skipped("mio_faults::would_block_stays_would_block_after_an_error_event") {
        return;
    }
    let (mut poll, mut events) = poll_with_events();
    let (mut socket, peer) = connected_udp_pair();
    drop(peer);
    poll.registry().register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    socket.send(b"to nobody").unwrap();
    expect_events(&mut poll, &mut events, &[(SOURCE, is_refusal)]);
    let error = socket.recv(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    assert_would_block(socket.recv(&mut [0; 8]));
}

// mio, poll(2): as many events as there are, whatever the capacity.
#[test]
fn a_poll_reports_no_more_events_than_the_capacity() {
    for capacity in [1, 2, 5] {
        let (mut poll, mut events, sockets) = ready_sockets(8, capacity);
        let mut seen = 0;
        while !events.is_empty() {
            assert!(events.iter().count() <= capacity, "{events:?}");
            assert_eq!(events.capacity(), capacity);
            seen += events.iter().count();
            poll_once(&mut poll, &mut events, SILENCE);
        }
        assert_eq!(seen, sockets.len());
    }
}

// mio #909: wakes fill what holds them.
#[test]
fn a_hundred_thousand_wakes_without_a_poll_are_one_event() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    for _ in 0..100_000 {
        waker.wake().unwrap();
    }
    expect_one_event(&mut poll, &mut events, WAKE);
    expect_no_events(&mut poll, &mut events);
}
