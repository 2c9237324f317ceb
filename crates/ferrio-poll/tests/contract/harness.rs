//! The small vocabulary that the tests share.

use std::env;
use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use mio::event::{Event, Source};
use mio::{Events, Interest, Poll, Token};

use crate::subject;

#[path = "harness/facts.rs"]
pub(crate) mod facts;
#[path = "harness/skips.rs"]
pub(crate) mod skips;
#[cfg(unix)]
#[path = "harness/unix.rs"]
pub(crate) mod unix;
#[cfg(windows)]
#[path = "harness/windows.rs"]
pub(crate) mod windows;

#[cfg(unix)]
pub(crate) use self::unix as system;
#[cfg(windows)]
pub(crate) use self::windows as system;

/// How long an expected event may take before the test fails. Generous: a
/// loaded machine must not fail a test, and a passing test never waits this long.
/// Seeded faults make tests fail on purpose; their runs ask for less.
pub(crate) const PATIENCE: Duration = match option_env!("FERRIO_IMPATIENT") {
    Some(_) => Duration::from_secs(5),
    None => Duration::from_secs(30),
};

/// How long silence is watched before a test believes it.
pub(crate) const SILENCE: Duration = Duration::from_millis(40);

/// A Poll of the subject and room for 16 events.
pub(crate) fn poll_with_events() -> (Poll, Events) {
    (subject::new_poll().expect("a new Poll"), Events::with_capacity(16))
}

/// An address that lets the kernel choose a free port.
pub(crate) fn any_local_v4() -> SocketAddr {
    "127.0.0.1:0".parse().expect("an address")
}

/// Polls once, again if a signal interrupts the wait.
pub(crate) fn poll_once(poll: &mut Poll, events: &mut Events, timeout: Duration) {
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match poll.poll(events, Some(left)) {
            Ok(()) => return,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => panic!("poll failed: {error}"),
        }
    }
}

/// What must hold of an expected event.
pub(crate) type Holds = fn(&Event) -> bool;

/// Polls until every pair of `expected` was seen: an event with that token for
/// which the predicate holds. Events may arrive over several polls and carry
/// more than asked; an event with a token that was not expected fails the test.
pub(crate) fn expect_events(poll: &mut Poll, events: &mut Events, expected: &[(Token, Holds)]) {
    let mut missing: Vec<_> = expected.to_vec();
    let mut seen = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    while !missing.is_empty() {
        // One wait for all the time there is: a short one would find what a lost wake
        // should have reported.
        poll_once(poll, events, deadline.saturating_duration_since(Instant::now()));
        for event in events.iter() {
            seen.push(format!("{event:?}"));
            assert!(
                expected.iter().any(|(token, _)| *token == event.token()),
                "an event nobody expected: {event:?}"
            );
            missing.retain(|(token, holds)| *token != event.token() || !holds(event));
        }
        assert!(Instant::now() < deadline, "{} expected events missing, saw {seen:?}", missing.len());
    }
}

/// Polls until one event with `token` arrives and returns it; fails if any
/// other event comes with it.
pub(crate) fn expect_one_event(poll: &mut Poll, events: &mut Events, token: Token) -> Event {
    let deadline = Instant::now() + PATIENCE;
    loop {
        poll_once(poll, events, deadline.saturating_duration_since(Instant::now()));
        assert!(Instant::now() < deadline, "no event for {token:?} in time, but {events:?}");
        let all: Vec<_> = events.iter().cloned().collect();
        match all.as_slice() {
            [] => {}
            [event] if event.token() == token => return event.clone(),
            others => panic!("expected exactly one event for {token:?}, saw {others:?}"),
        }
    }
}

/// Watches for [`SILENCE`] and fails if anything is reported.
pub(crate) fn expect_no_events(poll: &mut Poll, events: &mut Events) {
    poll_once(poll, events, SILENCE);
    assert!(events.is_empty(), "expected silence, saw {events:?}");
}

/// How often [`expect_in_some_attempt`] tries.
const ATTEMPTS: usize = 20;

/// Fails unless `attempt` succeeds once: a busy machine may spoil one attempt, and only a fault
/// spoils all of them.
pub(crate) fn expect_in_some_attempt(what: &str, mut attempt: impl FnMut() -> bool) {
    assert!((0..ATTEMPTS).any(|_| attempt()), "in none of {ATTEMPTS} attempts: {what}");
}

/// Fails unless `result` is `WouldBlock`.
pub(crate) fn assert_would_block<T>(result: io::Result<T>) {
    match result {
        Ok(_) => panic!("expected WouldBlock, got a value"),
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "{error}"),
    }
}

/// Repeats `operation` while it would block; fails after [`PATIENCE`].
pub(crate) fn retry<T>(mut operation: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match operation() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                assert!(Instant::now() < deadline, "would block for longer than {PATIENCE:?}");
                thread::sleep(Duration::from_millis(1));
            }
            result => return result,
        }
    }
}

/// Both directions.
pub(crate) const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Polls once with `timeout` while another thread does `action`, after a pause
/// that lets the poll fall asleep. Returns how long the poll took and what the
/// action returned.
pub(crate) fn poll_during<T: Send>(
    poll: &mut Poll,
    events: &mut Events,
    timeout: Option<Duration>,
    action: impl FnOnce() -> T + Send,
) -> (Duration, T) {
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            thread::sleep(SILENCE);
            action()
        });
        let begin = Instant::now();
        poll.poll(events, timeout).expect("poll");
        let elapsed = begin.elapsed();
        (elapsed, other.join().expect("the other thread"))
    })
}

/// A source that was drained past the subject is armed again by `reregister` where the
/// backend cannot know of it. Elsewhere there is nothing to do.
pub(crate) fn rearm(poll: &Poll, source: &mut impl Source, token: Token, interest: Interest) {
    if subject::rearms_on_demand() {
        poll.registry().reregister(source, token, interest).expect("reregister");
    }
}

/// The tokens of `events`, sorted.
pub(crate) fn tokens(events: &Events) -> Vec<usize> {
    let mut tokens: Vec<usize> = events.iter().map(|event| event.token().0).collect();
    tokens.sort_unstable();
    tokens
}

/// Polls until nothing came for [`SILENCE`]; returns all tokens seen, sorted.
pub(crate) fn tokens_until_silence(poll: &mut Poll, events: &mut Events) -> Vec<usize> {
    let mut seen = Vec::new();
    loop {
        poll_once(poll, events, SILENCE);
        if events.is_empty() {
            seen.sort_unstable();
            return seen;
        }
        seen.extend(tokens(events));
        // A limit by number, for wine takes milliseconds for one event among a thousand sources.
        assert!(seen.len() < 10_000, "events without an end: {:?}", &seen[..100]);
    }
}

/// Polls until there were as many events as `expected` has tokens, sorted, and then for
/// [`SILENCE`]; fails if others were seen.
pub(crate) fn expect_tokens(poll: &mut Poll, events: &mut Events, expected: &[usize]) {
    let mut seen = Vec::new();
    let mut deadline = Instant::now() + PATIENCE;
    while seen.len() < expected.len() {
        poll_once(poll, events, deadline.saturating_duration_since(Instant::now()));
        assert!(Instant::now() < deadline, "{seen:?} and no more of {expected:?}");
        if !events.is_empty() {
            deadline = Instant::now() + PATIENCE;
        }
        seen.extend(tokens(events));
    }
    seen.extend(tokens_until_silence(poll, events));
    seen.sort_unstable();
    assert_eq!(seen, expected);
}

/// Fails unless `result` is an error of `kind` with a text.
pub(crate) fn assert_kind<T>(result: io::Result<T>, kind: io::ErrorKind) {
    let error = result.err().expect("an error");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(!error.to_string().is_empty());
}

/// This program once more. Where it cannot be started by itself, a variable names the emulator
/// and what that needs.
pub(crate) fn this_program() -> Command {
    let program = env::current_exe().expect("the path of this program");
    let emulator = env::var("FERRIO_TEST_RUNNER").unwrap_or_default();
    let mut words = emulator.split_whitespace();
    let Some(first) = words.next() else { return Command::new(program) };
    let mut command = Command::new(first);
    command.args(words).arg(program);
    command
}

/// Runs `body` in a process of its own, where no other test opens or closes
/// descriptors. `test` is the full name of the calling test, which the child runs
/// alone.
pub(crate) fn in_own_process(test: &str, body: fn()) {
    const CHILD: &str = "FERRIO_CONTRACT_ALONE";
    if env::var_os(CHILD).is_some() {
        return body();
    }
    let child = this_program()
        .args([test, "--exact", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .expect("a child process");
    let stdout = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "the child ended with {}: {stdout}", child.status);
    assert!(stdout.contains("1 passed"), "the child ran no test named {test}: {stdout}");
}
