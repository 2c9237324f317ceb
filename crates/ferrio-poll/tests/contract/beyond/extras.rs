//! What a Poll can be built to do beside waiting.

use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mio::{Backend, Builder, Events, Interest, Poll, Token, Waker};

use crate::harness::system::stream_pair;
use crate::harness::{
    PATIENCE, expect_in_some_attempt, expect_no_events, expect_one_event, poll_during, poll_once,
    poll_with_events,
};

const SOURCE: Token = Token(6);

fn builder() -> Builder {
    Poll::builder().backend(Backend::from_env().unwrap())
}

#[test]
fn timing_tells_busy_from_idle_and_names_the_longest_busy_period() {
    // A busy machine may keep another step waiting for longer.
    expect_in_some_attempt("the longest is that of the event", longest_is_that_of_the_event);
}

fn longest_is_that_of_the_event() -> bool {
    let mut poll = builder().timing(true).build().unwrap();
    let mut events = Events::with_capacity(4);
    let (mut reader, mut writer) = stream_pair();
    poll.registry().register(&mut reader, SOURCE, Interest::READABLE).unwrap();
    let work = Duration::from_millis(150);
    let pause = Duration::from_millis(30);
    poll_once(&mut poll, &mut events, pause);
    assert_eq!(poll.timing().unwrap().busy, Duration::ZERO);
    writer.write_all(b"!").unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    thread::sleep(work);
    poll_once(&mut poll, &mut events, Duration::ZERO);
    let timing = poll.timing().unwrap();
    assert!(timing.busy >= work && timing.idle >= pause, "{timing:?}");
    let longest = timing.longest.unwrap();
    assert!(longest.duration >= work);
    assert!(timing.histogram[24..].iter().sum::<u64>() >= 1, "{timing:?}");
    assert_eq!(timing.histogram.iter().sum::<u64>() + 1, poll.stats().polls);
    (longest.token, longest.events) == (Some(SOURCE), 1)
}

#[test]
fn timing_is_off_unless_asked_for() {
    let (poll, _) = poll_with_events();
    assert!(poll.timing().is_none());
    assert!(builder().timing(false).build().unwrap().timing().is_none());
}

#[test]
fn a_stall_is_told_with_its_token() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&seen);
    let threshold = Duration::from_millis(200);
    let mut poll =
        builder().on_stall(threshold, move |stall| tell.lock().unwrap().push(*stall)).build().unwrap();
    let mut events = Events::with_capacity(4);
    let waker = Waker::new(poll.registry(), SOURCE).unwrap();
    waker.wake().unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    thread::sleep(threshold);
    poll_once(&mut poll, &mut events, Duration::ZERO);
    let seen = seen.lock().unwrap();
    assert!(!seen.is_empty());
    assert!(seen.iter().all(|stall| stall.duration >= threshold));
    assert!(seen.iter().any(|stall| stall.token == Some(SOURCE)), "{seen:?}");
    assert!(poll.timing().is_some());
}

#[test]
fn a_panic_of_the_callback_leaves_the_extras_in_place() {
    let threshold = Duration::ZERO;
    let mut poll = builder().on_stall(threshold, |_| panic!("of the callback")).build().unwrap();
    let mut events = Events::with_capacity(4);
    poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
    for round in 1..4 {
        let caught = panic::catch_unwind(AssertUnwindSafe(|| poll.poll(&mut events, Some(Duration::ZERO))));
        assert!(caught.is_err());
        assert_eq!(poll.timing().unwrap().histogram.iter().sum::<u64>(), round);
    }
}

#[test]
fn a_poll_with_extras_waits_like_any_other() {
    let all = || builder().timing(true).spin(Duration::from_micros(50)).forbid_fork(true);
    for with_waker in [false, true] {
        let mut poll = all().build().unwrap();
        let mut events = Events::with_capacity(4);
        let waker = with_waker.then(|| Waker::new(poll.registry(), Token(1)).unwrap());
        let (mut reader, mut writer) = stream_pair();
        poll.registry().register(&mut reader, SOURCE, Interest::READABLE).unwrap();
        for timeout in [Duration::ZERO, Duration::from_micros(10), Duration::from_millis(5)] {
            let begin = Instant::now();
            poll.poll(&mut events, Some(timeout)).unwrap();
            assert!(events.is_empty() && begin.elapsed() >= timeout);
        }
        poll_during(&mut poll, &mut events, None, || writer.write_all(b"!").unwrap());
        assert_eq!(events[0].token(), SOURCE);
        if let Some(waker) = waker {
            poll_during(&mut poll, &mut events, Some(PATIENCE), || waker.wake().unwrap());
            assert_eq!(events[0].token(), Token(1));
        }
        expect_no_events(&mut poll, &mut events);
    }
    assert!(format!("{:?}", all()).contains("Builder"));
}

#[test]
fn the_first_waker_of_a_poll_with_extras_may_come_while_it_sleeps() {
    let mut poll = builder().timing(true).build().unwrap();
    let mut events = Events::with_capacity(4);
    let registry = poll.registry().try_clone().unwrap();
    poll_during(&mut poll, &mut events, None, || {
        let waker = Waker::new(&registry, SOURCE).unwrap();
        waker.wake().unwrap();
        waker
    });
    assert_eq!(events[0].token(), SOURCE);
}

#[test]
fn a_poll_that_spins_finds_what_comes_meanwhile() {
    let mut poll = builder().spin(PATIENCE).build().unwrap();
    let mut events = Events::with_capacity(4);
    let waker = Waker::new(poll.registry(), SOURCE).unwrap();
    // The other thread may wake before the first look has ended.
    expect_in_some_attempt("it looks more than once", || {
        let before = poll.stats().polls;
        poll_during(&mut poll, &mut events, None, || waker.wake().unwrap());
        assert_eq!(events.len(), 1);
        poll.stats().polls > before + 1
    });
}
