//! A sleeper on the descriptor of a Poll.

use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use mio::park::{Harvest, Park};
use mio::time::Timer;
use mio::unix::pipe;
use mio::{Events, Interest, Poll, Token, Waker, user};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read, write};

use crate::harness::unix::eventfd;
use crate::harness::{PATIENCE, SILENCE, poll_with_events};

/// Sleeps in poll(2) on the descriptor of the Poll and on one of its own, which ends the wait.
struct Sleeper {
    own: OwnedFd,
    /// How often it was asked to sleep.
    parks: usize,
    /// How often its own descriptor was ready.
    rings: usize,
}

impl Sleeper {
    fn new() -> Sleeper {
        Sleeper { own: eventfd(), parks: 0, rings: 0 }
    }
}

impl Park for Sleeper {
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool> {
        self.parks += 1;
        let timeout = timeout.map(|timeout| Timespec {
            tv_sec: timeout.as_secs().min(1 << 40) as _,
            tv_nsec: i64::from(timeout.subsec_nanos()) as _,
        });
        let mut fds = [
            PollFd::from_borrowed_fd(harvest.descriptor(), PollFlags::IN),
            PollFd::new(&self.own, PollFlags::IN),
        ];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        let [of_the_poll, own] = fds.map(|fd| !fd.revents().is_empty());
        if own {
            read(&self.own, &mut [0; 8])?;
            self.rings += 1;
        }
        if of_the_poll {
            harvest.look()?;
        }
        Ok(own)
    }
}

fn tokens(events: &Events) -> Vec<usize> {
    events.iter().map(|event| event.token().0).collect()
}

/// Waits through `sleeper` until there are events.
fn park(poll: &mut Poll, events: &mut Events, sleeper: &mut Sleeper) -> Vec<usize> {
    poll.poll_parked(events, Some(PATIENCE), sleeper).unwrap();
    tokens(events)
}

#[test]
fn a_wake_ends_the_sleep_of_a_parker() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), Token(5)).unwrap();
    let mut sleeper = Sleeper::new();
    for _ in 0..20 {
        let other = waker.clone();
        let thread = thread::spawn(move || other.wake().unwrap());
        assert_eq!(park(&mut poll, &mut events, &mut sleeper), [5]);
        thread.join().unwrap();
    }
}

#[test]
fn timers_channels_and_user_sources_come_through_a_parker() {
    let (mut poll, mut events) = poll_with_events();
    let mut sleeper = Sleeper::new();
    let mut timer = Timer::new();
    let (sender, mut receiver) = user::channel();
    let (mut source, trigger) = user::source();
    poll.registry().register(&mut timer, Token(1), Interest::READABLE).unwrap();
    poll.registry().register(&mut receiver, Token(2), Interest::READABLE).unwrap();
    poll.registry().register(&mut source, Token(3), Interest::READABLE).unwrap();

    let start = Instant::now();
    timer.set(Duration::from_millis(5)).unwrap();
    assert_eq!(park(&mut poll, &mut events, &mut sleeper), [1]);
    assert!(start.elapsed() >= Duration::from_millis(5));
    assert_eq!(timer.take(), 1);

    let thread = thread::spawn(move || {
        thread::sleep(SILENCE / 4);
        sender.send('a').unwrap();
        // Its end would be an event too, now or later.
        sender
    });
    assert_eq!(park(&mut poll, &mut events, &mut sleeper), [2]);
    let _sender = thread.join().unwrap();
    assert_eq!(receiver.try_recv(), Ok('a'));

    trigger.fire().unwrap();
    assert_eq!(park(&mut poll, &mut events, &mut sleeper), [3]);
    assert!(source.take().is_some());
}

#[test]
fn a_timer_that_another_thread_sets_ends_the_sleep_of_a_parker() {
    let (mut poll, mut events) = poll_with_events();
    let mut timer = Timer::new();
    poll.registry().register(&mut timer, Token(1), Interest::READABLE).unwrap();
    let timer = Arc::new(timer);
    let other = Arc::clone(&timer);
    let thread = thread::spawn(move || {
        thread::sleep(SILENCE / 4);
        other.set(Duration::from_millis(1)).unwrap();
    });
    assert_eq!(park(&mut poll, &mut events, &mut Sleeper::new()), [1]);
    thread.join().unwrap();
}

#[test]
fn a_source_of_the_kernel_comes_through_a_parker_where_the_kernel_holds_it() {
    let (mut poll, mut events) = poll_with_events();
    if !poll.capabilities().embeddable {
        // Its descriptor shows wakes only: a parker sleeps in `Harvest::wait` there.
        return;
    }
    let (mut sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, Token(4), Interest::READABLE).unwrap();
    let thread = thread::spawn(move || {
        thread::sleep(SILENCE / 4);
        sender.write_all(b"!").unwrap();
        sender
    });
    assert_eq!(park(&mut poll, &mut events, &mut Sleeper::new()), [4]);
    drop(thread.join().unwrap());
}

#[test]
fn what_the_parker_has_ends_the_wait_without_an_event() {
    let (mut poll, mut events) = poll_with_events();
    let mut sleeper = Sleeper::new();
    let own = sleeper.own.as_fd().try_clone_to_owned().unwrap();
    let thread = thread::spawn(move || {
        thread::sleep(SILENCE / 4);
        write(&own, &1_u64.to_ne_bytes()).unwrap();
    });
    poll.poll_parked(&mut events, None, &mut sleeper).unwrap();
    assert_eq!((events.is_empty(), sleeper.rings), (true, 1));
    thread.join().unwrap();
}

#[test]
fn a_parked_wait_keeps_its_timeout() {
    let (mut poll, mut events) = poll_with_events();
    let mut sleeper = Sleeper::new();
    for timeout in [Duration::ZERO, SILENCE] {
        let start = Instant::now();
        poll.poll_parked(&mut events, Some(timeout), &mut sleeper).unwrap();
        assert!(start.elapsed() >= timeout && events.is_empty(), "{timeout:?}: {events:?}");
    }
}

#[test]
fn nothing_is_embedded_by_a_parker_and_a_redundant_wake_stays_free() {
    let (mut poll, mut events) = poll_with_events();
    let waker = Waker::new(poll.registry(), Token(5)).unwrap();
    let mut sleeper = Sleeper::new();
    for _ in 0..10 {
        // The Poll is awake.
        waker.wake().unwrap();
        assert_eq!(park(&mut poll, &mut events, &mut sleeper), [5]);
    }
    // The first wake comes before the first wait, of which the waker knows nothing.
    assert!(poll.stats().wake_syscalls <= 1, "{:?}", poll.stats());
}

#[test]
fn the_queue_and_a_parker_take_turns_at_capacity_1() {
    let mut poll = poll_with_events().0;
    if !poll.capabilities().embeddable {
        return;
    }
    let mut events = Events::with_capacity(1);
    let (mut sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register_with(&mut receiver, Token(4), Interest::READABLE, mio::Mode::Level).unwrap();
    sender.write_all(b"!").unwrap();
    let (mut source, trigger) = user::source();
    poll.registry().register_with(&mut source, Token(3), Interest::READABLE, mio::Mode::Level).unwrap();
    trigger.fire().unwrap();
    let mut sleeper = Sleeper::new();
    let mut counts = [0, 0];
    for _ in 0..20 {
        match park(&mut poll, &mut events, &mut sleeper)[..] {
            [3] => counts[0] += 1,
            [4] => counts[1] += 1,
            ref other => panic!("{other:?}"),
        }
    }
    assert!(counts[0] >= 9 && counts[1] >= 9, "{counts:?}");
}
