//! The exit of any process is an event.

use mio::process::ProcessExit;
use mio::{Interest, Mode, Token};

use crate::harness::system::{short_child, waiting_child};
use crate::harness::{expect_no_events, expect_one_event, poll_during, poll_with_events, tokens};

const PROCESS: Token = Token(3);

#[test]
fn an_exit_that_nobody_waited_for_yet_is_reported_at_once() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = short_child(3);
    let (mut first, mut second) =
        (ProcessExit::from_pid(child.id()).unwrap(), ProcessExit::from_pid(child.id()).unwrap());
    poll.registry().register(&mut first, PROCESS, Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, PROCESS);
    poll.registry().register(&mut second, Token(4), Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, Token(4));
    // It took nothing: the child is there to be waited for.
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn an_exit_of_a_process_wakes_a_poll_that_sleeps_in_each_mode() {
    for mode in [Mode::Edge, Mode::Level, Mode::Oneshot] {
        let (mut poll, mut events) = poll_with_events();
        let mut child = waiting_child(0);
        let mut exit = ProcessExit::from_pid(child.id()).unwrap();
        poll.registry().register_with(&mut exit, PROCESS, Interest::READABLE, mode).unwrap();
        let stdin = child.stdin.take();
        poll_during(&mut poll, &mut events, None, || drop(stdin));
        assert_eq!(tokens(&events), [PROCESS.0]);
        if mode == Mode::Level {
            expect_one_event(&mut poll, &mut events, PROCESS);
        } else {
            expect_no_events(&mut poll, &mut events);
        }
        poll.registry().deregister(&mut exit).unwrap();
        child.wait().unwrap();
        expect_no_events(&mut poll, &mut events);
    }
}
