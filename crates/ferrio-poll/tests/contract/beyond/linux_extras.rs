//! What only Linux has.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use mio::net::UnixStream;
use mio::os::linux::{BusyPoll, EpollFlags, PollExt, RegistryExt};
use mio::{Support, Token};

use crate::harness::{assert_kind, expect_in_some_attempt, expect_one_event, poll_with_events};

const SOURCE: Token = Token(6);

#[test]
fn raw_flags_are_taken_as_they_are() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, mut writer) = UnixStream::pair().unwrap();
    let registry = poll.registry();
    if poll.capabilities().raw_flags == Support::Absent {
        let result = registry.register_flags(&reader, SOURCE, EpollFlags::IN);
        assert_kind(result, io::ErrorKind::Unsupported);
        assert_kind(registry.reregister_flags(&reader, SOURCE, EpollFlags::IN), io::ErrorKind::Unsupported);
        return;
    }
    registry.register_flags(&reader, SOURCE, EpollFlags::IN | EpollFlags::EXCLUSIVE).unwrap();
    writer.write_all(b"!").unwrap();
    // Without ET it is a level.
    expect_one_event(&mut poll, &mut events, SOURCE);
    expect_one_event(&mut poll, &mut events, SOURCE);
    let registry = poll.registry();
    let error =
        registry.reregister_flags(&reader, SOURCE, EpollFlags::IN | EpollFlags::EXCLUSIVE).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    assert!(error.to_string().contains("IN | EXCLUSIVE"), "{error}");
    let (other, _peer) = UnixStream::pair().unwrap();
    let flags = EpollFlags::IN | EpollFlags::EXCLUSIVE | EpollFlags::ONESHOT;
    assert_kind(registry.register_flags(&other, SOURCE, flags), io::ErrorKind::Unsupported);
    registry.register_flags(&other, SOURCE, EpollFlags::OUT | EpollFlags::ONESHOT).unwrap();
    registry.reregister_flags(&other, SOURCE, EpollFlags::OUT | EpollFlags::ET).unwrap();
}

#[test]
fn an_exclusive_listener_wakes_not_everybody() {
    if poll_with_events().0.capabilities().raw_flags == Support::Absent {
        return;
    }
    // All are woken if none of them sleeps yet, and none if the client comes after their time.
    expect_in_some_attempt("some of 8 are woken, and not all", || (1..8).contains(&woken_of_8()));
}

/// How many of eight polls a client wakes, which share a listener with the flag `EXCLUSIVE`.
fn woken_of_8() -> usize {
    let mut polls: Vec<_> = (0..8).map(|_| poll_with_events()).collect();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    for (poll, _) in &polls {
        let flags = EpollFlags::IN | EpollFlags::EXCLUSIVE | EpollFlags::ET;
        poll.registry().register_flags(&listener, SOURCE, flags).unwrap();
    }
    let address = listener.local_addr().unwrap();
    thread::scope(|scope| {
        let waits: Vec<_> = polls
            .iter_mut()
            .map(|(poll, events)| {
                scope.spawn(|| poll.wait(events, Some(Duration::from_millis(400))).unwrap())
            })
            .collect();
        thread::sleep(Duration::from_millis(150));
        let _client = std::net::TcpStream::connect(address).unwrap();
        waits.into_iter().map(|wait| wait.join().unwrap()).sum()
    })
}

#[test]
fn busy_polling_is_set_or_refused_by_name() {
    let (poll, _) = poll_with_events();
    let wanted = BusyPoll { micros: 50, budget: 8, prefer: true };
    match poll.set_busy_poll(wanted) {
        Ok(()) => {
            assert_eq!(poll.busy_poll().unwrap(), wanted);
            let error = poll.set_busy_poll(BusyPoll { micros: u32::MAX, ..wanted }).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
            assert_eq!(poll.busy_poll().unwrap(), wanted);
            poll.set_busy_poll(BusyPoll::default()).unwrap();
        }
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::Unsupported, "{error}");
            assert_kind(poll.busy_poll(), io::ErrorKind::Unsupported);
        }
    }
}
