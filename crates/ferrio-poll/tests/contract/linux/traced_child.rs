//! What is a tracer's stays a tracer's.

#![allow(unsafe_code, reason = "a child asks to be traced, by ptrace(2)")]

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

use mio::process::ChildExit;
use mio::{Interest, Token};
use rustix::process::{Pid, WaitOptions, waitpid};

use crate::harness::skips::is_skipped;
use crate::harness::{PATIENCE, expect_one_event, poll_with_events};

/// A child that is traced by this thread. It stops before it runs, and exits with 3 then.
fn traced_child() -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", "exit 3"]);
    let trace_me = || {
        let none = ptr::null_mut::<libc::c_void>();
        // SAFETY: the request has no arguments, and the call is async-signal-safe.
        let result = unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, none, none) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    };
    // SAFETY: the closure makes one system call, and allocates nothing.
    unsafe { command.pre_exec(trace_me) };
    command.spawn().unwrap()
}

/// Waits until the child is in a stop of its tracer.
fn let_it_stop(child: &Child) {
    let deadline = Instant::now() + PATIENCE;
    let is_stopped = || fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap().contains(") t ");
    while !is_stopped() {
        assert!(Instant::now() < deadline, "the child does not stop");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn the_stop_of_a_traced_child_is_left_to_its_tracer() {
    if is_skipped("linux::traced_child::the_stop_of_a_traced_child_is_left_to_its_tracer") {
        return;
    }
    let (mut poll, mut events) = poll_with_events();
    let mut child = traced_child();
    let mut exit = ChildExit::new(&child).unwrap();
    poll.registry().register(&mut exit, Token(1), Interest::READABLE).unwrap();
    let_it_stop(&child);
    assert_eq!(exit.try_wait().unwrap(), None);
    assert_eq!(exit.reap().unwrap(), None);
    assert_eq!(exit.take_job_change().unwrap(), None);

    let pid = Pid::from_child(&child);
    let (stopped, status) = waitpid(Some(pid), WaitOptions::NOHANG).unwrap().expect("the stop is gone");
    assert_eq!((stopped, status.stopping_signal()), (pid, Some(libc::SIGTRAP)));
    let none = ptr::null_mut::<libc::c_void>();
    let raw = child.id() as libc::pid_t;
    // SAFETY: the request reads and writes no memory of this process.
    let result = unsafe { libc::ptrace(libc::PTRACE_CONT, raw, none, none) };
    assert_eq!(result, 0);
    expect_one_event(&mut poll, &mut events, Token(1));
    assert_eq!(exit.reap().unwrap().and_then(|status| status.code()), Some(3));
    assert!(child.wait().is_err());
}
