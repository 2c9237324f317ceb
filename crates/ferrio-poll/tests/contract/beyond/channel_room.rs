//! Room in a channel with a bound is an event.

use std::io;
use std::thread;
use std::time::Instant;

use mio::user::{self, Room, SyncSender, TryRecvError, TrySendError};
use mio::{Events, Interest, Mode, Poll, Token};

use crate::harness::system::WAIT_COST;
use crate::harness::{
    PATIENCE, assert_kind, expect_no_events, expect_one_event, poll_during, poll_with_events, tokens,
};

const ROOM: Token = Token(8);

/// A room that was told to be ready at first, and is no more.
fn setup_with(sender: &SyncSender<u32>, mode: Mode) -> (Poll, Events, Room) {
    let (mut poll, mut events) = poll_with_events();
    let mut room = sender.room();
    poll.registry().register_with(&mut room, ROOM, Interest::WRITABLE, mode).unwrap();
    let event = expect_one_event(&mut poll, &mut events, ROOM);
    assert!(event.is_writable() && !event.is_readable(), "{event:?}");
    (poll, events, room)
}

fn setup(sender: &SyncSender<u32>) -> (Poll, Events, Room) {
    setup_with(sender, Mode::Edge)
}

/// Sends until there is no room.
fn fill(sender: &SyncSender<u32>) {
    loop {
        match sender.try_send(0) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_message_that_is_taken_from_a_full_channel_is_one_event() {
    let (sender, receiver) = user::sync_channel(3);
    let (mut poll, mut events, _room) = setup(&sender);
    for _ in 0..3 {
        fill(&sender);
        expect_no_events(&mut poll, &mut events);
        receiver.try_recv().unwrap();
        receiver.try_recv().unwrap();
        expect_one_event(&mut poll, &mut events, ROOM);
        receiver.try_recv().unwrap();
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn a_channel_that_was_not_full_makes_no_events() {
    let (sender, receiver) = user::sync_channel(3);
    let (mut poll, mut events, _room) = setup(&sender);
    for _ in 0..10 {
        sender.try_send(1).unwrap();
        receiver.try_recv().unwrap();
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn every_way_to_take_a_message_makes_room() {
    let (sender, receiver) = user::sync_channel(2);
    let (mut poll, mut events, _room) = setup(&sender);
    let ways: [fn(&user::Receiver<u32>); 4] = [
        |receiver| assert_eq!(receiver.try_recv(), Ok(0)),
        |receiver| assert_eq!(receiver.recv(), Ok(0)),
        |receiver| assert_eq!(receiver.try_iter().count(), 2),
        |receiver| assert_eq!(receiver.iter().next(), Some(0)),
    ];
    for take in ways {
        fill(&sender);
        take(&receiver);
        expect_one_event(&mut poll, &mut events, ROOM);
    }
}

#[test]
fn room_wakes_a_poll_that_sleeps() {
    let (sender, receiver) = user::sync_channel(1);
    let (mut poll, mut events, _room) = setup(&sender);
    fill(&sender);
    poll_during(&mut poll, &mut events, Some(PATIENCE), move || {
        receiver.try_recv().unwrap();
        receiver
    });
    assert_eq!(tokens(&events), [ROOM.0]);
}

#[test]
fn a_room_made_after_the_channel_was_full_misses_nothing() {
    let (sender, receiver) = user::sync_channel(1);
    fill(&sender);
    receiver.try_recv().unwrap();
    // It was taken before, and the new one says that it is worth a try.
    let (mut poll, mut events, mut room) = setup(&sender);
    fill(&sender);
    poll.registry().deregister(&mut room).unwrap();
    receiver.try_recv().unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().register(&mut room, Token(9), Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, Token(9));
    drop(room);
    fill(&sender);
    receiver.try_recv().unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn with_levels_room_is_an_event_until_the_channel_is_full() {
    let (sender, receiver) = user::sync_channel(1);
    let (mut poll, mut events, _room) = setup_with(&sender, Mode::Level);
    expect_one_event(&mut poll, &mut events, ROOM);
    for _ in 0..3 {
        fill(&sender);
        expect_no_events(&mut poll, &mut events);
        receiver.try_recv().unwrap();
        expect_one_event(&mut poll, &mut events, ROOM);
        expect_one_event(&mut poll, &mut events, ROOM);
    }
}

#[test]
fn a_oneshot_room_is_one_event_until_it_is_registered_anew() {
    let (sender, receiver) = user::sync_channel(1);
    let (mut poll, mut events, mut room) = setup_with(&sender, Mode::Oneshot);
    fill(&sender);
    receiver.try_recv().unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut room, ROOM, Interest::WRITABLE, Mode::Oneshot).unwrap();
    expect_one_event(&mut poll, &mut events, ROOM);
}

#[test]
fn all_rooms_of_a_channel_are_told() {
    let (sender, receiver) = user::sync_channel(2);
    let (mut poll, mut events, _room) = setup(&sender);
    let other = sender.clone();
    let mut second = other.room();
    poll.registry().register(&mut second, Token(9), Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, Token(9));
    fill(&sender);
    receiver.try_recv().unwrap();
    poll.wait(&mut events, Some(PATIENCE)).unwrap();
    assert_eq!(tokens(&events), [ROOM.0, 9]);
    // The first to try gets the place; the other one waits again.
    other.try_send(1).unwrap();
    fill(&sender);
    expect_no_events(&mut poll, &mut events);
    receiver.try_recv().unwrap();
    poll.wait(&mut events, Some(PATIENCE)).unwrap();
    assert_eq!(tokens(&events), [ROOM.0, 9]);
}

#[test]
fn a_sender_is_told_when_the_receiver_is_gone() {
    let (sender, receiver) = user::sync_channel(1);
    let (mut poll, mut events, _room) = setup(&sender);
    fill(&sender);
    expect_no_events(&mut poll, &mut events);
    drop(receiver);
    expect_one_event(&mut poll, &mut events, ROOM);
    assert!(matches!(sender.try_send(1), Err(TrySendError::Disconnected(1))));
    // One that is made too late says so as well.
    let mut late = sender.room();
    poll.registry().register(&mut late, Token(9), Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, Token(9));
}

#[test]
fn a_room_keeps_no_channel_open() {
    let (sender, receiver) = user::sync_channel(1);
    let (mut poll, mut events, room) = setup(&sender);
    drop(sender);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    drop(receiver);
    poll.poll(&mut events, Some(std::time::Duration::ZERO)).unwrap();
    drop(room);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn no_room_is_lost_between_two_loops() {
    const MESSAGES: u32 = 20_000 / WAIT_COST;
    for bound in [1, 2, 7] {
        let (sender, mut receiver) = user::sync_channel(bound);
        let sending: Vec<_> = (0..2)
            .map(|_| {
                let sender = sender.clone();
                thread::spawn(move || {
                    let (mut poll, mut events, _room) = setup(&sender);
                    let mut next = 0;
                    while next < MESSAGES {
                        match sender.try_send(next) {
                            Ok(()) => next += 1,
                            Err(TrySendError::Full(_)) => {
                                let begin = Instant::now();
                                poll.wait(&mut events, Some(PATIENCE)).unwrap();
                                assert!(begin.elapsed() < PATIENCE, "no room after {next} messages");
                            }
                            Err(error) => panic!("{error}"),
                        }
                    }
                })
            })
            .collect();
        drop(sender);
        let (mut poll, mut events) = poll_with_events();
        poll.registry().register(&mut receiver, Token(1), Interest::READABLE).unwrap();
        let mut count = 0;
        loop {
            match receiver.try_recv() {
                Ok(_) => count += 1,
                Err(TryRecvError::Empty) => assert!(poll.wait(&mut events, Some(PATIENCE)).is_ok()),
                Err(TryRecvError::Disconnected) => break,
            }
        }
        assert_eq!(count, 2 * MESSAGES);
        sending.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

#[test]
fn a_mistake_with_a_room_is_an_error_that_names_it() {
    fn shared<T: Send + Sync>(_: &T) {}
    let (sender, _receiver) = user::sync_channel::<u32>(1);
    let (poll, _events, mut room) = setup(&sender);
    shared(&room);
    assert_eq!(format!("{room:?}"), "Room { .. }");
    let registry = poll.registry();
    assert_kind(registry.register(&mut room, ROOM, Interest::WRITABLE), io::ErrorKind::AlreadyExists);
    assert_kind(registry.reregister(&mut room, ROOM, Interest::READABLE), io::ErrorKind::Unsupported);
    let (other, _) = poll_with_events();
    assert_kind(other.registry().deregister(&mut room), io::ErrorKind::NotFound);
    registry.deregister(&mut room).unwrap();
    let error = registry.register(&mut room, ROOM, Interest::READABLE).unwrap_err();
    assert!(error.to_string().contains("the room in a channel: ask for WRITABLE"), "{error}");
    assert_kind(other.registry().register(&mut room, ROOM, Interest::WRITABLE), io::ErrorKind::InvalidInput);
}
