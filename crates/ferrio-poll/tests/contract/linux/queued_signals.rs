//! Signals with a value, and the codes of how one was sent. Each test has a process of its own,
//! for handlers are the whole process's.

#![allow(unsafe_code, reason = "sigqueue(3), pthread_sigmask(3) and sigpending(2)")]

use std::collections::BTreeSet;
use std::mem::MaybeUninit;
use std::process;
use std::time::Instant;
use std::{ptr, thread};

use mio::signal::{self, Received, SIGUSR1};
use rustix::process::Signal;

use crate::beyond::signals::{SIGNALS, expect, real_time, send, setup, take_all};
use crate::harness::{PATIENCE, expect_one_event, in_own_process, poll_once};

/// Sends `signal` with `value` to this process, whichever thread may handle it.
fn queue(signal: i32, value: i32) {
    // A union in C: the value stands in its first bytes, in whatever order these count.
    let mut bytes = [0; size_of::<usize>()];
    bytes[..size_of::<i32>()].copy_from_slice(&value.to_ne_bytes());
    let value = libc::sigval { sival_ptr: ptr::without_provenance_mut(usize::from_ne_bytes(bytes)) };
    // SAFETY: it takes numbers.
    let result = unsafe { libc::sigqueue(process::id() as i32, signal, value) };
    assert_eq!(result, 0);
}

/// Leaves `signal` to the other threads of this process.
fn block(signal: i32) {
    let mut set = MaybeUninit::uninit();
    // SAFETY: it writes an empty set to the memory given.
    assert_eq!(unsafe { libc::sigemptyset(set.as_mut_ptr()) }, 0);
    // SAFETY: the call above has filled the set.
    assert_eq!(unsafe { libc::sigaddset(set.as_mut_ptr(), signal) }, 0);
    // SAFETY: it reads that set, and is given no memory for the former one.
    let result = unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), ptr::null_mut()) };
    assert_eq!(result, 0);
}

/// Whether `signal`, which this thread blocks, was sent to this process and no other thread has
/// begun to handle it. sigpending(2) tells only of signals that its caller blocks.
fn is_pending(signal: i32) -> bool {
    let mut pending = MaybeUninit::uninit();
    // SAFETY: it writes a set to the memory given.
    assert_eq!(unsafe { libc::sigpending(pending.as_mut_ptr()) }, 0);
    // SAFETY: the call above has filled the set.
    unsafe { libc::sigismember(pending.as_ptr(), signal) == 1 }
}

#[test]
fn a_queued_signal_brings_its_value() {
    in_own_process("linux::queued_signals::a_queued_signal_brings_its_value", || {
        let (first, _) = real_time();
        let (mut poll, mut events, mut signals) = setup([SIGUSR1, first]);
        for value in [0, 1, -1, i32::MAX, i32::MIN, 4711] {
            for number in [SIGUSR1, first] {
                queue(number, value);
                expect_one_event(&mut poll, &mut events, SIGNALS);
                let received = take_all(&mut signals);
                assert_eq!(received.len(), 1);
                assert_eq!(received[0].signal(), number);
                assert_eq!(received[0].code(), Some(libc::SI_QUEUE));
                assert_eq!((received[0].value(), received[0].status()), (Some(value), None));
                assert_eq!(received[0].origin().map(|origin| origin.pid), Some(process::id()));
            }
        }
    });
}

#[test]
fn each_queued_value_comes_once_and_what_found_no_room_has_none() {
    let test = "linux::queued_signals::each_queued_value_comes_once_and_what_found_no_room_has_none";
    in_own_process(test, || {
        let (first, _) = real_time();
        let (mut poll, mut events, mut signals) = setup([first]);
        // One thread alone handles them, the main thread of the test program.
        block(first);
        (0..70).for_each(|value| queue(first, value));
        let deadline = Instant::now() + PATIENCE;
        // What it handles after the first `take` has room again.
        while is_pending(first) {
            assert!(Instant::now() < deadline, "signal {first} stays pending");
            thread::yield_now();
        }
        expect_one_event(&mut poll, &mut events, SIGNALS);
        let mut received = take_all(&mut signals);
        while received.len() < 65 {
            assert!(Instant::now() < deadline, "only {received:?}");
            poll_once(&mut poll, &mut events, PATIENCE);
            received.extend(take_all(&mut signals));
        }
        let values: BTreeSet<_> = received.iter().filter_map(Received::value).collect();
        assert_eq!(values.len(), received.iter().filter(|received| received.value().is_some()).count());
        assert!(values.len() >= 64 && values.iter().all(|value| (0..70).contains(value)), "{values:?}");
        let bare = received.iter().find(|received| received.value().is_none()).unwrap();
        assert_eq!((bare.signal(), bare.code(), bare.status()), (first, None, None));
        assert_eq!(bare.origin(), None);
    });
}

#[test]
fn the_code_says_how_a_signal_was_sent() {
    in_own_process("linux::queued_signals::the_code_says_how_a_signal_was_sent", || {
        let (mut poll, mut events, mut signals) = setup([SIGUSR1]);
        signal::raise(SIGUSR1).unwrap();
        let received = signals.take().unwrap();
        assert_eq!((received.code(), received.value()), (Some(libc::SI_TKILL), None));
        assert!(expect(&mut poll, &mut events, &mut signals).is_empty());
        send(Signal::USR1);
        expect_one_event(&mut poll, &mut events, SIGNALS);
        let received = signals.take().unwrap();
        assert_eq!((received.code(), received.value()), (Some(libc::SI_USER), None));
        assert_eq!(received.status(), None);
    });
}
