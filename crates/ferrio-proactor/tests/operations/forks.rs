//! A child of a fork has the memory of the proactor, and nothing that the kernel does for it.
#![allow(unsafe_code, reason = "fork(2) and what a child may do after it")]

use std::io::{self, Write};
use std::mem;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Reason, op};

use crate::harness::{Came, is_at_end, on_each_setup};

/// The exit code of a child process that runs `body`, which must not panic, lock or
/// allocate much: other threads of this process do not exist there.
fn fork_and_run(body: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child runs `body` alone and leaves; it waits for no lock of another thread.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork: {}", io::Error::last_os_error());
    if pid == 0 {
        let code = body();
        // SAFETY: leaves at once, without what the parent had registered to run at its end.
        unsafe { libc::_exit(code) }
    }
    let mut status = 0;
    // SAFETY: waits for the child that was made above.
    let waited = unsafe { libc::waitpid(pid, &raw mut status, 0) };
    assert_eq!(waited, pid);
    assert!(libc::WIFEXITED(status), "the child was killed by signal {}", libc::WTERMSIG(status));
    libc::WEXITSTATUS(status)
}

#[test]
fn a_child_is_refused_and_the_operations_of_its_parent_go_on() {
    on_each_setup(|rig| {
        let (handle, mut peer) = rig.connection();
        let (idle, mut idle_peer) = rig.connection();
        let id = rig.proactor.submit(Token(1), op::RecvMany { handle }).unwrap();
        // One that waits for readiness, and one that no driver was told of.
        rig.poll(Duration::from_millis(1));
        let second = rig.proactor.submit(Token(2), op::Recv::new(idle, Vec::with_capacity(8))).unwrap();
        let code = fork_and_run(|| {
            let is_refused = |error: &io::Error| error.kind() == io::ErrorKind::Unsupported;
            let polled = rig.proactor.poll(&mut rig.events, &mut rig.completions, Some(Duration::ZERO));
            if !polled.is_err_and(|error| is_refused(&error)) {
                return 1;
            }
            match rig.proactor.submit(Token(3), op::RecvMany { handle }) {
                Err(rejected) if matches!(&rejected.reason, Reason::Driver(error) if is_refused(error)) => {}
                _ => return 2,
            }
            if rig.proactor.cancel(id) {
                return 3;
            }
            if rig.proactor.capabilities().is_ok() || rig.proactor.remote().is_ok() {
                return 4;
            }
            // Neither touches what the parent shares with the kernel.
            rig.proactor.close(handle);
            let _ = rig.proactor.detach(idle);
            0
        });
        assert_eq!(code, 0, "{}", rig.way);
        peer.write_all(b"parent").unwrap();
        let (token, more, came) = rig.next();
        assert_eq!((token, more), (Token(1), true));
        assert!(matches!(&came, Came::Received(bytes) if bytes == b"parent"), "{}: {came:?}", rig.way);
        idle_peer.write_all(b"too").unwrap();
        assert_eq!(rig.done::<op::Recv<Vec<u8>>>(second).1.buf, b"too");
        rig.proactor.close(handle);
        rig.wait();
        assert!(is_at_end(&peer), "{}", rig.way);
    });
}

#[test]
fn a_remote_is_refused_in_a_child_and_goes_on_in_the_parent() {
    on_each_setup(|rig| {
        let remote = rig.proactor.remote().unwrap();
        let (handle, _peer) = rig.connection();
        let code = fork_and_run(|| {
            let asked = [
                remote.wake(Token(1)),
                remote.submit(Token(2), op::RecvMany { handle }),
                remote.cancel_handle(handle),
                remote.cancel_token(Token(1)),
            ];
            let is_refused = |asked: &io::Result<()>| {
                asked.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Unsupported)
            };
            i32::from(!asked.iter().all(is_refused))
        });
        assert_eq!(code, 0, "{}", rig.way);
        // Nor has it woken the parent.
        assert!(rig.is_silent(), "{}", rig.way);
        remote.wake(Token(3)).unwrap();
        assert!(matches!(rig.next(), (Token(3), false, Came::Woken)), "{}", rig.way);
    });
}

#[test]
fn a_descriptor_that_a_child_closes_is_still_watched_for_its_parent() {
    on_each_setup(|rig| {
        // A receive that is over leaves the descriptor registered.
        let (handle, mut peer) = rig.connection();
        let id = rig.proactor.submit(Token(1), op::Recv::new(handle, Vec::with_capacity(8))).unwrap();
        rig.poll(Duration::from_millis(1));
        peer.write_all(b"1").unwrap();
        rig.done::<op::Recv<Vec<u8>>>(id).0.unwrap();
        let code = fork_and_run(|| match rig.proactor.detach(handle) {
            Ok(fd) => {
                mem::forget(fd);
                0
            }
            Err(_) => 1,
        });
        assert_eq!(code, 0, "{}", rig.way);
        let id = rig.proactor.submit(Token(1), op::Recv::new(handle, Vec::with_capacity(8))).unwrap();
        rig.poll(Duration::from_millis(1));
        peer.write_all(b"2").unwrap();
        assert_eq!(rig.done::<op::Recv<Vec<u8>>>(id).1.buf, b"2", "{}", rig.way);
    });
}

#[test]
fn a_child_drops_the_proactor_without_harm() {
    on_each_setup(|rig| {
        let (handle, mut peer) = rig.connection();
        rig.proactor.submit(Token(1), op::RecvMany { handle }).unwrap();
        rig.poll(Duration::from_millis(1));
        let code = fork_and_run(|| {
            // SAFETY: the child leaves without another look at the original.
            let proactor = unsafe { std::ptr::read(&raw const rig.proactor) };
            drop(proactor);
            0
        });
        assert_eq!(code, 0, "{}", rig.way);
        peer.write_all(b"parent").unwrap();
        let (_, _, came) = rig.next();
        assert!(matches!(&came, Came::Received(bytes) if bytes == b"parent"), "{}: {came:?}", rig.way);
    });
}
