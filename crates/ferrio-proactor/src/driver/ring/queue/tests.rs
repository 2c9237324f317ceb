use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use io_uring::{opcode, squeue, types};
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;

use super::{Cqe, Queue};
use crate::driver::ring::probe::Denied;
use crate::driver::ring::setup::Setup;
use crate::driver::ring::signals::{self, Signals};

/// What never happens in a test that passes.
const LONG: Duration = Duration::from_secs(10);

/// A ring, if there are rings here.
fn queue(entries: u32, force: Option<Setup>) -> Option<Queue> {
    match Queue::open(entries, force) {
        Ok(queue) => Some(queue),
        Err(error) if force.is_some() && error.raw_os_error() == Some(libc::EINVAL) => {
            println!("SKIPPED: no {force:?} in this kernel");
            None
        }
        Err(error) => {
            let denied = Denied::of(&error).unwrap_or_else(|| panic!("no ring: {error}"));
            println!("SKIPPED: {denied}");
            None
        }
    }
}

fn push(queue: &mut Queue, entry: squeue::Entry, user_data: u64) {
    // SAFETY: the tests push entries that name no memory, and descriptors that outlive them.
    unsafe { queue.push(&entry.user_data(user_data)) };
}

fn push_poll(queue: &mut Queue, fd: &impl AsRawFd, user_data: u64) {
    push(queue, opcode::PollAdd::new(types::Fd(fd.as_raw_fd()), libc::POLLIN as u32).build(), user_data);
}

fn nop() -> squeue::Entry {
    opcode::Nop::new().build()
}

/// Enters until `count` completions were reaped.
fn complete(queue: &mut Queue, count: usize) -> Vec<Cqe> {
    let mut done = Vec::new();
    while done.len() < count {
        match queue.enter(1, Some(LONG)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            entered => entered.unwrap(),
        }
        queue.reap(&mut done);
    }
    done
}

fn user_data(done: &[Cqe]) -> Vec<u64> {
    done.iter().map(|cqe| cqe.user_data).collect()
}

fn signal_of(queue: &Queue) -> OwnedFd {
    let signal = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC).unwrap();
    queue.register_eventfd(signal.as_fd()).unwrap();
    signal
}

/// Waits until the eventfd was signalled, and takes the signal away.
fn is_signalled(signal: &OwnedFd, timeout: Duration) -> bool {
    let mut fds = [PollFd::new(signal, PollFlags::IN)];
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match poll(&mut fds, Some(&left.try_into().unwrap())) {
            Err(Errno::INTR) => {}
            ready => {
                ready.unwrap();
                break;
            }
        }
    }
    rustix::io::read(signal, &mut [0; 8]).is_ok()
}

#[test]
fn more_entries_than_the_queue_holds_are_submitted_in_order() {
    let Some(mut queue) = queue(8, None) else { return };
    assert!(!queue.has_work());
    (0..50).for_each(|at| push(&mut queue, nop(), at));
    assert!(queue.has_work());
    // Six times the queue was full; two entries are left.
    assert_eq!(queue.enters(), 6);
    queue.enter(0, None).unwrap();
    assert_eq!(queue.enters(), 7);
    let mut done = Vec::new();
    queue.reap(&mut done);
    assert_eq!(user_data(&done), (0..50).collect::<Vec<_>>());
    assert!(done.iter().all(|cqe| cqe.result == 0));
    assert!(!queue.has_work());
    assert_eq!(queue.overflows(), 0);
}

#[test]
fn completions_that_do_not_fit_are_reaped_in_the_same_turn() {
    let Some(mut queue) = queue(8, None) else { return };
    let count = 5000;
    (0..count).for_each(|at| push(&mut queue, nop(), at));
    queue.enter(1, Some(LONG)).unwrap();
    let mut done = Vec::new();
    queue.reap(&mut done);
    assert_eq!(user_data(&done), (0..count).collect::<Vec<_>>());
    assert_eq!(queue.overflows(), 1);
    assert!(!queue.has_work());
}

#[test]
fn entries_in_the_backlog_go_first() {
    let Some(mut queue) = queue(8, None) else { return };
    // As if the kernel had refused them.
    (0..20).for_each(|at| queue.backlog.push_back(nop().user_data(at)));
    assert!(queue.has_work());
    push(&mut queue, nop(), 20);
    let done = complete(&mut queue, 21);
    assert_eq!(user_data(&done), (0..21).collect::<Vec<_>>());
    assert!(!queue.has_work());
}

#[test]
fn an_entry_that_fails_does_not_hold_up_the_next() {
    for setup in Setup::ALL {
        let Some(mut queue) = queue(8, Some(setup)) else { continue };
        // An operation that does not exist.
        let bad = opcode::UringCmd16::new(types::Fd(-1), 0).build();
        for at in 0..6 {
            push(&mut queue, if at % 2 == 0 { bad.clone() } else { nop() }, at);
        }
        let mut done = complete(&mut queue, 6);
        done.sort_by_key(|cqe| cqe.user_data);
        assert_eq!(user_data(&done), (0..6).collect::<Vec<_>>(), "{setup:?}");
        assert!(done.iter().all(|cqe| (cqe.result < 0) == (cqe.user_data % 2 == 0)), "{done:?}");
    }
}

#[test]
fn a_wait_ends_when_its_time_is_over() {
    for setup in Setup::ALL {
        let Some(mut queue) = queue(8, Some(setup)) else { continue };
        let (reader, mut writer) = UnixStream::pair().unwrap();
        push_poll(&mut queue, &reader, 1);
        // What submits says nothing about the time.
        queue.enter(0, None).unwrap();
        let begin = Instant::now();
        queue.enter(1, Some(Duration::from_millis(30))).unwrap();
        let taken = begin.elapsed();
        assert!(taken >= Duration::from_millis(30) && taken < LONG, "{taken:?}");
        queue.enter(1, Some(Duration::ZERO)).unwrap();
        let mut done = Vec::new();
        queue.reap(&mut done);
        assert_eq!(done, []);
        writer.write_all(b"x").unwrap();
        // A time that the kernel's structure cannot hold.
        queue.enter(1, Some(Duration::MAX)).unwrap();
        queue.reap(&mut done);
        assert_eq!(user_data(&done), [1]);
    }
}

#[test]
fn each_way_of_setting_up_waits_for_another_thread() {
    for setup in Setup::ALL {
        let Some(mut queue) = queue(8, Some(setup)) else { continue };
        assert_eq!(queue.setup(), setup);
        let (reader, mut writer) = UnixStream::pair().unwrap();
        let (go, gone) = mpsc::channel::<()>();
        let thread = thread::spawn(move || {
            for _ in gone {
                writer.write_all(b"x").unwrap();
            }
        });
        for round in 0..200 {
            push_poll(&mut queue, &reader, round);
            go.send(()).unwrap();
            assert_eq!(user_data(&complete(&mut queue, 1)), [round], "{setup:?}");
            (&reader).read_exact(&mut [0]).unwrap();
        }
        drop(go);
        thread.join().unwrap();
    }
}

#[test]
fn the_best_way_of_setting_up_is_chosen() {
    let Some(best) = queue(8, None) else { return };
    let first = Setup::ALL.into_iter().find(|setup| Queue::open(8, Some(*setup)).is_ok());
    assert_eq!(Some(best.setup()), first);
}

#[test]
fn a_ring_of_any_size_is_clamped() {
    let Some(mut queue) = queue(0, None) else { return };
    push(&mut queue, nop(), 1);
    assert_eq!(user_data(&complete(&mut queue, 1)), [1]);
    let parameters = queue.ring().params();
    assert_eq!((parameters.sq_entries(), parameters.cq_entries()), (1, 1024));
    let Some(queue) = self::queue(1000, None) else { return };
    let parameters = queue.ring().params();
    assert_eq!((parameters.sq_entries(), parameters.cq_entries()), (1024, 4096));
}

#[test]
fn a_signal_comes_only_while_it_is_asked_for() {
    for setup in Setup::ALL {
        let Some(mut queue) = queue(8, Some(setup)) else { continue };
        let signal = signal_of(&queue);
        let ring = |queue: &mut Queue, on: bool| {
            let (reader, mut writer) = UnixStream::pair().unwrap();
            push_poll(queue, &reader, 1);
            queue.enter(0, None).unwrap();
            if on {
                queue.signal_on();
            }
            writer.write_all(b"x").unwrap();
            let is_signalled = is_signalled(&signal, Duration::from_millis(if on { 10_000 } else { 20 }));
            queue.signal_off();
            complete(queue, 1);
            is_signalled
        };
        // Off from the beginning.
        assert!(!ring(&mut queue, false), "{setup:?}");
        assert!(ring(&mut queue, true), "{setup:?}");
        assert!(!ring(&mut queue, false), "{setup:?}");
    }
}

/// Either the owner sees that there is work, or the kernel sees that the owner wants a signal.
#[test]
fn no_completion_falls_between_the_signal_and_the_look() {
    for setup in Setup::ALL {
        let Some(mut queue) = queue(8, Some(setup)) else { continue };
        let signal = signal_of(&queue);
        let (mut reader, mut writer) = UnixStream::pair().unwrap();
        let mut other = writer.try_clone().unwrap();
        let thread = thread::spawn(move || {
            // Each byte answers one, so that it comes at about the time of the look.
            let mut byte = [0];
            while other.read(&mut byte).unwrap() == 1 {
                other.write_all(&byte).unwrap();
            }
        });
        for round in 0..3000 {
            push_poll(&mut queue, &reader, round);
            queue.enter(0, None).unwrap();
            reader.write_all(b"x").unwrap();
            let heard = signals::wait_signalled(&mut queue, Some(LONG), |timeout| {
                timeout == Some(Duration::ZERO) || is_signalled(&signal, LONG)
            });
            assert!(heard, "{setup:?}, round {round}: a completion is lost");
            assert_eq!(user_data(&complete(&mut queue, 1)), [round]);
            reader.read_exact(&mut [0]).unwrap();
        }
        writer.flush().unwrap();
        drop((reader, writer));
        thread.join().unwrap();
    }
}

#[test]
fn a_closed_ring_lets_go_of_what_was_in_flight() {
    for setup in Setup::ALL {
        let Some(mut queue) = queue(8, Some(setup)) else { continue };
        assert!(queue.index.is_some() || setup == Setup::Plain, "no index of the ring");
        let (pending, peer) = UnixStream::pair().unwrap();
        push_poll(&mut queue, &pending, 1);
        queue.enter(0, None).unwrap();
        drop(queue);
        drop(pending);
        let begin = Instant::now();
        assert!(is_ended(&peer), "{setup:?}: the ring still holds the stream");
        println!("{setup:?}: the end came after {:?}", begin.elapsed());
    }
}

/// True if the end of the stream is read before long.
fn is_ended(peer: &UnixStream) -> bool {
    peer.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    let deadline = Instant::now() + Duration::from_secs(1);
    while Instant::now() < deadline {
        match (&*peer).read(&mut [0]) {
            Ok(count) => return count == 0,
            Err(error) => assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)),
        }
    }
    false
}

#[test]
fn a_thread_does_not_run_out_of_indices() {
    let Some(first) = queue(8, None) else { return };
    // The kernel has sixteen for each thread.
    for _ in 0..40 {
        let next = Queue::open(8, None).unwrap();
        assert_eq!(next.index.is_some(), first.index.is_some());
    }
    let many: Vec<_> = (0..20).map(|_| Queue::open(8, None).unwrap()).collect();
    // Without an index a ring works as well.
    for mut queue in many {
        push(&mut queue, nop(), 1);
        assert_eq!(user_data(&complete(&mut queue, 1)), [1]);
    }
}

extern "C" fn on_signal(_: libc::c_int) {}

#[test]
fn a_signal_handler_ends_a_wait() {
    let silent = eventfd(0, EventfdFlags::CLOEXEC).unwrap();
    let Some(mut queue) = queue(8, None) else { return };
    let handler: extern "C" fn(libc::c_int) = on_signal;
    // SAFETY: the handler does nothing.
    unsafe { libc::signal(libc::SIGURG, handler as libc::sighandler_t) };
    // SAFETY: asks for the calling thread, which outlives the other.
    let waiter = unsafe { libc::pthread_self() } as usize;
    let (stop, stopped) = mpsc::channel::<()>();
    let thread = thread::spawn(move || {
        while stopped.recv_timeout(Duration::from_millis(5)) == Err(mpsc::RecvTimeoutError::Timeout) {
            // SAFETY: the thread runs, for it joins this one.
            unsafe { libc::pthread_kill(waiter as libc::pthread_t, libc::SIGURG) };
        }
    });
    let alone = queue.enter(1, Some(LONG));
    // The kernel gives the number of entries that it took, and not the error.
    push_poll(&mut queue, &silent, 1);
    let with_an_entry = queue.enter(1, Some(LONG));
    push_poll(&mut queue, &silent, 2);
    let without_timeout = queue.enter(1, None);
    drop(stop);
    thread.join().unwrap();
    for entered in [alone, with_an_entry, without_timeout] {
        assert_eq!(entered.unwrap_err().kind(), ErrorKind::Interrupted);
    }
    push_poll(&mut queue, &silent, 3);
    queue.enter(1, Some(Duration::from_millis(20))).unwrap();
}
