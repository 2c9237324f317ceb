//! Stops of a child, and that it continues.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mio::process::{ChildExit, JobChange};
use mio::{Interest, Mode, Token};
use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{
    PATIENCE, assert_kind, expect_no_events, expect_one_event, poll_with_events, tokens_until_silence,
};

/// A child that exits with 7 at the end of its input.
fn waiting_child() -> (Child, ChildExit) {
    let mut command = Command::new("sh");
    command.args(["-c", "read line; exit 7"]).stdin(Stdio::piped());
    // In a group of its own, whose parent is outside: an orphaned group, as that of a suite without
    // a terminal may be, is not stopped by SIGTSTP.
    let child = command.process_group(0).spawn().unwrap();
    let exit = ChildExit::new(&child).unwrap();
    (child, exit)
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// The next change, which the system makes a moment after the signal.
fn expect_change(exit: &ChildExit) -> JobChange {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(change) = exit.take_job_change().unwrap() {
            return change;
        }
        assert!(Instant::now() < deadline, "no change of {exit:?}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_stop_and_its_end_are_told_once_and_are_no_event() {
    let (mut poll, mut events) = poll_with_events();
    let (mut child, mut exit) = waiting_child();
    poll.registry().register(&mut exit, Token(1), Interest::READABLE).unwrap();
    assert_eq!(exit.take_job_change().unwrap(), None);
    for (signal, number) in [(Signal::STOP, libc::SIGSTOP), (Signal::TSTP, libc::SIGTSTP)] {
        send(&child, signal);
        assert_eq!(expect_change(&exit), JobChange::Stopped(number));
        assert_eq!(exit.take_job_change().unwrap(), None);
        assert_eq!(exit.try_wait().unwrap(), None);
        assert_eq!(exit.reap().unwrap(), None);
        send(&child, Signal::CONT);
        assert_eq!(expect_change(&exit), JobChange::Continued);
        assert_eq!(exit.take_job_change().unwrap(), None);
    }
    expect_no_events(&mut poll, &mut events);
    drop(child.stdin.take());
    expect_one_event(&mut poll, &mut events, Token(1));
    assert_eq!(child.wait().unwrap().code(), Some(7));
}

#[test]
fn a_look_at_the_status_leaves_a_stop_to_be_taken() {
    let (mut child, exit) = waiting_child();
    send(&child, Signal::STOP);
    let other = ChildExit::new(&child).unwrap();
    assert_eq!(expect_change(&other), JobChange::Stopped(libc::SIGSTOP));
    // It went to the other one: there is one stop, whoever takes it.
    assert_eq!(exit.take_job_change().unwrap(), None);
    send(&child, Signal::CONT);
    for _ in 0..100 {
        assert_eq!(exit.try_wait().unwrap(), None);
        assert_eq!(exit.reap().unwrap(), None);
    }
    assert_eq!(expect_change(&exit), JobChange::Continued);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_exit_is_no_job_change_and_stays_to_be_waited_for() {
    let (mut poll, mut events) = poll_with_events();
    let (mut child, mut exit) = waiting_child();
    poll.registry().register(&mut exit, Token(1), Interest::READABLE).unwrap();
    drop(child.stdin.take());
    expect_one_event(&mut poll, &mut events, Token(1));
    for _ in 0..3 {
        assert_eq!(exit.take_job_change().unwrap(), None);
    }
    // Asking for changes is nothing that the readiness knows of.
    assert!(tokens_until_silence(&mut poll, &mut events).is_empty());
    assert_eq!(exit.try_wait().unwrap().and_then(|status| status.code()), Some(7));
    assert_eq!(exit.take_job_change().unwrap(), None);
    assert_eq!(child.wait().unwrap().code(), Some(7));
    assert_eq!(exit.take_job_change().unwrap(), None);
}

#[test]
fn a_child_that_was_waited_for_has_no_changes_to_ask_for() {
    let (mut child, exit) = waiting_child();
    drop(child.stdin.take());
    child.wait().unwrap();
    let error = exit.take_job_change().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().contains(&format!("child {}", child.id())), "{error}");
}

#[test]
fn with_levels_a_stop_is_no_event_either() {
    let (mut poll, mut events) = poll_with_events();
    let (mut child, mut exit) = waiting_child();
    poll.registry().register_with(&mut exit, Token(1), Interest::READABLE, Mode::Level).unwrap();
    send(&child, Signal::STOP);
    assert_eq!(expect_change(&exit), JobChange::Stopped(libc::SIGSTOP));
    expect_no_events(&mut poll, &mut events);
    child.kill().unwrap();
    expect_one_event(&mut poll, &mut events, Token(1));
    child.wait().unwrap();
    assert_kind(ChildExit::new(&child), io::ErrorKind::NotFound);
}
