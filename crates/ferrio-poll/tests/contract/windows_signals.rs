//! The events of the console as signals, on Windows.
#![allow(unsafe_code, reason = "std sends no events of the console")]

use std::env;
use std::io;
use std::os::windows::process::CommandExt;
use std::process::{Command, ExitStatus};

use mio::signal::{self, SIGBREAK, SIGHUP, SIGINT, SIGTERM, Signals};
use mio::{Interest, Mode, Token};
use windows_sys::Win32::Foundation::STATUS_CONTROL_C_EXIT;
use windows_sys::Win32::System::Console::{CTRL_C_EVENT, GenerateConsoleCtrlEvent, SetConsoleCtrlHandler};
use windows_sys::Win32::System::Threading::CREATE_NEW_CONSOLE;

use crate::harness::{PATIENCE, assert_kind, expect_no_events, expect_one_event, poll_with_events};

const SIGNALS: Token = Token(9);

/// Runs this test alone in a process of its own; `None` in there.
fn alone(test: &str, flags: u32) -> Option<ExitStatus> {
    const ALONE: &str = "FERRIO_CONTRACT_SIGNAL";
    if env::var_os(ALONE).is_some() {
        return None;
    }
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--exact", "--test-threads=1"]).env(ALONE, "1").creation_flags(flags);
    // Its lines would stand in the middle of those of this program.
    let child = command.output().unwrap();
    if !child.status.success() {
        println!("{}", String::from_utf8_lossy(&child.stdout));
    }
    Some(child.status)
}

#[test]
fn a_signal_that_is_raised_is_an_event_with_its_number() {
    let name = "windows_signals::a_signal_that_is_raised_is_an_event_with_its_number";
    if let Some(status) = alone(name, 0) {
        return assert!(status.success(), "{status}");
    }
    let all = [SIGINT, SIGBREAK, SIGHUP, SIGTERM];
    let (mut poll, mut events) = poll_with_events();
    let mut signals = Signals::new(all).unwrap();
    let mut other = Signals::new([SIGINT]).unwrap();
    poll.registry().register(&mut signals, SIGNALS, Interest::READABLE).unwrap();
    for number in all {
        expect_no_events(&mut poll, &mut events);
        signal::raise(number).unwrap();
        expect_one_event(&mut poll, &mut events, SIGNALS);
        let received = signals.take().unwrap();
        assert_eq!((received.signal(), received.code(), received.origin()), (number, Some(-1), None));
        assert_eq!(signals.take(), None);
    }
    assert_eq!(other.take().map(|received| received.signal()), Some(SIGINT));
    assert_eq!(other.take(), None);
    // Nobody hears it, and the process goes on.
    signals.remove(SIGTERM).unwrap();
    drop(other);
    signal::raise(SIGTERM).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn the_modes_hold_for_signals_of_windows() {
    let name = "windows_signals::the_modes_hold_for_signals_of_windows";
    if let Some(status) = alone(name, 0) {
        return assert!(status.success(), "{status}");
    }
    let (mut poll, mut events) = poll_with_events();
    let mut signals = Signals::new([SIGINT]).unwrap();
    poll.registry().register_with(&mut signals, SIGNALS, Interest::READABLE, Mode::Level).unwrap();
    signal::raise(SIGINT).unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, SIGNALS);
    }
    assert!(signals.take().is_some() && signals.take().is_none());
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut signals, SIGNALS, Interest::READABLE, Mode::Oneshot).unwrap();
    signal::raise(SIGINT).unwrap();
    expect_one_event(&mut poll, &mut events, SIGNALS);
    signal::raise(SIGINT).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn the_default_action_ends_the_process_by_the_signal() {
    let name = "windows_signals::the_default_action_ends_the_process_by_the_signal";
    if let Some(status) = alone(name, 0) {
        return assert_eq!(status.code(), Some(STATUS_CONTROL_C_EXIT));
    }
    let mut signals = Signals::new([SIGTERM]).unwrap();
    signal::restore_default(SIGTERM).unwrap();
    // To add it anew undoes that.
    signals.add(SIGTERM).unwrap();
    signal::raise(SIGTERM).unwrap();
    assert!(signals.take().is_some());
    signal::restore_default(SIGTERM).unwrap();
    signal::raise(SIGTERM).unwrap();
    panic!("the process goes on");
}

#[test]
fn a_number_that_windows_lacks_is_refused_by_it() {
    // SIGKILL, SIGUSR1 of Linux, none at all.
    for number in [9, 10, 0, -1, i32::MIN, i32::MAX] {
        for error in [
            Signals::new([number]).err().unwrap(),
            signal::raise(number).unwrap_err(),
            signal::restore_default(number).unwrap_err(),
            signal::is_ignored(number).unwrap_err(),
        ] {
            assert!(error.to_string().contains(&format!("signal {number}")), "{error}");
            assert_kind(Err::<(), _>(error), io::ErrorKind::InvalidInput);
        }
    }
    assert!(!signal::is_ignored(SIGINT).unwrap());
    assert_eq!(signal::real_time().count(), 0);
    assert_eq!(format!("{:?}", Signals::new([SIGBREAK]).unwrap()), "Signals(signal 21 (SIGBREAK))");
}

#[test]
fn ctrl_c_of_a_console_is_an_event() {
    if let Some(status) = alone("windows_signals::ctrl_c_of_a_console_is_an_event", CREATE_NEW_CONSOLE) {
        return assert!(status.success(), "{status}");
    }
    // A process may be started to ignore ctrl-c, and then so do its children.
    // SAFETY: with no function it changes an attribute of the process.
    assert_ne!(unsafe { SetConsoleCtrlHandler(None, 0) }, 0);
    let (mut poll, mut events) = poll_with_events();
    let mut signals = signal::ctrl_c().unwrap();
    poll.registry().register(&mut signals, SIGNALS, Interest::READABLE).unwrap();
    // SAFETY: it takes numbers.
    let sent = unsafe { GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0) };
    assert_ne!(sent, 0, "{}", io::Error::last_os_error());
    poll.wait(&mut events, Some(PATIENCE)).unwrap();
    let received = signals.take().unwrap();
    assert_eq!((received.signal(), received.code()), (SIGINT, Some(0)));
}
