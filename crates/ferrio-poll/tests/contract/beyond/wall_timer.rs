//! A time of day is an event.

use std::io;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use mio::time::{Tick, WallTimer};
use mio::{Events, Interest, Mode, Poll, Token};

use crate::harness::{
    PATIENCE, SILENCE, expect_no_events, expect_one_event, poll_during, poll_with_events, tokens,
};

const TIMER: Token = Token(5);

/// Long enough to see that something is not there yet.
const SOON: Duration = Duration::from_millis(20);

/// A timer that does not come while a test runs.
const LATE: Duration = Duration::from_secs(3600);

fn setup() -> (Poll, Events, WallTimer) {
    setup_with(Mode::Edge)
}

fn setup_with(mode: Mode) -> (Poll, Events, WallTimer) {
    let (poll, events) = poll_with_events();
    let mut timer = WallTimer::new().unwrap();
    poll.registry().register_with(&mut timer, TIMER, Interest::READABLE, mode).unwrap();
    (poll, events, timer)
}

/// Waits until the time has come, and says how often.
fn expect_expired(poll: &mut Poll, events: &mut Events, timer: &WallTimer) -> u64 {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let event = expect_one_event(poll, events, TIMER);
        assert!(event.is_readable(), "{event:?}");
        match timer.take().unwrap() {
            Some(Tick::Expired(times)) => return times,
            // Somebody may set the clock of this machine, also to nothing new.
            other => assert!(Instant::now() < deadline, "{other:?} again and again"),
        }
    }
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
}

#[test]
fn a_time_comes_once_and_never_early() {
    let (mut poll, mut events, timer) = setup();
    for wait in [0, 1, 999_999, 1_000_000, 20_000_001].map(Duration::from_nanos) {
        let when = SystemTime::now() + wait;
        timer.set(when).unwrap();
        assert_eq!(expect_expired(&mut poll, &mut events, &timer), 1);
        assert!(SystemTime::now() >= when, "{wait:?} came early");
        assert_eq!(timer.take().unwrap(), None);
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_timer_that_is_not_set_is_silent() {
    let (mut poll, mut events, timer) = setup();
    expect_no_events(&mut poll, &mut events);
    assert_eq!(timer.take().unwrap(), None);
}

#[test]
fn a_time_in_the_past_has_come_already() {
    let (mut poll, mut events, timer) = setup();
    let now = SystemTime::now();
    for past in [SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_nanos(1), now - LATE, now] {
        timer.set(past).unwrap();
        assert_eq!(expect_expired(&mut poll, &mut events, &timer), 1);
    }
}

#[test]
fn the_times_of_an_interval_are_counted_also_those_that_nobody_took() {
    let (mut poll, mut events, timer) = setup();
    let (offset, interval) = (Duration::from_millis(7), Duration::from_millis(10));
    // How many of the times have come.
    let count = || (since_1970() - offset).as_nanos() / interval.as_nanos();
    let before = count();
    timer.set_every(offset, interval).unwrap();
    let after = count();
    let mut taken = 0;
    for pause in [0, 5, 0, 3] {
        thread::sleep(pause * interval);
        let due = count();
        taken += u128::from(expect_expired(&mut poll, &mut events, &timer));
        // What had come by then is taken, and nothing that is still to come.
        assert!(after + taken >= due, "{taken} of {}", due - after);
        assert!(before + taken <= count(), "{taken} of {}", count() - before);
    }
    assert!(taken >= 7, "{taken} in eight intervals");
}

#[test]
fn an_interval_begins_with_its_offset() {
    let (mut poll, mut events, timer) = setup();
    // On a busy machine the offset may be in the past before it is set; then it is a place on the
    // clock, as below.
    let offset = loop {
        let offset = since_1970() + SOON;
        timer.set_every(offset, LATE).unwrap();
        if since_1970() < offset {
            break offset;
        }
    };
    assert_eq!(expect_expired(&mut poll, &mut events, &timer), 1);
    assert!(since_1970() >= offset);
    expect_no_events(&mut poll, &mut events);
    // An offset of long ago is a place on the clock: the next time is less than an
    // interval away, and is not now.
    timer.set_every(since_1970() - 10 * LATE - Duration::from_secs(60), LATE).unwrap();
    expect_no_events(&mut poll, &mut events);
    assert_eq!(timer.take().unwrap(), None);
}

#[test]
fn the_shortest_interval_is_one_event_at_a_time() {
    let (mut poll, mut events, timer) = setup();
    timer.set_every(Duration::ZERO, Duration::from_nanos(1)).unwrap();
    for _ in 0..10 {
        assert!(expect_expired(&mut poll, &mut events, &timer) >= 1);
    }
    timer.cancel().unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_cancelled_timer_is_silent_also_if_its_time_had_come() {
    let (mut poll, mut events, timer) = setup();
    timer.cancel().unwrap();
    timer.set(SystemTime::now() + SOON).unwrap();
    timer.cancel().unwrap();
    expect_no_events(&mut poll, &mut events);
    timer.set_every(Duration::ZERO, Duration::from_millis(1)).unwrap();
    thread::sleep(SOON);
    timer.cancel().unwrap();
    timer.cancel().unwrap();
    assert_eq!(timer.take().unwrap(), None);
    expect_no_events(&mut poll, &mut events);
    timer.set(SystemTime::now()).unwrap();
    assert_eq!(expect_expired(&mut poll, &mut events, &timer), 1);
}

#[test]
fn the_last_setting_counts() {
    let (mut poll, mut events, timer) = setup();
    timer.set(SystemTime::now() + LATE).unwrap();
    timer.set_every(Duration::ZERO, Duration::from_millis(1)).unwrap();
    timer.set(SystemTime::now() + SOON).unwrap();
    assert_eq!(expect_expired(&mut poll, &mut events, &timer), 1);
    timer.set(SystemTime::now() + SOON).unwrap();
    timer.set(SystemTime::now() + LATE).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_timer_that_is_set_before_its_tick_was_taken_is_an_event_again() {
    let (mut poll, mut events, timer) = setup();
    for _ in 0..3 {
        timer.set(SystemTime::now() + Duration::from_millis(2)).unwrap();
        expect_one_event(&mut poll, &mut events, TIMER);
        // Nobody asks why.
    }
    timer.cancel().unwrap();
    timer.set(SystemTime::now() + SOON).unwrap();
    assert_eq!(expect_expired(&mut poll, &mut events, &timer), 1);
}

#[test]
fn a_timer_that_is_set_while_the_poll_sleeps_counts_at_once() {
    let (mut poll, mut events, timer) = setup();
    timer.set(SystemTime::now() + LATE).unwrap();
    poll_during(&mut poll, &mut events, None, || timer.set(SystemTime::now()).unwrap());
    assert_eq!(tokens(&events), [TIMER.0]);
    assert_eq!(timer.take().unwrap(), Some(Tick::Expired(1)));
}

#[test]
fn a_time_from_before_the_registration_is_reported_by_it() {
    let (mut poll, mut events) = poll_with_events();
    let mut timer = WallTimer::new().unwrap();
    timer.set(SystemTime::now()).unwrap();
    poll.registry().register(&mut timer, TIMER, Interest::READABLE).unwrap();
    assert_eq!(expect_expired(&mut poll, &mut events, &timer), 1);
    poll.registry().deregister(&mut timer).unwrap();
    timer.set(SystemTime::now()).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn an_interval_of_zero_is_refused_and_the_setting_before_it_stays() {
    let (mut poll, mut events, timer) = setup();
    timer.set(SystemTime::now() + SOON).unwrap();
    let error = timer.set_every(Duration::from_secs(1), Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("interval of 0ns"), "{error}");
    assert_eq!(expect_expired(&mut poll, &mut events, &timer), 1);
}

#[test]
fn times_that_the_kernels_clock_does_not_know_are_refused_by_their_value() {
    let (mut poll, mut events, timer) = setup();
    let last = SystemTime::UNIX_EPOCH + Duration::from_nanos(i64::MAX as u64);
    timer.set(last).unwrap();
    timer.set(SystemTime::now() + 25 * 24 * LATE).unwrap();
    expect_no_events(&mut poll, &mut events);
    let second = Duration::from_secs(1);
    for (result, value) in [
        // The clock of some systems has steps of 100 ns.
        (timer.set(last + second), "9223372037.8547758".to_owned()),
        (timer.set(SystemTime::UNIX_EPOCH - second), "1s before 1970".to_owned()),
        (timer.set_every(Duration::MAX, second), format!("{:?}", Duration::MAX)),
        (timer.set_every(second, Duration::MAX), format!("{:?}", Duration::MAX)),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains(&value), "{error}");
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn with_levels_a_time_is_an_event_until_it_is_taken() {
    let (mut poll, mut events, timer) = setup_with(Mode::Level);
    timer.set(SystemTime::now()).unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, TIMER);
    }
    assert_eq!(expect_expired(&mut poll, &mut events, &timer), 1);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_oneshot_timer_is_one_event_until_it_is_registered_anew() {
    let (mut poll, mut events, mut timer) = setup_with(Mode::Oneshot);
    timer.set_every(Duration::ZERO, Duration::from_millis(1)).unwrap();
    expect_one_event(&mut poll, &mut events, TIMER);
    assert!(timer.take().unwrap().is_some());
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut timer, TIMER, Interest::READABLE, Mode::Oneshot).unwrap();
    // It comes a millisecond later at most, so often had it come meanwhile.
    expect_one_event(&mut poll, &mut events, TIMER);
    let Some(Tick::Expired(times)) = timer.take().unwrap() else { panic!("the clock was set") };
    assert!(u128::from(times) >= SILENCE.as_millis() - 1, "{times}");
}
