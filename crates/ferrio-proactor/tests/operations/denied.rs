//! Systems that have no rings for this program, and such that have too little for one.
#![allow(unsafe_code, reason = "a filter of system calls is set by raw calls")]

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::time::Duration;

use ferrio_poll::{Backend, Poll, Token};
use ferrio_proactor::{Choice, Config, DriverKind, op};

use crate::alone;
use crate::harness::{Came, Rig, Way};
use crate::limit;

/// How a filter says "this call fails with this error": `SECCOMP_RET_ERRNO`.
const FAIL: u32 = 0x0005_0000;
/// And "go on": `SECCOMP_RET_ALLOW`.
const ALLOW: u32 = 0x7fff_0000;

/// Lets a system call fail with `error` in this thread, for ever.
fn deny(call: libc::c_long, error: i32) {
    let step = |code: u32, jump_true, k| libc::sock_filter { code: code as u16, jt: jump_true, jf: 0, k };
    let mut steps = [
        // The number of the call, which stands first in what a filter sees.
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 1, call as u32),
        step(libc::BPF_RET | libc::BPF_K, 0, ALLOW),
        step(libc::BPF_RET | libc::BPF_K, 0, FAIL | error as u32),
    ];
    let program = libc::sock_fprog { len: steps.len() as u16, filter: steps.as_mut_ptr() };
    // SAFETY: the call takes numbers only.
    let is_bound = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(is_bound, 0, "{}", io::Error::last_os_error());
    // SAFETY: the program and its steps live until the call returns, which copies them.
    let is_set = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    assert_eq!(is_set, 0, "{}", io::Error::last_os_error());
}

fn open(driver: Choice) -> Rig {
    Rig::open(Way { driver, backend: Backend::default(), setup: None }, Config::default()).unwrap()
}

/// Sees that there is no ring for this program, for the reason `expected`, and that operations go on
/// without one.
fn expect_denied(expected: &str) {
    let mut rig = open(Choice::Auto);
    let capabilities = rig.proactor.capabilities().unwrap();
    println!("{capabilities}");
    assert_eq!(capabilities.driver(), DriverKind::Readiness);
    let reason = capabilities.reason().unwrap();
    assert!(reason.contains(expected), "{reason}");
    assert!(capabilities.to_string().contains(reason), "{capabilities}");

    // It works.
    let (handle, peer) = rig.connection();
    (&peer).write_all(b"data").unwrap();
    let id = rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(8))).unwrap();
    assert_eq!(rig.done::<op::Recv<Vec<u8>>>(id).1.buf, b"data");

    // A program that asks for a ring alone gets the reason as an error.
    let error = open(Choice::Ring).proactor.capabilities().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    assert!(error.to_string().contains(reason), "{error}");
    // One that asks for no ring is not told of it.
    assert_eq!(open(Choice::Readiness).proactor.capabilities().unwrap().reason(), None);
}

/// The reason that is told where a call of a ring fails with `error`.
fn reason_of(error: i32) -> &'static str {
    let disabled = || std::fs::read_to_string("/proc/sys/kernel/io_uring_disabled");
    match error {
        libc::EPERM if disabled().is_ok_and(|value| value.trim() != "0") => "kernel.io_uring_disabled",
        libc::EPERM | libc::EACCES => "a filter of system calls or a security module forbids io_uring",
        _ => "the kernel has no io_uring",
    }
}

#[test]
fn a_denied_ring_becomes_readiness_which_says_why() {
    let denials = [
        ("EPERM", libc::EPERM),
        ("EACCES", libc::EACCES),
        ("ENOSYS", libc::ENOSYS),
        ("EINVAL", libc::EINVAL),
    ];
    let Some(part) = alone::part() else {
        for (name, _) in denials {
            let said = alone::run("denied::a_denied_ring_becomes_readiness_which_says_why", name);
            let at = said.find("driver: ").expect("the capabilities");
            println!("{name}: {}", said[at..].lines().next().unwrap());
        }
        return;
    };
    let (_, error) = denials.into_iter().find(|(name, _)| *name == part).unwrap();
    deny(libc::SYS_io_uring_setup, error);
    expect_denied(reason_of(error));
}

#[test]
fn a_ring_that_may_be_made_but_not_used_is_a_denied_one() {
    let calls = [("register", libc::SYS_io_uring_register), ("enter", libc::SYS_io_uring_enter)];
    let errors = [("EPERM", libc::EPERM), ("EACCES", libc::EACCES), ("ENOSYS", libc::ENOSYS)];
    let all = calls.into_iter().flat_map(|call| errors.map(|error| (call, error)));
    let Some(part) = alone::part() else {
        for ((call, _), (error, _)) in all {
            let part = format!("{call}-{error}");
            alone::run("denied::a_ring_that_may_be_made_but_not_used_is_a_denied_one", &part);
        }
        return;
    };
    let is_meant = |call: &str, error: &str| part == format!("{call}-{error}");
    let ((_, call), (_, error)) =
        all.into_iter().find(|((call, _), (error, _))| is_meant(call, error)).unwrap();
    deny(call, error);
    expect_denied(reason_of(error));
}

#[test]
fn a_ring_that_is_denied_later_ends_all_the_same() {
    let calls = [("register", libc::SYS_io_uring_register), ("enter", libc::SYS_io_uring_enter)];
    let Some(part) = alone::part() else {
        for (call, _) in calls {
            alone::run("denied::a_ring_that_is_denied_later_ends_all_the_same", call);
        }
        return;
    };
    let (_, call) = calls.into_iter().find(|(name, _)| *name == part).unwrap();
    let mut rig = open(Choice::Auto);
    if rig.proactor.capabilities().unwrap().driver() != DriverKind::Ring {
        return println!("SKIPPED: no ring");
    }
    let (handle, mut peer) = rig.connection();
    (&peer).write_all(b"data").unwrap();
    let id = rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(8))).unwrap();
    assert_eq!(rig.done::<op::Recv<Vec<u8>>>(id).1.buf, b"data");

    // As a program does that needs no more calls than it has made.
    deny(call, libc::EPERM);
    if call == libc::SYS_io_uring_enter {
        rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(8))).unwrap();
        let error = rig.proactor.poll(&mut rig.events, &mut rig.completions, None).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EPERM));
        assert_eq!(rig.proactor.shutdown(Duration::from_secs(60)).left, 1);
        return;
    }
    drop(rig);
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);
}

#[test]
fn operations_need_no_epoll_where_the_poll_has_none() {
    if alone::part().is_none() {
        alone::run("denied::operations_need_no_epoll_where_the_poll_has_none", "epoll");
        return;
    }
    deny(libc::SYS_epoll_create1, libc::ENOSYS);
    assert!(Poll::new().is_err(), "a Poll on epoll");
    let way = Way { driver: Choice::Readiness, backend: Backend::Poll2, setup: None };
    let mut rig = Rig::open(way, Config::default()).unwrap();
    let (handle, peer) = rig.connection();
    let id = rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(8))).unwrap();
    assert!(rig.is_silent());
    (&peer).write_all(b"data").unwrap();
    assert_eq!(rig.done::<op::Recv<Vec<u8>>>(id).1.buf, b"data");
}

#[test]
fn a_lack_is_an_error_and_no_reason_to_do_without_a_ring() {
    let lacks = [("ENOMEM", libc::ENOMEM), ("EMFILE", libc::EMFILE), ("ENFILE", libc::ENFILE)];
    let Some(part) = alone::part() else {
        for (name, _) in lacks {
            alone::run("denied::a_lack_is_an_error_and_no_reason_to_do_without_a_ring", name);
        }
        return;
    };
    let (_, lack) = lacks.into_iter().find(|(name, _)| *name == part).unwrap();
    deny(libc::SYS_io_uring_setup, lack);
    let mut rig = open(Choice::Auto);
    let (handle, _peer) = rig.connection();
    let error = rig.proactor.capabilities().unwrap_err();
    assert_eq!(error.raw_os_error(), Some(lack));
    let rejected = rig.proactor.submit(Token(0), op::Recv::new(handle, b"".to_vec())).unwrap_err();
    assert!(rejected.to_string().contains("no driver could be made"), "{rejected}");
    assert_eq!(io::Error::from(rejected).kind(), error.kind());
    assert_eq!(rig.proactor.driver(), None);
    // What needs no driver goes on.
    rig.poll(Duration::ZERO);
}

/// Does `act` while this process may have descriptors below `limit` only.
fn with_descriptors<T>(limit: u64, act: impl FnOnce() -> T) -> T {
    let before = limit::set(|_| Some(limit));
    let result = act();
    limit::set(|_| before);
    result
}

#[test]
fn a_driver_that_was_made_in_part_leaves_its_buffers_and_descriptors() {
    if alone::part().is_none() {
        alone::run("denied::a_driver_that_was_made_in_part_leaves_its_buffers_and_descriptors", "limit");
        return;
    }
    for (driver, backend) in [
        (Choice::Auto, Backend::Epoll),
        (Choice::Auto, Backend::Poll2),
        (Choice::Readiness, Backend::Epoll),
        (Choice::Readiness, Backend::Poll2),
    ] {
        let way = Way { driver, backend, setup: None };
        let mut rig = Rig::open(way, Config { buffers: 4, ..Config::default() }).unwrap();
        let (handle, peer) = rig.connection();
        let next = || File::open("/dev/null").unwrap().as_raw_fd() as u64;
        let first = next();
        // One descriptor more each time, until there are enough.
        let mut failures = 0;
        loop {
            match with_descriptors(first + failures, || rig.proactor.capabilities().map(drop)) {
                Ok(()) => break,
                Err(error) => assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{way}: {error}"),
            }
            assert_eq!(next(), first, "{way}: a descriptor was left open");
            failures += 1;
        }
        // Beside a Poll on poll(2) readiness needs none of its own.
        let needs_none = rig.proactor.driver() == Some(DriverKind::Readiness) && backend == Backend::Poll2;
        assert_eq!(failures > 0, !needs_none, "{way}: {failures} descriptors were wanted");
        // All buffers of the pool are there.
        rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        (&peer).write_all(b"data").unwrap();
        assert!(matches!(rig.next(), (_, true, Came::Received(bytes)) if bytes == b"data"), "{way}");
        rig.poll(Duration::ZERO);
        assert_eq!((rig.proactor.stats().starved, rig.proactor.stats().buffers_free), (0, 4), "{way}");
    }
}

#[test]
fn a_limit_of_descriptors_is_an_error_that_passes() {
    if alone::part().is_none() {
        alone::run("denied::a_limit_of_descriptors_is_an_error_that_passes", "limit");
        return;
    }
    for driver in [Choice::Auto, Choice::Readiness] {
        let mut rig = open(driver);
        let (handle, peer) = rig.connection();
        // Those that are open stay, and there are no more.
        let error = with_descriptors(3, || rig.proactor.capabilities().unwrap_err());
        assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{driver:?}: {error}");

        (&peer).write_all(b"data").unwrap();
        let id = rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(8))).unwrap();
        assert_eq!(rig.done::<op::Recv<Vec<u8>>>(id).1.buf, b"data", "{driver:?}");
    }
}
