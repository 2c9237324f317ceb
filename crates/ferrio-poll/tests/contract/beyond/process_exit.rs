//! The exit of any process is an event.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::fd::{AsFd, AsRawFd};
use std::process::{self, Child, Command, Stdio};
use std::thread;

use mio::process::{ChildExit, ProcessExit};
use mio::{Interest, Mode, Token};

use crate::harness::{
    assert_kind, expect_no_events, expect_one_event, poll_during, poll_with_events, tokens,
    tokens_until_silence,
};

const PROCESS: Token = Token(3);

/// A shell and the id of a child of its own, which runs until the shell's input ends. The shell
/// waits for it.
fn grandchild() -> (Child, u32) {
    let mut shell = Command::new("sh")
        .args(["-c", "exec 3<&0; cat <&3 >/dev/null & echo $!; wait"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (shell, line.trim().parse().unwrap())
}

#[test]
fn the_exit_of_a_process_that_is_no_child_is_an_event() {
    let (mut poll, mut events) = poll_with_events();
    let (mut shell, pid) = grandchild();
    assert_kind(ChildExit::from_pid(pid), io::ErrorKind::PermissionDenied);
    let mut exit = ProcessExit::from_pid(pid).unwrap();
    assert_eq!(exit.pid(), pid);
    poll.registry().register(&mut exit, PROCESS, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
    assert!(!exit.has_exited().unwrap());

    drop(shell.stdin.take());
    let event = expect_one_event(&mut poll, &mut events, PROCESS);
    assert!(event.is_readable(), "{event:?}");
    assert!(exit.has_exited().unwrap());
    shell.wait().unwrap();
    // Nobody has it any more, and it still has exited.
    assert!(exit.has_exited().unwrap());
    assert!(tokens_until_silence(&mut poll, &mut events).len() <= 1);
}

#[test]
fn an_exit_that_nobody_waited_for_yet_is_reported_at_once() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = Command::new("sh").args(["-c", "exit 3"]).spawn().unwrap();
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
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
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

#[test]
fn a_number_that_is_no_process_is_refused_by_it() {
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    for (pid, kind) in [
        (0, io::ErrorKind::InvalidInput),
        (u32::MAX, io::ErrorKind::NotFound),
        (i32::MAX as u32, io::ErrorKind::NotFound),
        (child.id(), io::ErrorKind::NotFound),
    ] {
        let error = ProcessExit::from_pid(pid).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(&pid.to_string()), "{error}");
    }
    let of_thread = thread::spawn(|| {
        let entry = fs::read_link("/proc/thread-self").unwrap();
        ProcessExit::from_pid(entry.file_name().unwrap().to_str().unwrap().parse().unwrap())
    });
    assert_kind(of_thread.join().unwrap(), io::ErrorKind::InvalidInput);
}

#[test]
fn any_running_process_can_be_watched_and_its_descriptor_is_close_on_exec() {
    fn shared<T: Send + Sync>(_: &T) {}
    for pid in [process::id(), std::os::unix::process::parent_id()] {
        let exit = ProcessExit::from_pid(pid).unwrap();
        shared(&exit);
        assert!(!exit.has_exited().unwrap());
        assert!(rustix::io::fcntl_getfd(exit.as_fd()).unwrap().contains(rustix::io::FdFlags::CLOEXEC));
        let text = format!("{exit:?}");
        assert!(text.contains(&exit.as_raw_fd().to_string()) && text.contains(&pid.to_string()), "{text}");
    }
}
