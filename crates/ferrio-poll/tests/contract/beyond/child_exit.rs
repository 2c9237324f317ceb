//! The exit of a child process is an event.

use std::io::Write;
use std::thread;

use mio::process::ChildExit;
use mio::{Interest, Mode, Poll, Token};

use crate::harness::system::{short_child, waiting_child};
use crate::harness::{
    PATIENCE, SILENCE, expect_no_events, expect_one_event, poll_during, poll_with_events, tokens,
    tokens_until_silence,
};

pub(super) const CHILD: Token = Token(7);

pub(super) fn register(poll: &Poll, exit: &mut ChildExit) {
    poll.registry().register(exit, CHILD, Interest::READABLE).unwrap();
}

/// Waits until the child has exited, and leaves it to be waited for.
pub(super) fn let_it_exit(exit: &ChildExit) {
    let deadline = std::time::Instant::now() + PATIENCE;
    // A second descriptor, so that `exit` itself is not asked.
    let other = ChildExit::from_pid(exit.pid()).unwrap();
    while other.try_wait().unwrap().is_none() {
        assert!(std::time::Instant::now() < deadline, "{exit:?} does not exit");
        thread::sleep(SILENCE / 8);
    }
}

#[test]
fn an_exit_is_an_event_and_std_still_waits() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = waiting_child(7);
    let mut exit = ChildExit::new(&child).unwrap();
    assert_eq!(exit.pid(), child.id());
    register(&poll, &mut exit);
    expect_no_events(&mut poll, &mut events);
    assert_eq!(exit.try_wait().unwrap(), None);
    assert!(child.try_wait().unwrap().is_none());

    drop(child.stdin.take());
    let event = expect_one_event(&mut poll, &mut events, CHILD);
    assert!(event.is_readable(), "{event:?}");
    assert_eq!(exit.try_wait().unwrap().and_then(|status| status.code()), Some(7));
    assert_eq!(child.wait().unwrap().code(), Some(7));
    // Its status is known from before, although nobody could be asked for it now.
    assert_eq!(exit.try_wait().unwrap().and_then(|status| status.code()), Some(7));
    assert_eq!(exit.reap().unwrap().and_then(|status| status.code()), Some(7));
}

#[test]
fn a_child_that_exited_before_the_registration_is_reported_at_once() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = short_child(3);
    let mut exit = ChildExit::new(&child).unwrap();
    let_it_exit(&exit);
    register(&poll, &mut exit);
    expect_one_event(&mut poll, &mut events, CHILD);
    assert_eq!(exit.try_wait().unwrap().and_then(|status| status.code()), Some(3));
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn a_look_at_a_running_child_keeps_its_exit_an_event() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = waiting_child(0);
    let mut exit = ChildExit::new(&child).unwrap();
    register(&poll, &mut exit);
    for _ in 0..3 {
        expect_no_events(&mut poll, &mut events);
        assert_eq!(exit.try_wait().unwrap(), None);
        assert_eq!(exit.reap().unwrap(), None);
    }
    drop(child.stdin.take());
    expect_one_event(&mut poll, &mut events, CHILD);
    assert!(child.wait().unwrap().success());
}

#[test]
fn an_exit_code_of_a_full_byte_survives() {
    for code in [0, 1, 127, 128, 255] {
        let mut child = short_child(code);
        let exit = ChildExit::new(&child).unwrap();
        let_it_exit(&exit);
        let status = exit.try_wait().unwrap().unwrap();
        assert_eq!(status.code(), Some(i32::from(code)));
        assert_eq!(status, child.wait().unwrap());
    }
}

#[test]
fn an_exit_is_reported_at_most_twice_by_the_exit_and_by_the_wait() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = short_child(0);
    let mut exit = ChildExit::new(&child).unwrap();
    register(&poll, &mut exit);
    expect_one_event(&mut poll, &mut events, CHILD);
    expect_no_events(&mut poll, &mut events);
    assert!(child.wait().unwrap().success());
    assert!(tokens_until_silence(&mut poll, &mut events).len() <= 1);
    poll.registry().deregister(&mut exit).unwrap();
}

#[test]
fn with_levels_an_exit_is_an_event_in_each_poll() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = waiting_child(0);
    let mut exit = ChildExit::new(&child).unwrap();
    poll.registry().register_with(&mut exit, CHILD, Interest::READABLE, Mode::Level).unwrap();
    expect_no_events(&mut poll, &mut events);
    drop(child.stdin.take());
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, CHILD);
        assert!(exit.try_wait().unwrap().is_some());
    }
    poll.registry().deregister(&mut exit).unwrap();
    expect_no_events(&mut poll, &mut events);
    child.wait().unwrap();
}

#[test]
fn a_oneshot_exit_is_one_event_until_it_is_registered_anew() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = short_child(0);
    let mut exit = ChildExit::new(&child).unwrap();
    poll.registry().register_with(&mut exit, CHILD, Interest::READABLE, Mode::Oneshot).unwrap();
    expect_one_event(&mut poll, &mut events, CHILD);
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut exit, CHILD, Interest::READABLE, Mode::Oneshot).unwrap();
    expect_one_event(&mut poll, &mut events, CHILD);
    child.wait().unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn an_exit_wakes_a_poll_that_sleeps() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = waiting_child(4);
    let mut exit = ChildExit::new(&child).unwrap();
    register(&poll, &mut exit);
    let stdin = child.stdin.take();
    poll_during(&mut poll, &mut events, None, || drop(stdin));
    assert_eq!(tokens(&events), [CHILD.0]);
    assert_eq!(child.wait().unwrap().code(), Some(4));
}

#[test]
fn many_children_are_each_reported() {
    let (mut poll, mut events) = poll_with_events();
    let mut children: Vec<_> = (0..20).map(waiting_child).collect();
    let mut exits: Vec<_> = children.iter().map(|child| ChildExit::new(child).unwrap()).collect();
    for (number, exit) in exits.iter_mut().enumerate() {
        poll.registry().register(exit, Token(number), Interest::READABLE).unwrap();
    }
    for child in &mut children {
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
    }
    let mut left: Vec<_> = (0..children.len()).collect();
    while !left.is_empty() {
        poll.wait(&mut events, Some(PATIENCE)).unwrap();
        assert!(!events.is_empty(), "children {left:?} are missing");
        for event in &events {
            let number = event.token().0;
            let status = exits[number].try_wait().unwrap().unwrap();
            assert_eq!(status.code(), Some(number as i32));
            left.retain(|other| *other != number);
        }
    }
    for child in &mut children {
        child.wait().unwrap();
    }
}

#[test]
fn a_dropped_exit_leaves_the_child_alone() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = waiting_child(9);
    let mut exit = ChildExit::new(&child).unwrap();
    register(&poll, &mut exit);
    drop(exit);
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(9));
    expect_no_events(&mut poll, &mut events);
}
