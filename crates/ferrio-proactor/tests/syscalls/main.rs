//! Which system calls operations cost, as strace(1) sees them.
//!
//! Each test runs a scenario of this very binary under strace and counts the calls that it made
//! between two marks. The other sides of its connections use calls that are not counted.
//! Without strace the tests say so and check nothing; where `CI` is set they fail.
#![cfg(target_os = "linux")]

mod scenarios;
#[path = "../../../ferrio-poll/tests/syscalls/trace.rs"]
mod trace;

use std::collections::BTreeMap;
use std::io;

use ferrio_poll::Poll;
use ferrio_proactor::{Choice, Config, Proactor};

use crate::scenarios::{CONNECTIONS, MARK, ROUNDS};
use crate::trace::{Trace, trace};

/// The calls that are counted, and that of the mark. A std with checks asks about a descriptor by
/// fcntl(2) before it closes it. Not each processor has those with a question mark.
const COUNTED: &str = "trace=io_uring_enter,io_uring_register,?epoll_wait,epoll_pwait,?epoll_pwait2,epoll_ctl,\
                       ?poll,ppoll,read,write,recvfrom,sendto,recvmsg,sendmsg,accept4,getsockname,getsockopt,\
                       setsockopt,ioctl,close,eventfd2,statx";

/// How often each call was made between the marks.
fn calls(trace: &Trace) -> BTreeMap<&str, usize> {
    let is_mark = |line: &&String| line.contains(MARK);
    let mut calls = BTreeMap::new();
    for line in trace.lines().skip_while(|line| !is_mark(line)).skip(1).take_while(|line| !is_mark(line)) {
        let call = line.split('(').next().and_then(|start| start.split_whitespace().last());
        // A C library has one of these, or another.
        let call = match call.expect("the name of a call") {
            "epoll_pwait" | "epoll_pwait2" => "epoll_wait",
            "ppoll" => "poll",
            call => call,
        };
        *calls.entry(call).or_default() += 1;
    }
    assert_eq!(trace.lines_with(MARK).count(), 2, "the marks:\n{trace}");
    calls
}

/// Runs a scenario and compares its calls with `expected`.
fn expect(scenario: &str, expected: &[(&str, usize)]) {
    let Some(trace) = trace(scenario, &["-e", COUNTED]) else { return };
    let expected: BTreeMap<_, _> = expected.iter().copied().filter(|(_, count)| *count > 0).collect();
    assert_eq!(calls(&trace), expected, "{scenario}:\n{trace}");
}

/// Whether there is a ring here.
fn has_ring() -> bool {
    let config = Config { driver: Choice::Ring, ..Config::default() };
    match Proactor::new(Poll::new().unwrap(), config).unwrap().capabilities() {
        Ok(_) => true,
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            println!("SKIPPED: {error}");
            false
        }
        Err(error) => panic!("no ring, and no denial: {error}"),
    }
}

#[test]
fn a_wait_enters_the_ring_once_for_many_operations() {
    if has_ring() {
        // One wait brings all requests, and one submits all answers.
        expect("ring_echo", &[("io_uring_enter", 2 * ROUNDS)]);
    }
}

#[test]
fn an_answer_that_is_sent_now_is_a_call_of_its_own() {
    if has_ring() {
        expect("ring_echo_now", &[("io_uring_enter", ROUNDS), ("sendto", CONNECTIONS * ROUNDS)]);
    }
}

#[test]
fn an_echo_by_readiness_is_a_receive_and_a_send() {
    let each = CONNECTIONS * ROUNDS;
    // An answer that is submitted goes out at once, and what is over is delivered without a look.
    for scenario in ["readiness_echo_now", "readiness_echo"] {
        expect(scenario, &[("epoll_wait", ROUNDS), ("recvfrom", each), ("sendto", each)]);
    }
}

#[test]
fn short_connections_cost_few_waits() {
    let each = CONNECTIONS * ROUNDS;
    // A ring asks whether each is a socket of TCP. Readiness is told that there is no connection more.
    let ring = vec![("close", each), ("getsockopt", each)];
    let readiness = [("accept4", each + ROUNDS), ("close", each), ("epoll_ctl", 2 * each)];
    let scenarios = [
        ("ring_churn", "io_uring_enter", ring.clone()),
        ("readiness_churn", "epoll_wait", [&readiness[..], &[("recvfrom", each), ("sendto", each)]].concat()),
        // The end is not asked about: the ring knows TCP, and readiness says that the peer has ended.
        ("ring_ends", "io_uring_enter", ring),
        ("readiness_ends", "epoll_wait", [&readiness[..], &[("recvfrom", 2 * each)]].concat()),
    ];
    for (scenario, wait, expected) in scenarios {
        if scenario.starts_with("ring") && !has_ring() {
            continue;
        }
        let Some(trace) = trace(scenario, &["-e", COUNTED]) else { return };
        let mut calls = calls(&trace);
        let waits = calls.remove(wait).unwrap_or(0);
        println!("{scenario}: {waits} calls of {wait} for {each} connections, {CONNECTIONS} at a time");
        assert!(waits <= 5 * ROUNDS, "{waits} for {ROUNDS} rounds:\n{trace}");
        assert_eq!(calls, expected.into_iter().collect(), "{trace}");
    }
}

#[test]
fn readiness_beside_an_operation_costs_no_entry() {
    if has_ring() {
        expect("ring_beside_accept", &[("epoll_wait", ROUNDS)]);
    }
    // The set of the driver holds the Poll, which is then asked.
    expect("readiness_beside_accept", &[("epoll_wait", 2 * ROUNDS)]);
}

#[test]
fn without_operations_a_wait_is_one_of_the_poll() {
    expect("readiness_idle", &[("epoll_wait", ROUNDS)]);
    if has_ring() {
        expect("ring_idle", &[("epoll_wait", ROUNDS)]);
    }
}

#[test]
fn what_is_awake_is_woken_without_a_write() {
    // Two waits each, for the completions have less room than there are wakes. One of them only
    // delivers what was over before.
    expect("readiness_wake_awake", &[("epoll_wait", ROUNDS)]);
    if has_ring() {
        expect("ring_wake_awake", &[("epoll_wait", 2 * ROUNDS)]);
    }
}

#[test]
fn a_piece_of_data_is_dropped_without_a_call() {
    expect("readiness_drop_chunks", &[]);
    if has_ring() {
        expect("ring_drop_chunks", &[]);
    }
}

#[test]
fn what_sleeps_is_woken_by_one_write() {
    for scenario in ["readiness_wake_asleep", "ring_wake_asleep"] {
        if scenario.starts_with("ring") && !has_ring() {
            continue;
        }
        let Some(trace) = trace(scenario, &["-e", COUNTED]) else { return };
        assert_eq!(calls(&trace).get("write"), Some(&1), "{scenario}:\n{trace}");
    }
}
