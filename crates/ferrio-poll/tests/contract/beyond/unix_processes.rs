//! What a Unix makes of the exits of processes.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread;

use mio::process::{ChildExit, ProcessExit};
use mio::{Interest, Token};

use crate::beyond::child_exit::{CHILD, let_it_exit, register};
use crate::harness::system::{short_child, waiting_child};
use crate::harness::{
    assert_kind, expect_no_events, expect_one_event, poll_with_events, tokens_until_silence,
};
use crate::subject::{self, Hint};

const PROCESS: Token = Token(3);

#[test]
fn a_signal_that_ended_a_child_is_its_status() {
    let mut child = waiting_child(0);
    let exit = ChildExit::new(&child).unwrap();
    child.kill().unwrap();
    let_it_exit(&exit);
    let status = exit.try_wait().unwrap().unwrap();
    assert_eq!((status.code(), status.signal()), (None, Some(libc::SIGKILL)));
    assert_eq!(child.wait().unwrap(), status);
}

#[test]
fn a_child_that_only_its_pid_is_known_of_is_reaped() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = short_child(5);
    let mut exit = ChildExit::from_pid(child.id()).unwrap();
    register(&poll, &mut exit);
    expect_one_event(&mut poll, &mut events, CHILD);
    assert_eq!(exit.reap().unwrap().and_then(|status| status.code()), Some(5));
    assert!(!fs::exists(format!("/proc/{}", child.id())).unwrap(), "a zombie is left");
    assert_eq!(exit.reap().unwrap().and_then(|status| status.code()), Some(5));
    assert_eq!(child.wait().unwrap_err().raw_os_error(), Some(libc::ECHILD));
}

#[test]
fn a_status_that_went_to_somebody_else_is_not_found() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = waiting_child(0);
    let mut exit = ChildExit::new(&child).unwrap();
    register(&poll, &mut exit);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    // The exit is an event all the same.
    expect_one_event(&mut poll, &mut events, CHILD);
    for result in [exit.try_wait(), exit.reap()] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains(&format!("child {}", child.id())), "{error}");
        assert!(error.to_string().contains("waited for already"), "{error}");
    }
}

#[test]
fn a_pid_that_is_no_child_is_refused_by_its_number() {
    let parent = std::os::unix::process::parent_id();
    let mut child = short_child(0);
    child.wait().unwrap();
    let gone = child.id();
    for (pid, kind) in [
        (0, io::ErrorKind::InvalidInput),
        (u32::MAX, io::ErrorKind::NotFound),
        (gone, io::ErrorKind::NotFound),
        (std::process::id(), io::ErrorKind::PermissionDenied),
        (parent, io::ErrorKind::PermissionDenied),
    ] {
        let error = ChildExit::from_pid(pid).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(&pid.to_string()), "{error}");
    }
    assert_kind(ChildExit::new(&child), io::ErrorKind::NotFound);
    if !subject::gives(Hint::SpecialDescriptors) {
        return;
    }
    // The id of a thread that is not the first of its process.
    let of_thread = thread::spawn(|| {
        let entry = fs::read_link("/proc/thread-self").unwrap();
        let id = entry.file_name().unwrap().to_str().unwrap().parse().unwrap();
        ChildExit::from_pid(id)
    });
    assert_kind(of_thread.join().unwrap(), io::ErrorKind::InvalidInput);
}

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
    if !subject::gives(Hint::SpecialDescriptors) {
        return;
    }
    // The id of a thread.
    let of_thread = thread::spawn(|| {
        let entry = fs::read_link("/proc/thread-self").unwrap();
        ProcessExit::from_pid(entry.file_name().unwrap().to_str().unwrap().parse().unwrap())
    });
    assert_kind(of_thread.join().unwrap(), io::ErrorKind::InvalidInput);
}
