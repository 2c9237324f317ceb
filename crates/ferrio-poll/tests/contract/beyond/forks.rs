//! What a child process can do to a Poll that it shares with its parent.

use std::io::{self, Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use mio::net::UnixStream;
use mio::time::Timer;
use mio::unix::FdSource;
use mio::user;
use mio::{Backend, Builder, Events, Interest, Poll, Token, Waker};

use crate::fork::fork_and_run;
use crate::harness::{expect_no_events, expect_one_event, in_own_process, poll_with_events};
use crate::subject::{self, Hint};

const SOURCE: Token = Token(6);

fn builder() -> Builder {
    Poll::builder().backend(Backend::from_env().unwrap())
}

/// True if it was refused because of the fork.
fn is_refused(result: io::Result<()>) -> bool {
    match result {
        Err(error) => error.kind() == io::ErrorKind::Unsupported && error.to_string().contains("fork"),
        Ok(()) => false,
    }
}

// A forked test program is no place for asserts: the child says by its exit code what it saw.

#[test]
fn a_fork_is_noticed_where_it_is_forbidden() {
    in_own_process("beyond::forks::a_fork_is_noticed_where_it_is_forbidden", || {
        let mut poll = builder().forbid_fork(true).build().unwrap();
        let mut free = builder().build().unwrap();
        let mut events = Events::with_capacity(4);
        let (mut reader, _writer) = UnixStream::pair().unwrap();
        let (mut timer, mut other) = (Timer::new(), Timer::new());
        poll.registry().register(&mut timer, SOURCE, Interest::READABLE).unwrap();
        let is_inherited = subject::gives(Hint::InheritedPoll);
        let check = move || {
            let registry = poll.registry();
            let refused = [
                registry.register(&mut reader, SOURCE, Interest::READABLE),
                registry.register(&mut other, SOURCE, Interest::READABLE),
                registry.reregister(&mut timer, SOURCE, Interest::READABLE),
                registry.deregister(&mut timer),
                Waker::new(registry, SOURCE).map(drop),
                poll.poll(&mut events, Some(Duration::ZERO)),
            ];
            let result = free.poll(&mut events, Some(Duration::ZERO));
            // Where a child cannot have the Poll of its parent it is told so in any case.
            let is_free = if is_inherited { result.is_ok() } else { is_refused(result) };
            let is_well = refused.into_iter().all(is_refused) && is_free;
            i32::from(!is_well)
        };
        assert_eq!(fork_and_run(check), 0, "the child could use the Poll");
    });
}

#[test]
fn a_child_that_wakes_shows_its_parent_no_event() {
    in_own_process("beyond::forks::a_child_that_wakes_shows_its_parent_no_event", || {
        let (mut poll, mut events) = poll_with_events();
        let waker = Waker::new(poll.registry(), SOURCE).unwrap();
        let (mut receiver, trigger) = user::source();
        poll.registry().register(&mut receiver, SOURCE, Interest::READABLE).unwrap();
        for _ in 0..3 {
            let code = fork_and_run(|| i32::from(waker.wake().is_err() || trigger.fire().is_err()));
            assert_eq!(code, 0);
            // Its memory is not this one's: nothing was woken here.
            expect_no_events(&mut poll, &mut events);
        }
        waker.wake().unwrap();
        expect_one_event(&mut poll, &mut events, SOURCE);
    });
}

#[test]
fn a_child_that_drops_a_source_leaves_it_to_its_parent() {
    in_own_process("beyond::forks::a_child_that_drops_a_source_leaves_it_to_its_parent", || {
        let (mut poll, mut events) = poll_with_events();
        let (reader, mut writer) = UnixStream::pair().unwrap();
        let mut source = Some(FdSource::new(reader));
        poll.registry().register(source.as_mut().unwrap(), SOURCE, Interest::READABLE).unwrap();
        let code = fork_and_run(|| {
            drop(source.take());
            0
        });
        assert_eq!(code, 0);
        writer.write_all(b"!").unwrap();
        expect_one_event(&mut poll, &mut events, SOURCE);
        poll.registry().deregister(source.as_mut().unwrap()).unwrap();
    });
}

#[test]
fn a_poll_that_forbids_forks_works_on_in_the_parent() {
    let mut poll = builder().forbid_fork(true).build().unwrap();
    let mut events = Events::with_capacity(4);
    assert!(Command::new("true").status().unwrap().success());
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    let waker = Waker::new(poll.registry(), SOURCE).unwrap();
    waker.wake().unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn a_child_that_drops_a_socket_does_not_hang_on_a_lock_of_its_parent() {
    in_own_process(
        "beyond::forks::a_child_that_drops_a_socket_does_not_hang_on_a_lock_of_its_parent",
        || {
            let poll = builder().build().unwrap();
            let registry = poll.registry().try_clone().unwrap();
            let is_over = Arc::new(AtomicBool::new(false));
            let stop = Arc::clone(&is_over);
            // Holds the locks of the backend for much of the time.
            let busy = thread::spawn(move || {
                let (mut one, _other) = UnixStream::pair().unwrap();
                while !stop.load(Ordering::Relaxed) {
                    registry.register(&mut one, SOURCE, Interest::READABLE).unwrap();
                    let _ = one.read(&mut [0; 8]);
                    registry.deregister(&mut one).unwrap();
                }
            });
            for _ in 0..200 {
                let (mut one, other) = UnixStream::pair().unwrap();
                poll.registry().register(&mut one, SOURCE, Interest::READABLE).unwrap();
                let child = move || {
                    drop((one, other));
                    0
                };
                assert_eq!(fork_and_run(child), 0);
            }
            is_over.store(true, Ordering::Relaxed);
            busy.join().unwrap();
        },
    );
}
