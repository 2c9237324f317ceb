//! The descriptors behind exits and timers: how many there are, and that they are not inherited.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::process;
use std::time::{Duration, SystemTime};

use mio::process::{ChildExit, ProcessExit};
use mio::time::WallTimer;

use crate::harness::system::{open_handles, short_child, waiting_child};
use crate::harness::{assert_kind, in_own_process};
use crate::subject::{self, Hint};

const SOON: Duration = Duration::from_millis(20);

#[test]
fn a_watched_child_costs_one_descriptor_and_gives_it_back() {
    in_own_process("beyond::descriptors::a_watched_child_costs_one_descriptor_and_gives_it_back", || {
        let mut child = waiting_child(0);
        let before = open_handles();
        for _ in 0..1000 {
            let exit = ChildExit::new(&child).unwrap();
            if subject::gives(Hint::SpecialDescriptors) {
                assert_eq!(open_handles(), before + 1);
            }
            drop(exit);
            assert_kind(ChildExit::from_pid(process::id()), io::ErrorKind::PermissionDenied);
        }
        assert_eq!(open_handles(), before);
        drop(child.stdin.take());
        child.wait().unwrap();
    });
}

#[test]
fn the_descriptor_of_a_child_exit_is_close_on_exec_and_named_in_the_debug_text() {
    fn shared<T: Send + Sync>(_: &T) {}
    let mut child = short_child(0);
    let exit = ChildExit::new(&child).unwrap();
    shared(&exit);
    assert!(rustix::io::fcntl_getfd(exit.as_fd()).unwrap().contains(rustix::io::FdFlags::CLOEXEC));
    let text = format!("{exit:?}");
    assert!(text.contains(&exit.as_raw_fd().to_string()) && text.contains(&child.id().to_string()), "{text}");
    child.wait().unwrap();
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

#[test]
fn a_wall_timer_costs_one_descriptor_and_gives_it_back() {
    in_own_process("beyond::descriptors::a_wall_timer_costs_one_descriptor_and_gives_it_back", || {
        let before = open_handles();
        for _ in 0..1000 {
            let timer = WallTimer::new().unwrap();
            timer.set(SystemTime::now()).unwrap();
            assert_kind(timer.set_every(SOON, Duration::ZERO), io::ErrorKind::InvalidInput);
            if subject::gives(Hint::SpecialDescriptors) {
                assert_eq!(open_handles(), before + 1);
            }
        }
        assert_eq!(open_handles(), before);
    });
}

#[test]
fn a_wall_timer_may_go_to_another_thread_and_is_not_inherited() {
    fn shared<T: Send + Sync>(_: &T) {}
    let timer = WallTimer::new().unwrap();
    shared(&timer);
    assert!(rustix::io::fcntl_getfd(timer.as_fd()).unwrap().contains(rustix::io::FdFlags::CLOEXEC));
    let flags = rustix::fs::fcntl_getfl(timer.as_fd()).unwrap();
    assert_eq!(flags.contains(rustix::fs::OFlags::NONBLOCK), subject::gives(Hint::SpecialDescriptors));
    let text = format!("{timer:?}");
    assert!(text.contains(&timer.as_raw_fd().to_string()), "{text}");
}
