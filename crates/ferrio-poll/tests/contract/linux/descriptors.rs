//! Descriptors of what only Linux has, as sources.

#![allow(unsafe_code, reason = "a timerfd and a pidfd, for which the tests have no safe functions")]

use std::fs;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::process::{Child, Command};
use std::time::Duration;

use mio::unix::pipe;
use mio::{Interest, Token, Waker};

use crate::harness::unix::{eventfd, register_fd, reregister_fd};
use crate::harness::{expect_no_events, expect_one_event, in_own_process, poll_with_events};
use crate::net_harness::{connected_udp_pair, udp_socket};

const SOURCE: Token = Token(1);
const WAKE: Token = Token(2);

/// A timerfd that expires once after `delay`.
fn timerfd(delay: Duration) -> OwnedFd {
    // SAFETY: it takes no pointer.
    let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_CLOEXEC | libc::TFD_NONBLOCK) };
    assert!(fd >= 0, "timerfd_create");
    // SAFETY: the descriptor is new and nobody else's.
    let timer = unsafe { OwnedFd::from_raw_fd(fd) };
    let never = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let value = libc::timespec { tv_sec: 0, tv_nsec: delay.subsec_nanos() as libc::c_long };
    let spec = libc::itimerspec { it_interval: never, it_value: value };
    // SAFETY: `spec` is valid, and a null pointer asks for no old value.
    let result = unsafe { libc::timerfd_settime(fd, 0, &spec, std::ptr::null_mut()) };
    assert_eq!(result, 0, "timerfd_settime");
    timer
}

/// A descriptor of `child`. rustix has the call for Linux alone.
fn pidfd(child: &Child) -> OwnedFd {
    let (pid, flags) = (child.id() as libc::pid_t, 0_u32);
    // SAFETY: pidfd_open(2) takes two numbers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) };
    assert!(fd >= 0, "pidfd_open");
    // SAFETY: the descriptor is new and nobody else's.
    unsafe { OwnedFd::from_raw_fd(fd as RawFd) }
}

#[test]
fn an_eventfd_is_writable_until_it_is_full() {
    let (mut poll, mut events) = poll_with_events();
    let fd = eventfd();
    register_fd(&poll, &fd, SOURCE, Interest::WRITABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_writable());
    rustix::io::write(&fd, &(u64::MAX - 1).to_ne_bytes()).unwrap();
    reregister_fd(&poll, &fd, SOURCE, Interest::WRITABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_timerfd_is_a_source() {
    let (mut poll, mut events) = poll_with_events();
    let timer = timerfd(Duration::from_millis(20));
    register_fd(&poll, &timer, SOURCE, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
    let mut count = [0; 8];
    assert_eq!(rustix::io::read(&timer, &mut count).unwrap(), 8);
    assert_eq!(u64::from_ne_bytes(count), 1);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_pidfd_is_a_source() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = Command::new("true").spawn().unwrap();
    let pidfd = pidfd(&child);
    register_fd(&poll, &pidfd, SOURCE, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
    assert!(child.wait().unwrap().success());
}

// mio #1491: the descriptors of registry clones were inherited.
#[test]
fn no_descriptor_of_a_poll_reaches_a_child_process() {
    in_own_process("linux::descriptors::no_descriptor_of_a_poll_reaches_a_child_process", || {
        let (poll, _) = poll_with_events();
        let registry = poll.registry().try_clone().unwrap();
        let _waker = Waker::new(&registry, WAKE).unwrap();
        let _pipe = pipe::new().unwrap();
        let sockets = (udp_socket(), connected_udp_pair());
        let own = fs::read_dir("/proc/self/fd").unwrap().count();
        assert!(own > 6, "this process has only {own}");
        let child = Command::new("ls").args(["-l", "/proc/self/fd"]).output().unwrap();
        let list = String::from_utf8_lossy(&child.stdout);
        for kind in ["eventpoll", "eventfd", "socket:"] {
            assert!(!list.contains(kind), "{kind} in {list}");
        }
        drop(sockets);
    });
}
