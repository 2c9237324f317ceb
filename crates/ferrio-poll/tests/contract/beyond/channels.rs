//! Messages that arrive with the events.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use mio::user::{self, Receiver, TryRecvError, TrySendError};
use mio::{Events, Interest, Mode, Poll, Token};

use crate::harness::{
    PATIENCE, assert_kind, expect_no_events, expect_one_event, poll_during, poll_with_events,
};

const RECEIVER: Token = Token(4);

/// All messages that are there; false if no more will come.
fn drain<T>(receiver: &Receiver<T>) -> (Vec<T>, bool) {
    let mut messages = Vec::new();
    loop {
        match receiver.try_recv() {
            Ok(message) => messages.push(message),
            Err(TryRecvError::Empty) => return (messages, true),
            Err(TryRecvError::Disconnected) => return (messages, false),
        }
    }
}

fn register<T>(poll: &Poll, receiver: &mut Receiver<T>) {
    poll.registry().register(receiver, RECEIVER, Interest::READABLE).unwrap();
}

/// Waits for the end of a channel.
fn expect_close<T: std::fmt::Debug>(poll: &mut Poll, events: &mut Events, receiver: &Receiver<T>) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (messages, is_open) = drain(receiver);
        assert!(messages.is_empty(), "{messages:?}");
        if !is_open {
            return;
        }
        assert!(Instant::now() < deadline, "the close is not told");
        poll.wait(events, Some(PATIENCE)).unwrap();
    }
}

#[test]
fn messages_arrive_in_order_and_many_are_one_event() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::channel();
    register(&poll, &mut receiver);
    expect_no_events(&mut poll, &mut events);
    for round in 0..3 {
        (0..10).for_each(|n| sender.send(round * 10 + n).unwrap());
        expect_one_event(&mut poll, &mut events, RECEIVER);
        expect_no_events(&mut poll, &mut events);
        assert_eq!(drain(&receiver), ((round * 10..round * 10 + 10).collect(), true));
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_message_wakes_a_sleeping_poll() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::channel();
    register(&poll, &mut receiver);
    for n in 0..3 {
        poll_during(&mut poll, &mut events, None, || sender.send(n).unwrap());
        assert_eq!(events.len(), 1);
        assert_eq!(drain(&receiver), (vec![n], true));
    }
}

#[test]
fn messages_from_before_the_registration_are_reported_by_it() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::channel();
    sender.send(1).unwrap();
    register(&poll, &mut receiver);
    expect_one_event(&mut poll, &mut events, RECEIVER);
    poll.registry().deregister(&mut receiver).unwrap();
    sender.send(2).unwrap();
    expect_no_events(&mut poll, &mut events);
    register(&poll, &mut receiver);
    expect_one_event(&mut poll, &mut events, RECEIVER);
    assert_eq!(drain(&receiver), (vec![1, 2], true));
}

#[test]
fn the_receiver_sees_the_last_sender_go() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::channel::<u8>();
    let clone = sender.clone();
    register(&poll, &mut receiver);
    drop(sender);
    expect_no_events(&mut poll, &mut events);
    poll_during(&mut poll, &mut events, None, || drop(clone));
    expect_close(&mut poll, &mut events, &receiver);
    let (sender, mut receiver) = user::sync_channel::<u8>(1);
    poll.registry().register(&mut receiver, RECEIVER, Interest::READABLE).unwrap();
    drop(sender);
    expect_one_event(&mut poll, &mut events, RECEIVER);
    expect_close(&mut poll, &mut events, &receiver);
}

#[test]
fn a_close_comes_after_all_messages() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::channel();
    register(&poll, &mut receiver);
    sender.send(1).unwrap();
    drop(sender);
    expect_one_event(&mut poll, &mut events, RECEIVER);
    assert_eq!(drain(&receiver), (vec![1], false));
}

#[test]
fn senders_see_the_receiver_go_and_get_the_message_back() {
    let (sender, receiver) = user::channel();
    drop(receiver);
    assert_eq!(sender.send("lost").unwrap_err().0, "lost");
    let (sender, receiver) = user::sync_channel(1);
    drop(receiver);
    assert_eq!(sender.try_send("lost").unwrap_err(), TrySendError::Disconnected("lost"));
    assert_eq!(sender.send("lost").unwrap_err().0, "lost");
}

#[test]
fn a_full_channel_gives_the_message_back_and_takes_it_later() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::sync_channel(2);
    register(&poll, &mut receiver);
    sender.try_send(1).unwrap();
    sender.try_send(2).unwrap();
    assert_eq!(sender.try_send(3).unwrap_err(), TrySendError::Full(3));
    expect_one_event(&mut poll, &mut events, RECEIVER);
    assert_eq!(drain(&receiver), (vec![1, 2], true));
    sender.try_send(3).unwrap();
    expect_one_event(&mut poll, &mut events, RECEIVER);
    assert_eq!(drain(&receiver), (vec![3], true));
}

#[test]
fn a_sender_that_waits_for_room_goes_on_when_the_loop_takes() {
    const COUNT: u32 = 1000;
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::sync_channel(3);
    register(&poll, &mut receiver);
    let other = thread::spawn(move || (0..COUNT).for_each(|n| sender.send(n).unwrap()));
    let mut seen = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    loop {
        poll.wait(&mut events, Some(PATIENCE)).unwrap();
        let (messages, is_open) = drain(&receiver);
        seen.extend(messages);
        if !is_open {
            break;
        }
        assert!(Instant::now() < deadline, "a message was lost after {}", seen.len());
    }
    assert_eq!(seen, (0..COUNT).collect::<Vec<_>>());
    other.join().unwrap();
}

#[test]
fn no_message_of_many_senders_is_lost_though_each_batch_is_taken_in_part() {
    const SENDERS: usize = 4;
    const COUNT: usize = 5000;
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::channel();
    poll.registry().register_with(&mut receiver, RECEIVER, Interest::READABLE, Mode::Level).unwrap();
    let others: Vec<_> = (0..SENDERS)
        .map(|id| {
            let sender = sender.clone();
            thread::spawn(move || (0..COUNT).for_each(|n| sender.send((id, n)).unwrap()))
        })
        .collect();
    drop(sender);
    let mut next = [0; SENDERS];
    let deadline = Instant::now() + PATIENCE;
    'open: loop {
        assert!(Instant::now() < deadline, "a message was lost after {next:?}");
        poll.wait(&mut events, Some(PATIENCE)).unwrap();
        for _ in 0..7 {
            match receiver.try_recv() {
                Ok((id, n)) => {
                    assert_eq!(next[id], n);
                    next[id] += 1;
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => break 'open,
            }
        }
    }
    assert_eq!(next, [COUNT; SENDERS]);
    others.into_iter().for_each(|other| other.join().unwrap());
}

#[test]
fn an_edge_that_is_drained_hears_the_next_message() {
    const COUNT: usize = 20_000;
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::channel();
    register(&poll, &mut receiver);
    let other = thread::spawn(move || (0..COUNT).for_each(|n| sender.send(n).unwrap()));
    let mut count = 0;
    let deadline = Instant::now() + PATIENCE;
    while count < COUNT {
        poll.wait(&mut events, Some(PATIENCE)).unwrap();
        assert!(Instant::now() < deadline, "a message was lost after {count}");
        count += drain(&receiver).0.len();
    }
    other.join().unwrap();
    assert!(!drain(&receiver).1);
}

#[test]
fn messages_that_nobody_took_are_dropped_with_the_channel() {
    let value = std::sync::Arc::new(());
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::channel();
    register(&poll, &mut receiver);
    (0..5).for_each(|_| sender.send(std::sync::Arc::clone(&value)).unwrap());
    drop(receiver);
    drop(sender);
    assert_eq!(std::sync::Arc::strong_count(&value), 1);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_receiver_can_be_read_without_a_poll() {
    let (sender, receiver) = user::channel();
    let other = thread::spawn(move || {
        thread::sleep(Duration::from_millis(1));
        sender.send(7).unwrap();
    });
    assert_eq!(receiver.recv().unwrap(), 7);
    other.join().unwrap();
    assert!(receiver.recv().is_err());
}

#[test]
#[should_panic(expected = "a bound of 0")]
fn a_rendezvous_is_refused() {
    user::sync_channel::<u8>(0);
}

#[test]
fn an_interest_that_never_comes_true_is_unsupported() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = user::channel();
    let result = poll.registry().register(&mut receiver, RECEIVER, Interest::WRITABLE);
    assert_kind(result, io::ErrorKind::Unsupported);
    assert_kind(poll.registry().deregister(&mut receiver), io::ErrorKind::NotFound);
    register(&poll, &mut receiver);
    let result = poll.registry().reregister(&mut receiver, RECEIVER, Interest::WRITABLE);
    assert_kind(result, io::ErrorKind::Unsupported);
    sender.send(()).unwrap();
    expect_one_event(&mut poll, &mut events, RECEIVER);
    let texts = format!("{sender:?} {receiver:?} {:?}", user::sync_channel::<u8>(1).0);
    assert!(
        texts.contains("Sender") && texts.contains("Receiver") && texts.contains("SyncSender"),
        "{texts}"
    );
}
