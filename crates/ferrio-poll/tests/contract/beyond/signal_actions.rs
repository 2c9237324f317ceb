//! What happens when a signal arrives: handlers, the default action, or nothing. Each test has
//! a process of its own, for actions are the whole process's.

#![allow(unsafe_code, reason = "actions are read and set by sigaction(2)")]

use std::env;
use std::io;
use std::mem;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mio::signal::{self, SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGURG, SIGUSR1, Signals};

use crate::beyond::signals::{SIGNALS, expect, numbers, real_time, setup, take_all};
use crate::harness::{expect_no_events, expect_one_event, in_own_process, this_program};

/// The action of `signal`.
fn action(signal: i32) -> libc::sigaction {
    // SAFETY: all zeroes are a valid `sigaction`.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    // SAFETY: the first pointer may be null, and the second is to one of them.
    let result = unsafe { libc::sigaction(signal, ptr::null(), &mut action) };
    assert_eq!(result, 0);
    action
}

/// Changes the handler of `signal` alone. Some fields of the struct are private.
fn set_handler(signal: i32, handler: usize) {
    let mut changed = action(signal);
    changed.sa_sigaction = handler;
    set_action(signal, &changed);
}

fn set_action(signal: i32, action: &libc::sigaction) {
    // SAFETY: the action was read of the same signal, and its handler does nothing, or is none.
    let result = unsafe { libc::sigaction(signal, action, ptr::null_mut()) };
    assert_eq!(result, 0);
}

fn has_alternate_stack(signal: i32) -> bool {
    action(signal).sa_flags & libc::SA_ONSTACK != 0
}

/// How the test `test` ends in a process of its own, where it runs with this variable.
fn status_of(test: &str) -> ExitStatus {
    this_program().args([test, "--exact", "--test-threads=1"]).env(ENDS, "1").output().unwrap().status
}

const ENDS: &str = "FERRIO_CONTRACT_ENDS";

#[test]
fn handlers_run_on_the_alternate_stack_and_restart_calls() {
    in_own_process("beyond::signal_actions::handlers_run_on_the_alternate_stack_and_restart_calls", || {
        let (first, _) = real_time();
        let (mut poll, mut events, mut signals) = setup([SIGUSR1, first]);
        for signal in [SIGUSR1, first] {
            assert!(has_alternate_stack(signal));
            let flags = action(signal).sa_flags;
            assert_eq!(flags & libc::SA_RESTART, libc::SA_RESTART);
            assert_eq!(flags & libc::SA_SIGINFO, libc::SA_SIGINFO);
        }
        signal::raise(SIGUSR1).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGUSR1]);

        // The crate that installs them does not, so one that is there already gets the flag too.
        let count = Arc::new(AtomicUsize::new(0));
        signal_hook::flag::register_usize(SIGTERM, Arc::clone(&count), 1).unwrap();
        assert!(!has_alternate_stack(SIGTERM));
        signals.add(SIGTERM).unwrap();
        assert!(has_alternate_stack(SIGTERM));
        signal::raise(SIGTERM).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGTERM]);
        assert_eq!(count.load(Ordering::SeqCst), 1);
    });
}

/// Blocks or unblocks `signals` in this thread.
fn mask(how: libc::c_int, signals: impl IntoIterator<Item = i32>) {
    // SAFETY: all zeroes are a set of signals, whether or not an empty one.
    let mut set: libc::sigset_t = unsafe { mem::zeroed() };
    // SAFETY: it is given a set.
    unsafe { libc::sigemptyset(&mut set) };
    for signal in signals {
        // SAFETY: as above.
        unsafe { libc::sigaddset(&mut set, signal) };
    }
    // SAFETY: the second pointer may be null.
    let result = unsafe { libc::pthread_sigmask(how, &set, ptr::null_mut()) };
    assert_eq!(result, 0);
}

#[test]
fn signals_that_come_all_at_once_find_room_on_the_small_stack() {
    const TEST: &str = "beyond::signal_actions::signals_that_come_all_at_once_find_room_on_the_small_stack";
    in_own_process(TEST, || {
        // Without a mask, each handler would be interrupted by the next.
        let all: Vec<_> = signal::real_time().take(20).collect();
        let (mut poll, mut events, mut signals) = setup(all.iter().copied());
        for _ in 0..3 {
            mask(libc::SIG_BLOCK, all.iter().copied());
            all.iter().for_each(|number| signal::raise(*number).unwrap());
            mask(libc::SIG_UNBLOCK, all.iter().copied());
            assert_eq!(expect(&mut poll, &mut events, &mut signals), all);
        }
    });
}

#[test]
fn a_second_signal_ends_the_process_with_the_status_of_the_first_kind() {
    const TEST: &str =
        "beyond::signal_actions::a_second_signal_ends_the_process_with_the_status_of_the_first_kind";
    if env::var_os(ENDS).is_some() {
        let (mut poll, mut events, mut signals) = setup([SIGINT]);
        signal::raise(SIGINT).unwrap();
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGINT]);
        signal::restore_default(SIGINT).unwrap();
        signal::raise(SIGINT).unwrap();
        unreachable!("the signal has ended the process");
    }
    let status = status_of(TEST);
    assert_eq!((status.signal(), status.code()), (Some(SIGINT), None));
}

#[test]
fn a_restored_default_is_the_whole_processs_until_the_signal_is_collected_anew() {
    const TEST: &str =
        "beyond::signal_actions::a_restored_default_is_the_whole_processs_until_the_signal_is_collected_anew";
    in_own_process(TEST, || {
        // It is discarded by default.
        let (mut poll, mut events, mut signals) = setup([SIGURG]);
        let mut other = Signals::new([SIGURG]).unwrap();
        for round in 0..3 {
            signal::restore_default(SIGURG).unwrap();
            signal::restore_default(SIGURG).unwrap();
            assert_eq!(action(SIGURG).sa_sigaction, libc::SIG_DFL);
            signal::raise(SIGURG).unwrap();
            expect_no_events(&mut poll, &mut events);
            assert_eq!((signals.take(), other.take()), (None, None));

            // By the same source or by another one.
            if round == 1 {
                drop(Signals::new([SIGURG]).unwrap());
            } else {
                signals.add(SIGURG).unwrap();
            }
            assert!(has_alternate_stack(SIGURG));
            signal::raise(SIGURG).unwrap();
            assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGURG]);
            assert_eq!(numbers(&take_all(&mut other)), [SIGURG]);
        }
    });
}

#[test]
fn a_default_that_other_code_restored_ends_with_the_next_collection_too() {
    const TEST: &str =
        "beyond::signal_actions::a_default_that_other_code_restored_ends_with_the_next_collection_too";
    in_own_process(TEST, || {
        let (mut poll, mut events, mut signals) = setup([SIGURG]);
        for handler in [libc::SIG_DFL, libc::SIG_IGN] {
            set_handler(SIGURG, handler);
            signals.add(SIGURG).unwrap();
            signal::raise(SIGURG).unwrap();
            expect_one_event(&mut poll, &mut events, SIGNALS);
            assert_eq!(numbers(&take_all(&mut signals)), [SIGURG]);
        }
    });
}

#[test]
fn handlers_of_other_code_come_back_with_the_first_collection() {
    const TEST: &str = "beyond::signal_actions::handlers_of_other_code_come_back_with_the_first_collection";
    in_own_process(TEST, || {
        let count = Arc::new(AtomicUsize::new(0));
        signal_hook::flag::register_usize(SIGURG, Arc::clone(&count), 1).unwrap();
        signal::restore_default(SIGURG).unwrap();
        signal::raise(SIGURG).unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 0);
        let (mut poll, mut events, mut signals) = setup([SIGURG]);
        signal::raise(SIGURG).unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGURG]);
    });
}

extern "C" fn do_nothing(_: libc::c_int) {}

#[test]
fn a_handler_from_before_the_first_collection_does_not_take_its_place() {
    const TEST: &str =
        "beyond::signal_actions::a_handler_from_before_the_first_collection_does_not_take_its_place";
    in_own_process(TEST, || {
        let handler: extern "C" fn(libc::c_int) = do_nothing;
        set_handler(SIGURG, handler as usize);
        signal::restore_default(SIGURG).unwrap();
        let (mut poll, mut events, mut signals) = setup([SIGURG]);
        for _ in 0..2 {
            signal::raise(SIGURG).unwrap();
            assert_eq!(expect(&mut poll, &mut events, &mut signals), [SIGURG]);
            signal::restore_default(SIGURG).unwrap();
            signals.add(SIGURG).unwrap();
        }
    });
}

#[test]
fn a_handler_that_is_out_of_reach_is_an_error() {
    in_own_process("beyond::signal_actions::a_handler_that_is_out_of_reach_is_an_error", || {
        let count = Arc::new(AtomicUsize::new(0));
        let default = action(SIGURG);
        signal_hook::flag::register_usize(SIGURG, count, 1).unwrap();
        // Not by `restore_default`, which would have remembered the handler.
        set_action(SIGURG, &default);
        let error = Signals::new([SIGURG]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("restore_default"), "{error}");
    });
}

#[test]
fn a_handler_that_other_code_installs_later_stays_as_it_is() {
    in_own_process("beyond::signal_actions::a_handler_that_other_code_installs_later_stays_as_it_is", || {
        let mut signals = Signals::new([SIGURG]).unwrap();
        let mut other = action(SIGURG);
        other.sa_sigaction = do_nothing as *const () as usize;
        other.sa_flags = 0;
        set_action(SIGURG, &other);
        signals.add(SIGURG).unwrap();
        assert_eq!(action(SIGURG).sa_sigaction, other.sa_sigaction);
        assert!(!has_alternate_stack(SIGURG));
    });
}

#[test]
fn a_signal_that_was_ignored_at_the_start_is_told() {
    const TEST: &str = "beyond::signal_actions::a_signal_that_was_ignored_at_the_start_is_told";
    if env::var_os(ENDS).is_some() {
        assert!(signal::is_ignored(SIGHUP).unwrap());
        assert!(!signal::is_ignored(SIGTERM).unwrap());
        // std ignores it.
        assert!(signal::is_ignored(SIGPIPE).unwrap());
        let _signals = Signals::new([SIGHUP]).unwrap();
        assert!(!signal::is_ignored(SIGHUP).unwrap());
        signal::restore_default(SIGHUP).unwrap();
        assert!(!signal::is_ignored(SIGHUP).unwrap());
        return;
    }
    let program = this_program();
    let status = Command::new("sh")
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args())
        .args([TEST, "--exact", "--test-threads=1"])
        .env(ENDS, "1")
        .output()
        .unwrap()
        .status;
    assert!(status.success(), "{status}");
}

#[test]
fn what_is_no_signal_is_refused_by_its_number() {
    for number in [0, -1, i32::MIN, 32, 65, i32::MAX] {
        for result in
            [signal::raise(number), signal::restore_default(number), signal::is_ignored(number).map(drop)]
        {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
            assert!(error.to_string().contains(&format!("signal {number} ")), "{error}");
        }
    }
    // These have their default action always, and may be asked about.
    for number in [libc::SIGKILL, libc::SIGSTOP] {
        signal::restore_default(number).unwrap();
        assert!(!signal::is_ignored(number).unwrap());
    }
}
