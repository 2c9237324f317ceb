//! What becomes of many signals at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use mio::signal::{self, SIGHUP, SIGTERM, SIGUSR1};
use rustix::process::Signal;
use signal_hook::low_level::raise;

use crate::beyond::signals::{SIGNALS, expect, numbers, real_time, send, setup, take_all};
use crate::harness::skips::is_skipped;
use crate::harness::{PATIENCE, SILENCE, expect_no_events, expect_one_event, in_own_process, poll_once};

/// How many signals are kept as they are until somebody takes them.
const ROOM: usize = 64;

#[test]
fn a_burst_of_one_standard_signal_is_at_least_one() {
    in_own_process("beyond::signal_bursts::a_burst_of_one_standard_signal_is_at_least_one", || {
        const BURST: usize = 10_000;
        let (mut poll, mut events, mut signals) = setup([SIGUSR1]);
        for _ in 0..BURST {
            // Handled before it returns.
            raise(SIGUSR1).unwrap();
        }
        let received = expect(&mut poll, &mut events, &mut signals);
        // What found no place is one more, by its number.
        assert_eq!(received, [SIGUSR1; ROOM + 1]);

        // These are handled by any thread, also while others of them are taken.
        for _ in 0..BURST {
            send(Signal::USR1);
        }
        let (mut count, deadline) = (0, Instant::now() + PATIENCE);
        loop {
            poll_once(&mut poll, &mut events, SILENCE);
            if events.is_empty() {
                break;
            }
            count += take_all(&mut signals).len();
            assert!(Instant::now() < deadline, "events without an end");
        }
        assert!((1..=BURST).contains(&count), "{count}");
        send(Signal::USR1);
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGUSR1]);
    });
}

#[test]
fn real_time_signals_are_counted_and_keep_their_order() {
    in_own_process("beyond::signal_bursts::real_time_signals_are_counted_and_keep_their_order", || {
        let (first, second) = real_time();
        let (mut poll, mut events, mut signals) = setup([first, second]);
        let mut sent = Vec::new();
        for number in 0..ROOM {
            sent.push(if number % 3 == 0 { second } else { first });
            raise(sent[number]).unwrap();
        }
        expect_one_event(&mut poll, &mut events, SIGNALS);
        let received = take_all(&mut signals);
        assert_eq!(numbers(&received), sent);
        assert!(received.iter().all(|received| received.origin().is_some()));
        expect_no_events(&mut poll, &mut events);
    });
}

#[test]
fn a_flood_of_one_signal_hides_no_other() {
    if is_skipped("beyond::signal_bursts::a_flood_of_one_signal_hides_no_other") {
        return;
    }
    in_own_process("beyond::signal_bursts::a_flood_of_one_signal_hides_no_other", || {
        let (first, second) = real_time();
        let last = *signal::real_time().end();
        let (mut poll, mut events, mut signals) = setup([first, second, last, SIGTERM, SIGHUP]);
        for _ in 0..200 {
            raise(first).unwrap();
        }
        for signal in [SIGTERM, last, second, SIGHUP] {
            raise(signal).unwrap();
        }
        expect_one_event(&mut poll, &mut events, SIGNALS);
        let received = take_all(&mut signals);
        let (kept, beyond) = received.split_at(ROOM);
        assert!(kept.iter().all(|received| received.signal() == first && received.origin().is_some()));
        let mut expected = [first, second, last, SIGTERM, SIGHUP];
        expected.sort_unstable();
        assert_eq!(numbers(beyond), expected);
        assert!(beyond.iter().all(|received| received.origin().is_none()));
        // There is room again.
        raise(second).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [second]);
    });
}

#[test]
fn threads_that_raise_signals_while_they_are_taken_lose_none() {
    in_own_process(
        "beyond::signal_bursts::threads_that_raise_signals_while_they_are_taken_lose_none",
        || {
            // At most 40 wait to be taken, so that each has a place.
            const GROUP: usize = 20;
            const GROUPS: usize = 100;
            let (first, second) = real_time();
            let (mut poll, mut events, mut signals) = setup([first, second, SIGTERM]);
            let taken = [AtomicUsize::new(0), AtomicUsize::new(0)];
            thread::scope(|scope| {
                let taken = &taken;
                let raising = [(first, 0), (second, 1)].map(|(signal, index)| {
                    scope.spawn(move || {
                        for group in 1..=GROUPS {
                            (0..GROUP).for_each(|_| raise(signal).unwrap());
                            let deadline = Instant::now() + PATIENCE;
                            while taken[index].load(Ordering::Acquire) < group * GROUP {
                                assert!(Instant::now() < deadline, "one of group {group} is lost");
                                thread::yield_now();
                            }
                        }
                    })
                });
                scope.spawn(move || {
                    raising.into_iter().for_each(|thread| thread.join().unwrap());
                    raise(SIGTERM).unwrap();
                });
                let mut is_over = false;
                while !is_over {
                    assert!(poll.wait(&mut events, Some(PATIENCE)).unwrap() > 0, "an event is lost");
                    for received in take_all(&mut signals) {
                        is_over |= received.signal() == SIGTERM;
                        for (signal, count) in [first, second].iter().zip(taken) {
                            count.fetch_add(usize::from(received.signal() == *signal), Ordering::AcqRel);
                        }
                    }
                }
            });
            assert_eq!(taken.map(AtomicUsize::into_inner), [GROUP * GROUPS; 2]);
        },
    );
}
