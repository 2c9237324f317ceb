//! A signal is an event. Each test has a process of its own, for handlers are the
//! whole process's.

use std::io::{self, Write};
use std::process::{self, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use mio::signal::{self, Received, SIGCHLD, SIGINT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2, Signals};
use mio::unix::pipe;
use mio::{Events, Interest, Mode, Poll, Token};
use rustix::process::{Signal, getpid, getuid, kill_process};
use signal_hook::low_level::raise;

use crate::harness::unix::open_handles;
use crate::harness::{
    PATIENCE, assert_kind, expect_no_events, expect_one_event, in_own_process, poll_once, poll_with_events,
    tokens,
};

pub(crate) const SIGNALS: Token = Token(11);

pub(crate) fn setup(signals: impl IntoIterator<Item = i32>) -> (Poll, Events, Signals) {
    setup_with(signals, Mode::Edge)
}

fn setup_with(signals: impl IntoIterator<Item = i32>, mode: Mode) -> (Poll, Events, Signals) {
    let (poll, events) = poll_with_events();
    let mut signals = Signals::new(signals).unwrap();
    poll.registry().register_with(&mut signals, SIGNALS, Interest::READABLE, mode).unwrap();
    (poll, events, signals)
}

/// Sends a signal to this process, whichever thread may handle it.
pub(crate) fn send(signal: Signal) {
    kill_process(getpid(), signal).unwrap();
}

/// Everything there is.
pub(crate) fn take_all(signals: &mut Signals) -> Vec<Received> {
    std::iter::from_fn(|| signals.take()).collect()
}

pub(crate) fn numbers(received: &[Received]) -> Vec<i32> {
    received.iter().map(Received::signal).collect()
}

/// Waits for the event and takes what it is about.
pub(crate) fn expect(poll: &mut Poll, events: &mut Events, signals: &mut Signals) -> Vec<i32> {
    let event = expect_one_event(poll, events, SIGNALS);
    assert!(event.is_readable(), "{event:?}");
    numbers(&take_all(signals))
}

/// The first of the real-time signals, and the one after it.
pub(crate) fn real_time() -> (i32, i32) {
    let first = *signal::real_time().start();
    assert!(signal::real_time().contains(&(first + 1)));
    (first, first + 1)
}

#[test]
fn a_signal_wakes_a_poll_that_sleeps_and_names_its_sender() {
    in_own_process("beyond::signals::a_signal_wakes_a_poll_that_sleeps_and_names_its_sender", || {
        let (mut poll, mut events, mut signals) = setup([SIGUSR1]);
        expect_no_events(&mut poll, &mut events);
        for _ in 0..3 {
            let sending = thread::spawn(|| {
                thread::sleep(Duration::from_millis(30));
                send(Signal::USR1);
            });
            // The wait is interrupted, goes on, and finds the event.
            assert_eq!(poll.wait(&mut events, None).unwrap(), 1);
            assert_eq!(events[0].token(), SIGNALS);
            let received = signals.take().unwrap();
            assert_eq!(received.signal(), SIGUSR1);
            let sender = received.origin().unwrap();
            assert_eq!((sender.pid, sender.uid), (process::id(), getuid().as_raw()));
            assert_eq!(signals.take(), None);
            sending.join().unwrap();
        }
    });
}

#[test]
fn a_signal_that_another_thread_handles_wakes_the_poll() {
    in_own_process("beyond::signals::a_signal_that_another_thread_handles_wakes_the_poll", || {
        let (mut poll, mut events, mut signals) = setup([SIGUSR1]);
        thread::scope(|scope| {
            let raising = scope.spawn(|| {
                thread::sleep(Duration::from_millis(30));
                // To the thread that calls it, so that the sleeper is not interrupted.
                raise(SIGUSR1).unwrap();
            });
            poll.poll(&mut events, None).unwrap();
            raising.join().unwrap();
        });
        assert_eq!(events[0].token(), SIGNALS);
        let received = signals.take().unwrap();
        assert_eq!(received.origin().map(|origin| origin.pid), Some(process::id()));
    });
}

#[test]
fn signals_from_before_the_registration_are_reported_by_it() {
    in_own_process("beyond::signals::signals_from_before_the_registration_are_reported_by_it", || {
        let (mut poll, mut events) = poll_with_events();
        let mut signals = Signals::new([SIGUSR1, SIGUSR2]).unwrap();
        raise(SIGUSR2).unwrap();
        raise(SIGUSR1).unwrap();
        poll.registry().register(&mut signals, SIGNALS, Interest::READABLE).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGUSR2, SIGUSR1]);
        expect_no_events(&mut poll, &mut events);

        poll.registry().deregister(&mut signals).unwrap();
        raise(SIGUSR1).unwrap();
        expect_no_events(&mut poll, &mut events);
        poll.registry().register(&mut signals, Token(12), Interest::READABLE).unwrap();
        expect_one_event(&mut poll, &mut events, Token(12));
        assert_eq!(numbers(&take_all(&mut signals)), [SIGUSR1]);
    });
}

#[test]
fn the_sender_of_sigchld_is_the_child() {
    in_own_process("beyond::signals::the_sender_of_sigchld_is_the_child", || {
        let (mut poll, mut events, mut signals) = setup([SIGCHLD]);
        let mut child = Command::new("sh").args(["-c", "exit 3"]).spawn().unwrap();
        expect_one_event(&mut poll, &mut events, SIGNALS);
        let received = signals.take().unwrap();
        assert_eq!(received.signal(), SIGCHLD);
        assert_eq!(received.origin().map(|origin| origin.pid), Some(child.id()));
        assert_eq!(child.wait().unwrap().code(), Some(3));
    });
}

#[test]
fn each_of_two_sources_hears_a_signal_that_both_collect() {
    in_own_process("beyond::signals::each_of_two_sources_hears_a_signal_that_both_collect", || {
        let (mut poll, mut events, mut one) = setup([SIGUSR1, SIGUSR2]);
        let mut other = Signals::new([SIGUSR1]).unwrap();
        poll.registry().register(&mut other, Token(1), Interest::READABLE).unwrap();
        raise(SIGUSR1).unwrap();
        poll_once(&mut poll, &mut events, PATIENCE);
        assert_eq!(tokens(&events), [1, SIGNALS.0]);
        assert_eq!(numbers(&take_all(&mut one)), [SIGUSR1]);
        assert_eq!(numbers(&take_all(&mut other)), [SIGUSR1]);
        raise(SIGUSR2).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut one), [SIGUSR2]);
        drop(other);
        raise(SIGUSR1).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut one), [SIGUSR1]);
    });
}

#[test]
fn a_dropped_source_is_silent_and_its_signal_does_nothing() {
    in_own_process("beyond::signals::a_dropped_source_is_silent_and_its_signal_does_nothing", || {
        let (mut poll, mut events, signals) = setup([SIGTERM]);
        drop(signals);
        // It would end this process if the default action had come back.
        raise(SIGTERM).unwrap();
        expect_no_events(&mut poll, &mut events);
        // And a new one hears of it again.
        let mut signals = Signals::new([SIGTERM]).unwrap();
        poll.registry().register(&mut signals, SIGNALS, Interest::READABLE).unwrap();
        raise(SIGTERM).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGTERM]);
    });
}

#[test]
fn a_source_may_be_dropped_while_its_signals_arrive() {
    in_own_process("beyond::signals::a_source_may_be_dropped_while_its_signals_arrive", || {
        let (mut poll, mut events) = poll_with_events();
        let keeper = Signals::new([SIGUSR1]).unwrap();
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    raise(SIGUSR1).unwrap();
                }
            });
            for _ in 0..200 {
                let mut signals = Signals::new([SIGUSR1]).unwrap();
                poll.registry().register(&mut signals, SIGNALS, Interest::READABLE).unwrap();
                assert_eq!(poll.wait(&mut events, Some(PATIENCE)).unwrap(), 1);
                assert_eq!(signals.take().map(|received| received.signal()), Some(SIGUSR1));
            }
            is_over.store(true, Ordering::Relaxed);
        });
        drop(keeper);
        expect_no_events(&mut poll, &mut events);
    });
}

#[test]
fn a_signal_is_added_and_removed_while_others_stay() {
    in_own_process("beyond::signals::a_signal_is_added_and_removed_while_others_stay", || {
        let (mut poll, mut events, mut signals) = setup([SIGUSR1]);
        signals.add(SIGUSR2).unwrap();
        // Twice is as good as once.
        signals.add(SIGUSR2).unwrap();
        raise(SIGUSR2).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGUSR2]);
        raise(SIGUSR2).unwrap();
        signals.remove(SIGUSR2).unwrap();
        raise(SIGUSR2).unwrap();
        raise(SIGUSR1).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGUSR2, SIGUSR1]);
        let error = signals.remove(SIGUSR2).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains("SIGUSR2"), "{error}");
        assert_eq!(format!("{signals:?}"), format!("Signals(signal {SIGUSR1} (SIGUSR1))"));
    });
}

#[test]
fn with_levels_a_signal_is_an_event_until_all_are_taken() {
    in_own_process("beyond::signals::with_levels_a_signal_is_an_event_until_all_are_taken", || {
        let (mut poll, mut events, mut signals) = setup_with([SIGUSR1, SIGUSR2], Mode::Level);
        raise(SIGUSR1).unwrap();
        raise(SIGUSR2).unwrap();
        for _ in 0..2 {
            expect_one_event(&mut poll, &mut events, SIGNALS);
            assert!(signals.take().is_some());
        }
        assert_eq!(signals.take(), None);
        expect_no_events(&mut poll, &mut events);
    });
}

#[test]
fn a_oneshot_signal_is_one_event_until_it_is_registered_anew() {
    in_own_process("beyond::signals::a_oneshot_signal_is_one_event_until_it_is_registered_anew", || {
        let (mut poll, mut events, mut signals) = setup_with([SIGUSR1], Mode::Oneshot);
        raise(SIGUSR1).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGUSR1]);
        raise(SIGUSR1).unwrap();
        expect_no_events(&mut poll, &mut events);
        let registry = poll.registry();
        registry.reregister_with(&mut signals, SIGNALS, Interest::READABLE, Mode::Oneshot).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGUSR1]);
    });
}

#[test]
fn handlers_of_others_are_shared() {
    in_own_process("beyond::signals::handlers_of_others_are_shared", || {
        let [before, after] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        signal_hook::flag::register(SIGUSR1, Arc::clone(&before)).unwrap();
        let (mut poll, mut events, mut signals) = setup([SIGUSR1]);
        let theirs = signal_hook::flag::register(SIGUSR1, Arc::clone(&after)).unwrap();
        raise(SIGUSR1).unwrap();
        assert!(before.load(Ordering::Relaxed) && after.load(Ordering::Relaxed));
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGUSR1]);
        signal_hook::low_level::unregister(theirs);
        raise(SIGUSR1).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGUSR1]);
        before.store(false, Ordering::Relaxed);
        drop(signals);
        raise(SIGUSR1).unwrap();
        assert!(before.load(Ordering::Relaxed));
    });
}

#[test]
fn ctrl_c_is_heard_and_a_broken_pipe_may_be() {
    in_own_process("beyond::signals::ctrl_c_is_heard_and_a_broken_pipe_may_be", || {
        let (mut poll, mut events) = poll_with_events();
        let mut ctrl_c = signal::ctrl_c().unwrap();
        poll.registry().register(&mut ctrl_c, SIGNALS, Interest::READABLE).unwrap();
        send(Signal::INT);
        assert_eq!(expect(&mut poll, &mut events, &mut ctrl_c), [SIGINT]);
        let mut signals = Signals::new([SIGPIPE]).unwrap();
        poll.registry().register(&mut signals, Token(1), Interest::READABLE).unwrap();
        let (mut sender, receiver) = pipe::new().unwrap();
        drop(receiver);
        assert_kind(sender.write(b"x"), io::ErrorKind::BrokenPipe);
        expect_one_event(&mut poll, &mut events, Token(1));
        assert_eq!(numbers(&take_all(&mut signals)), [SIGPIPE]);
    });
}

#[test]
fn what_cannot_be_collected_is_refused_by_number_name_and_reason() {
    in_own_process("beyond::signals::what_cannot_be_collected_is_refused_by_number_name_and_reason", || {
        let (mut poll, mut events, mut signals) = setup([SIGUSR1]);
        let of_the_library = real_time().0 - 1;
        for (signal, texts) in [
            (0, ["signal 0", "count from 1"]),
            (-1, ["signal -1", "count from 1"]),
            (i32::MIN, ["signal -2147483648", "count from 1"]),
            (65, ["signal 65", "no such signal"]),
            (i32::MAX, ["signal 2147483647", "no such signal"]),
            (libc::SIGKILL, ["SIGKILL", "no process can catch"]),
            (libc::SIGSTOP, ["SIGSTOP", "no process can catch"]),
            (libc::SIGSEGV, ["SIGSEGV", "fault of this process"]),
            (libc::SIGILL, ["SIGILL", "fault of this process"]),
            (libc::SIGFPE, ["SIGFPE", "fault of this process"]),
            (libc::SIGBUS, ["SIGBUS", "fault of this process"]),
            (libc::SIGABRT, ["SIGABRT", "fault of this process"]),
            (of_the_library, ["C library", "signal::real_time"]),
        ] {
            for error in [signals.add(signal).unwrap_err(), Signals::new([SIGUSR2, signal]).unwrap_err()] {
                assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
                let text = error.to_string();
                assert!(text.contains(&signal.to_string()), "{text}");
                assert!(texts.iter().all(|part| text.contains(part)), "{text}");
            }
        }
        raise(SIGUSR1).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGUSR1]);
    });
}

#[test]
fn signals_stay_with_their_poll_and_are_readable_only() {
    in_own_process("beyond::signals::signals_stay_with_their_poll_and_are_readable_only", || {
        let (poll, _, mut signals) = setup([SIGUSR1]);
        let (other, _) = poll_with_events();
        let registry = poll.registry();
        assert_kind(
            registry.register(&mut signals, SIGNALS, Interest::READABLE),
            io::ErrorKind::AlreadyExists,
        );
        assert_kind(
            registry.reregister(&mut signals, SIGNALS, Interest::WRITABLE),
            io::ErrorKind::Unsupported,
        );
        assert_kind(other.registry().deregister(&mut signals), io::ErrorKind::NotFound);
        registry.deregister(&mut signals).unwrap();
        assert_kind(registry.deregister(&mut signals), io::ErrorKind::NotFound);
        let elsewhere = other.registry().register(&mut signals, SIGNALS, Interest::READABLE);
        assert_kind(elsewhere, io::ErrorKind::InvalidInput);
    });
}

#[test]
fn signals_have_no_descriptor_and_may_go_to_another_thread() {
    in_own_process("beyond::signals::signals_have_no_descriptor_and_may_go_to_another_thread", || {
        fn shared<T: Send + Sync>(_: &T) {}
        let (poll, _, signals) = setup([SIGUSR1]);
        shared(&signals);
        let before = open_handles();
        for _ in 0..1000 {
            let mut more = Signals::new([SIGUSR1, SIGUSR2]).unwrap();
            poll.registry().register(&mut more, SIGNALS, Interest::READABLE).unwrap();
            raise(SIGUSR2).unwrap();
        }
        assert_eq!(open_handles(), before);
    });
}
