//! Processes, where Windows differs from Unix: the status is there for whoever may open one.

use std::io;

use mio::process::{ChildExit, ProcessExit};
use mio::{Interest, Token};

use crate::harness::system::{shell, short_child, waiting_child};
use crate::harness::{assert_kind, expect_no_events, expect_one_event, poll_with_events};

const CHILD: Token = Token(8);

#[test]
fn a_status_is_there_before_and_after_somebody_waited() {
    let mut child = short_child(9);
    let early = ChildExit::new(&child).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(9));
    // The `Child` keeps the process, and with it the id, from being forgotten.
    let late = ChildExit::new(&child).unwrap();
    drop(child);
    for exit in [early, late] {
        assert_eq!(exit.reap().unwrap().and_then(|status| status.code()), Some(9));
        assert_eq!(exit.try_wait().unwrap().and_then(|status| status.code()), Some(9));
    }
}

#[test]
fn an_exit_code_of_32_bits_survives_also_the_one_of_a_process_that_runs() {
    let (mut poll, mut events) = poll_with_events();
    // 259 is what Windows gives as the exit code of a process that runs.
    for code in [259, i32::MIN, -1] {
        let mut child = shell(&format!("exit {code}")).spawn().unwrap();
        let mut exit = ChildExit::new(&child).unwrap();
        poll.registry().register(&mut exit, CHILD, Interest::READABLE).unwrap();
        expect_one_event(&mut poll, &mut events, CHILD);
        assert_eq!(exit.try_wait().unwrap().and_then(|status| status.code()), Some(code));
        child.wait().unwrap();
    }
}

#[test]
fn a_process_that_is_no_child_may_be_watched_and_nothing_stops_one() {
    let (mut poll, mut events) = poll_with_events();
    let this = std::process::id();
    let mut exit = ProcessExit::from_pid(this).unwrap();
    poll.registry().register(&mut exit, CHILD, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
    assert!(!exit.has_exited().unwrap());
    assert_eq!(exit.pid(), this);
    let exit = ChildExit::from_pid(this).unwrap();
    assert_eq!(exit.try_wait().unwrap(), None);
    assert_eq!(exit.reap().unwrap(), None);
    assert_eq!(exit.take_job_change().unwrap(), None);
}

#[test]
fn what_is_no_process_is_refused_by_its_number() {
    let mut child = waiting_child(0);
    // Windows leaves the two lowest bits of the number out, and would open the child.
    let beside = child.id() + 1;
    for (number, kind) in [
        (0, io::ErrorKind::InvalidInput),
        (0xffff_fff0, io::ErrorKind::NotFound),
        (beside, io::ErrorKind::NotFound),
    ] {
        for error in
            [ChildExit::from_pid(number).err().unwrap(), ProcessExit::from_pid(number).err().unwrap()]
        {
            assert!(error.to_string().contains(&number.to_string()), "{error}");
            assert_kind(Err::<(), _>(error), kind);
        }
    }
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn an_exit_keeps_its_process_from_being_taken_for_another() {
    let mut child = shell("exit 5").spawn().unwrap();
    let exit = ChildExit::new(&child).unwrap();
    child.wait().unwrap();
    drop(child);
    for _ in 0..5 {
        let mut other = short_child(0);
        assert_ne!(other.id(), exit.pid());
        other.wait().unwrap();
    }
    assert_eq!(exit.reap().unwrap().and_then(|status| status.code()), Some(5));
}
