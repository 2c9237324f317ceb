//! `Waker`: one per Poll, as in mio.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::harness::{
    PATIENCE, expect_events, expect_no_events, expect_one_event, expect_tokens, poll_during, poll_once,
    poll_with_events, tokens,
};
use crate::net_harness::udp_socket;
use crate::subject;

const WAKE: Token = Token(10);
const SOURCE: Token = Token(11);

/// A Poll, its events and its waker.
fn poll_with_waker() -> (Poll, Events, Waker) {
    let (poll, events) = poll_with_events();
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    (poll, events, waker)
}

#[test]
fn a_waker_may_be_sent_to_and_shared_with_other_threads() {
    fn assert_send_and_sync<T: Send + Sync>() {}
    assert_send_and_sync::<Waker>();
}

#[test]
fn the_debug_text_of_a_waker_names_it() {
    let (_poll, _events, waker) = poll_with_waker();
    assert!(format!("{waker:?}").contains("Waker"));
}

#[test]
fn a_waker_that_nobody_wakes_is_silent() {
    let (mut poll, mut events, _waker) = poll_with_waker();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_wake_is_one_readable_event_with_the_token() {
    let (mut poll, mut events, waker) = poll_with_waker();
    waker.wake().unwrap();
    let event = expect_one_event(&mut poll, &mut events, WAKE);
    assert!(event.is_readable(), "{event:?}");
    assert!(!event.is_writable() && !event.is_error() && !event.is_priority(), "{event:?}");
    assert!(!event.is_read_closed() && !event.is_write_closed(), "{event:?}");
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn five_wakes_are_one_event() {
    let (mut poll, mut events, waker) = poll_with_waker();
    for _ in 0..5 {
        waker.wake().unwrap();
    }
    expect_one_event(&mut poll, &mut events, WAKE);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn each_wake_after_a_poll_is_a_new_event() {
    let (mut poll, mut events, waker) = poll_with_waker();
    for _ in 0..100 {
        waker.wake().unwrap();
        expect_one_event(&mut poll, &mut events, WAKE);
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_wake_before_the_poll_is_not_lost() {
    let (mut poll, mut events, waker) = poll_with_waker();
    waker.wake().unwrap();
    poll.poll(&mut events, None).unwrap();
    assert_eq!(tokens(&events), [10]);
}

#[test]
fn a_wake_before_the_poll_is_seen_with_a_zero_timeout() {
    let (mut poll, mut events, waker) = poll_with_waker();
    waker.wake().unwrap();
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    assert_eq!(tokens(&events), [10]);
}

#[test]
fn a_wake_in_another_thread_before_the_poll_is_not_lost() {
    let (mut poll, mut events, waker) = poll_with_waker();
    let waker = thread::spawn(move || waker.wake().map(|()| waker)).join().unwrap().unwrap();
    expect_one_event(&mut poll, &mut events, WAKE);
    drop(waker);
}

#[test]
fn a_wake_ends_the_sleep_of_another_thread() {
    let (mut poll, mut events, waker) = poll_with_waker();
    for _ in 0..3 {
        let (elapsed, woken) = poll_during(&mut poll, &mut events, None, || waker.wake());
        woken.unwrap();
        assert_eq!(tokens(&events), [10]);
        assert!(elapsed < PATIENCE);
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_waker_made_while_the_loop_sleeps_ends_the_sleep() {
    let (mut poll, mut events) = poll_with_events();
    let registry = poll.registry().try_clone().unwrap();
    let (elapsed, waker) = poll_during(&mut poll, &mut events, Some(PATIENCE), || {
        let waker = Waker::new(&registry, WAKE).unwrap();
        waker.wake().unwrap();
        waker
    });
    assert_eq!(tokens(&events), [10]);
    assert!(elapsed < PATIENCE, "heard only after {elapsed:?}");
    drop(waker);
}

#[test]
fn a_waker_made_through_a_cloned_registry_wakes_the_poll() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(&poll.registry().try_clone().unwrap(), WAKE).unwrap();
    waker.wake().unwrap();
    expect_one_event(&mut poll, &mut events, WAKE);
}

#[test]
fn wakes_of_two_threads_at_separate_times_are_two_events() {
    let (mut poll, mut events, waker) = poll_with_waker();
    let waker = Arc::new(waker);
    for _ in 0..2 {
        let other = Arc::clone(&waker);
        let thread = thread::spawn(move || other.wake());
        expect_one_event(&mut poll, &mut events, WAKE);
        thread.join().unwrap().unwrap();
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn wakes_of_many_threads_before_the_poll_are_one_event() {
    let (mut poll, mut events, waker) = poll_with_waker();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| waker.wake().unwrap());
        }
    });
    expect_one_event(&mut poll, &mut events, WAKE);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_wake_and_an_event_of_the_kernel_come_together() {
    let (mut poll, mut events, waker) = poll_with_waker();
    let (mut socket, _) = udp_socket();
    poll.registry().register(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
    waker.wake().unwrap();
    expect_events(&mut poll, &mut events, &[(WAKE, Event::is_readable), (SOURCE, Event::is_writable)]);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn at_capacity_1_neither_the_wake_nor_the_event_of_the_kernel_is_lost() {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(1);
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    let (mut socket, _) = udp_socket();
    poll.registry().register(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
    for _ in 0..20 {
        waker.wake().unwrap();
        expect_tokens(&mut poll, &mut events, &[10, 11]);
        poll.registry().reregister(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
    }
}

#[test]
fn a_loop_that_always_wakes_itself_still_hears_the_kernel_at_capacity_1() {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(1);
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    let (mut socket, _) = udp_socket();
    poll.registry().register(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
    let heard = (0..50).any(|_| {
        waker.wake().unwrap();
        poll_once(&mut poll, &mut events, PATIENCE);
        tokens(&events) == [11]
    });
    assert!(heard, "50 polls without the socket");
}

#[test]
fn a_loop_that_is_always_ready_still_hears_its_waker_at_capacity_1() {
    let mut poll = subject::new_poll().unwrap();
    let mut events = Events::with_capacity(1);
    let waker = Waker::new(poll.registry(), WAKE).unwrap();
    let (mut socket, _) = udp_socket();
    poll.registry().register(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
    waker.wake().unwrap();
    let heard = (0..50).any(|_| {
        poll.registry().reregister(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
        poll_once(&mut poll, &mut events, PATIENCE);
        tokens(&events) == [10]
    });
    assert!(heard, "50 polls without the wake");
}

#[test]
fn a_waker_may_have_any_token() {
    let on_the_heap = Box::new(1_u8);
    let pointer = std::ptr::from_ref(&*on_the_heap).addr();
    for number in [0, 1, usize::MAX, usize::MAX - 1, 1 << (usize::BITS - 1), pointer] {
        let (mut poll, mut events) = poll_with_events();
        let waker = Waker::new(poll.registry(), Token(number)).unwrap();
        waker.wake().unwrap();
        expect_one_event(&mut poll, &mut events, Token(number));
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn a_source_may_have_the_token_of_the_waker() {
    let (mut poll, mut events, waker) = poll_with_waker();
    let (mut socket, _) = udp_socket();
    poll.registry().register(&mut socket, WAKE, Interest::WRITABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, WAKE).is_writable());
    waker.wake().unwrap();
    assert!(expect_one_event(&mut poll, &mut events, WAKE).is_readable());
}

#[test]
fn waking_after_the_poll_is_gone_is_no_error() {
    let (poll, _events, waker) = poll_with_waker();
    waker.wake().unwrap();
    drop(poll);
    waker.wake().unwrap();
    waker.wake().unwrap();
}

#[test]
fn a_waker_dropped_without_a_wake_leaves_silence() {
    let (mut poll, mut events, waker) = poll_with_waker();
    drop(waker);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn storms_of_wakes_by_four_threads_lose_no_final_state() {
    const THREADS: usize = 4;
    const EACH: usize = 2_000;
    let (mut poll, mut events, waker) = poll_with_waker();
    let work = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    work.fetch_add(1, Ordering::Relaxed);
                    waker.wake().unwrap();
                }
            });
        }
        let deadline = Instant::now() + 2 * PATIENCE;
        let mut seen = 0;
        while seen < THREADS * EACH {
            poll.poll(&mut events, Some(PATIENCE)).unwrap();
            assert!(!events.is_empty(), "a wake was lost at {seen}");
            assert!(Instant::now() < deadline, "too slow, at {seen}");
            seen = work.load(Ordering::Relaxed);
        }
    });
    assert_eq!(work.load(Ordering::Relaxed), THREADS * EACH);
}

#[test]
fn a_ping_pong_of_two_loops_loses_no_wake() {
    let (mut left, mut left_events, to_left) = poll_with_waker();
    let (mut right, mut right_events, to_right) = poll_with_waker();
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..1_000 {
                expect_one_event(&mut right, &mut right_events, WAKE);
                to_left.wake().unwrap();
            }
        });
        for _ in 0..1_000 {
            to_right.wake().unwrap();
            expect_one_event(&mut left, &mut left_events, WAKE);
        }
    });
}

/// mio allows one waker per Poll; only its debug builds say so.
#[cfg(debug_assertions)]
#[test]
fn a_second_waker_panics_in_mio_and_works_in_ferrio() {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    let (mut poll, mut events, first) = poll_with_waker();
    for registry in [poll.registry(), &poll.registry().try_clone().unwrap()] {
        let second = catch_unwind(AssertUnwindSafe(|| Waker::new(registry, SOURCE)));
        if subject::IS_FERRIO {
            drop(second.unwrap().unwrap());
        } else {
            let panic = second.unwrap_err();
            let text = panic.downcast_ref::<&str>().map(|text| String::from(*text));
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap();
            assert!(text.contains("Only a single `Waker` can be active per `Poll` instance"), "{text}");
        }
    }
    first.wake().unwrap();
    expect_one_event(&mut poll, &mut events, WAKE);
}
