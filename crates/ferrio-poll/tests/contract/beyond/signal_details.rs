//! What comes with a signal. Each test has a process of its own, for handlers are the whole
//! process's.

use std::process::Command;
use std::time::Instant;

use mio::signal::{Received, SIGCHLD, Signals};
use rustix::process::{Pid, Signal, kill_process};

use crate::beyond::signals::send;
use crate::harness::{PATIENCE, in_own_process};

/// The codes of what has happened to a child.
const OF_CHILDREN: [i32; 6] = [
    libc::CLD_EXITED,
    libc::CLD_KILLED,
    libc::CLD_DUMPED,
    libc::CLD_TRAPPED,
    libc::CLD_STOPPED,
    libc::CLD_CONTINUED,
];

/// The next signals of children that say more than their number, until one fulfils `is_last`.
fn children_until(signals: &mut Signals, is_last: impl Fn(&Received) -> bool) -> Vec<Received> {
    let (mut all, deadline) = (Vec::new(), Instant::now() + PATIENCE);
    while !all.last().is_some_and(&is_last) {
        assert!(Instant::now() < deadline, "only {all:?}");
        all.extend(signals.take());
    }
    all
}

#[test]
fn a_signal_of_a_child_has_its_status() {
    in_own_process("beyond::signal_details::a_signal_of_a_child_has_its_status", || {
        let mut signals = Signals::new([SIGCHLD]).unwrap();
        let mut child = Command::new("sh").args(["-c", "exit 3"]).spawn().unwrap();
        let all = children_until(&mut signals, |received| received.code() == Some(libc::CLD_EXITED));
        assert_eq!(all.last().unwrap().status(), Some(3));
        assert_eq!(all.last().unwrap().value(), None);
        child.wait().unwrap();

        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = Pid::from_child(&child);
        for (signal, code) in [
            (Signal::STOP, libc::CLD_STOPPED),
            (Signal::CONT, libc::CLD_CONTINUED),
            (Signal::KILL, libc::CLD_KILLED),
        ] {
            kill_process(pid, signal).unwrap();
            let all = children_until(&mut signals, |received| received.code() == Some(code));
            let last = all.last().unwrap();
            assert_eq!(last.status(), Some(signal.as_raw()));
            assert_eq!(last.origin().map(|origin| origin.pid), Some(child.id()));
        }
        child.wait().unwrap();

        // A program may send it as well, and it then has no status.
        send(Signal::CHILD);
        let all = children_until(&mut signals, |received| {
            received.code().is_none_or(|code| !OF_CHILDREN.contains(&code))
        });
        assert_eq!(all.last().unwrap().status(), None);
    });
}
