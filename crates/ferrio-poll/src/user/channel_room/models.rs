//! loom models of the rooms: every interleaving of senders and the receiver.

use std::sync::mpsc;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::{Room, Rooms, Taking};
use crate::queue::Direction;
use crate::registry::readiness::Readiness;
use crate::user::channel_error::TrySendError;

/// A channel that counts its messages and does not keep them.
struct Channel {
    count: AtomicUsize,
    bound: usize,
    rooms: std::sync::Arc<Rooms>,
    taking: Taking,
    /// That of the receiver.
    readiness: Readiness,
}

impl Channel {
    /// A channel that is full.
    fn full(bound: usize) -> Arc<Channel> {
        let rooms = Rooms::new();
        Arc::new(Channel {
            count: AtomicUsize::new(bound),
            bound,
            taking: Taking::new(&rooms),
            rooms,
            readiness: Readiness::new(Direction::Readable),
        })
    }

    fn room(&self) -> Room {
        Room::new(&self.rooms, || self.readiness.fire().unwrap())
    }

    /// True if there was room.
    fn send(&self) -> bool {
        let more = |count: usize| (count < self.bound).then_some(count + 1);
        let try_send = |()| {
            let result = self.count.fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
            result.map(drop).map_err(|_| mpsc::TrySendError::Full(()))
        };
        match self.rooms.send((), try_send) {
            Ok(()) => true,
            Err(TrySendError::Full(())) => false,
            Err(TrySendError::Disconnected(())) => unreachable!("the receiver lives"),
        }
    }

    fn take(&self) {
        if self.count.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| count.checked_sub(1)).is_ok()
        {
            self.taking.taken();
        }
    }

    fn has_room(&self) -> bool {
        self.count.load(Ordering::Acquire) < self.bound
    }
}

/// A message is taken while a sender finds the channel full: it succeeds, or is told.
#[test]
fn loom_no_room_is_overlooked() {
    loom::model(|| {
        let channel = Channel::full(1);
        let room = channel.room();
        let other = Arc::clone(&channel);
        let receiver = thread::spawn(move || other.take());
        let is_sent = channel.send();
        receiver.join().unwrap();
        assert!(is_sent || room.readiness.take());
    });
}

/// Two senders, of which one may get the room that the other one was told of.
#[test]
fn loom_no_sender_makes_another_one_forget_room() {
    loom::model(|| {
        let channel = Channel::full(2);
        let rooms = [channel.room(), channel.room()];
        let threads = [Arc::clone(&channel), Arc::clone(&channel)];
        let [sender, receiver] = threads;
        let sender = thread::spawn(move || sender.send());
        let receiver = thread::spawn(move || {
            receiver.take();
            receiver.take();
        });
        let is_sent = [channel.send(), sender.join().unwrap()];
        receiver.join().unwrap();
        for (room, is_sent) in rooms.iter().zip(is_sent) {
            assert!(is_sent || !channel.has_room() || room.readiness.take());
        }
    });
}

/// The first room is made while the receiver takes its last message, and may see too late that
/// somebody asks for room.
#[test]
fn loom_the_first_room_is_told_by_a_receiver_that_looks_again() {
    loom::model(|| {
        let channel = Channel::full(1);
        let other = Arc::clone(&channel);
        let receiver = thread::spawn(move || {
            other.take();
            // Its event, if that has come already: it finds no message.
            if other.readiness.take() {
                other.taking.taken();
            }
        });
        let room = channel.room();
        let is_sent = channel.send();
        receiver.join().unwrap();
        // Its event, if that comes only now.
        if channel.readiness.take() {
            channel.taking.taken();
        }
        assert!(is_sent || room.readiness.take());
    });
}
