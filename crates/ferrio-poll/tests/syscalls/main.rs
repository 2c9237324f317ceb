//! What reaches the kernel, as strace(1) sees it.
//!
//! Each test runs a scenario of this very binary under strace and reads the trace.
//! Without strace the tests say so and check nothing; where `CI` is set they fail.
#![cfg(unix)]

mod scenarios;
mod trace;

use crate::trace::{Trace, trace};

/// The calls that make a descriptor.
const OPENERS: &str = "trace=epoll_create1,eventfd2,pipe2,socket,socketpair,accept,accept4,dup3,recvmsg";

#[test]
fn every_descriptor_is_close_on_exec_from_the_call_that_makes_it() {
    let Some(trace) = trace("open_everything", &["-e", OPENERS]) else { return };
    let opened = trace.lines_with("CLOEXEC").count();
    assert!(opened >= 12, "only {opened} descriptors were opened:\n{trace}");
    let bad: Vec<_> = trace.lines().filter(|line| !line.contains("CLOEXEC")).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn every_socket_and_pipe_is_non_blocking_from_the_call_that_makes_it() {
    let Some(trace) = trace("open_everything", &["-e", OPENERS]) else { return };
    let blocking: Vec<_> = trace.lines().filter(|line| !line.contains("NONBLOCK")).collect();
    // What is passed is as its sender made it.
    let may_block = |line: &str| line.contains("epoll_create1") || line.contains("recvmsg");
    assert!(blocking.iter().all(|line| may_block(line)), "{blocking:#?}");
}

#[test]
fn an_awake_poll_is_woken_without_a_write() {
    let Some(trace) = trace("wake_while_awake", WRITES) else { return };
    assert_eq!(wake_writes(&trace), 0, "{trace}");
}

#[test]
fn a_sleeping_poll_is_woken_by_one_write() {
    let Some(trace) = trace("wake_while_asleep", WRITES) else { return };
    assert_eq!(wake_writes(&trace), 1, "{trace}");
}

#[test]
fn an_embedded_poll_is_woken_by_one_write_for_each_drain() {
    let Some(trace) = trace("wake_embedded", WRITES) else { return };
    assert_eq!(wake_writes(&trace), scenarios::DRAINS, "{trace}");
}

#[test]
fn a_denied_eventfd_becomes_a_pipe() {
    for error in ["ENOSYS", "EPERM", "EACCES"] {
        let inject = format!("inject=eventfd2:error={error}");
        let Some(trace) = trace("wake_while_asleep", &["-e", "trace=eventfd2,pipe2", "-e", &inject]) else {
            return;
        };
        if cfg!(any(ferrio_force_waker_pipe, mio_unsupported_force_waker_pipe)) {
            assert_eq!(trace.lines_with("eventfd2").count(), 0, "{trace}");
        } else {
            assert!(trace.lines_with("INJECTED").count() > 0, "nothing was injected:\n{trace}");
        }
        assert!(trace.lines_with("pipe2(").count() > 0, "{trace}");
    }
}

#[test]
fn a_kernel_without_epoll_pwait2_rounds_up() {
    for error in ["ENOSYS", "EPERM", "EACCES"] {
        let inject = format!("inject=epoll_pwait2:error={error}");
        let Some(trace) =
            trace("fine_timeouts", &["-e", "trace=epoll_pwait2,epoll_pwait,epoll_wait", "-e", &inject])
        else {
            return;
        };
        // Asked once, remembered from then on.
        assert_eq!(trace.lines_with("INJECTED").count(), 1, "{trace}");
    }
}

#[test]
fn a_fine_timeout_is_one_call() {
    let Some(trace) = trace("fine_timeouts", &["-e", "trace=epoll_pwait2,epoll_pwait,epoll_wait"]) else {
        return;
    };
    assert_eq!(trace.lines_with("epoll_pwait2(").count(), scenarios::FINE_TIMEOUTS, "{trace}");
}

#[test]
fn an_interrupted_poll_is_an_error_and_an_interrupted_wait_is_not() {
    // The poll has whole milliseconds, for which libc makes one of the first two calls,
    // depending on the processor; the wait has not.
    let calls = "epoll_wait,epoll_pwait,epoll_pwait2";
    let (watch, inject) = (format!("trace={calls}"), format!("inject={calls}:error=EINTR:when=1"));
    let Some(trace) = trace("interrupted", &["-e", &watch, "-e", &inject]) else { return };
    assert_eq!(trace.lines_with("INJECTED").count(), 2, "{trace}");
}

#[test]
fn poll2_waits_again_when_the_kernel_has_no_memory() {
    let inject = "inject=ppoll:error=ENOMEM:when=1..2";
    let Some(trace) = trace("poll2_wake", &["-e", "trace=ppoll", "-e", inject]) else { return };
    assert_eq!(trace.lines_with("INJECTED").count(), 2, "{trace}");
}

/// Writes, with what is written.
const WRITES: &[&str] = &["-e", "trace=write", "-e", "raw=none"];

/// The writes to an eventfd or to the wake pipe: eight bytes of one, or one byte.
fn wake_writes(trace: &Trace) -> usize {
    let writes = trace.lines_with("write(");
    writes.filter(|line| line.contains(r#""\1\0\0\0\0\0\0\0", 8)"#) || line.contains(r#""\1", 1)"#)).count()
}
