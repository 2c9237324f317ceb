//! A signal against the end of a delivery and against the sleep after it, in every order.
//!
//! `RUSTFLAGS="--cfg ferrio_loom" cargo test -p ferrio-poll --lib --release loom`

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use super::Attention;

/// A poller, whom other threads signal.
#[derive(Default)]
struct World {
    attention: Attention,
    /// How many packets the port holds.
    packets: Mutex<usize>,
    posted: Condvar,
    /// What the threads have done before they signalled.
    done: AtomicUsize,
}

impl World {
    /// Does something, and signals the poller.
    fn signal(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
        if !self.attention.signal() {
            *self.packets.lock().unwrap() += 1;
            self.posted.notify_one();
        }
    }

    /// Takes a packet. If none comes any more loom calls it a deadlock.
    fn sleep(&self) {
        let mut packets = self.packets.lock().unwrap();
        while *packets == 0 {
            packets = self.posted.wait(packets).unwrap();
        }
        *packets -= 1;
    }

    /// Delivers by `deliver`, and sleeps unless that was signalled; so it is woken once.
    fn wait(&self, deliver: impl FnOnce()) {
        if !self.attention.during(deliver) {
            self.sleep();
        }
    }

    fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }
}

/// A mark and a packet are two ways of one signal: the poller hears of it by one of them, and
/// sees what was done before it.
#[test]
fn loom_a_signal_at_the_end_of_a_delivery_is_heard_once() {
    loom::model(|| {
        let world = Arc::new(World::default());
        let other = Arc::clone(&world);
        let thread = thread::spawn(move || other.signal());
        world.wait(|| {});
        assert_eq!(world.done(), 1);
        thread.join().unwrap();
        assert_eq!(*world.packets.lock().unwrap(), 0, "it was heard twice");
    });
}

/// The signals of two threads may be one mark; nothing of what they did is missed by a poller
/// that waits until it has seen both.
#[test]
fn loom_no_signal_is_lost_between_deliveries() {
    loom::model(|| {
        let world = Arc::new(World::default());
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let world = Arc::clone(&world);
                thread::spawn(move || world.signal())
            })
            .collect();
        while world.done() < 2 {
            world.wait(|| {});
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// What is delivered signals the poller itself, as a pipe does that has become ready: that is
/// never a packet, whatever other threads do.
#[test]
fn loom_a_delivery_that_signals_makes_no_packet() {
    loom::model(|| {
        let world = Arc::new(World::default());
        let other = Arc::clone(&world);
        let thread = thread::spawn(move || other.signal());
        let woken = world.attention.during(|| world.signal());
        assert!(woken);
        // The signal of the other thread was a part of that, or is a packet.
        if world.done() < 2 {
            world.wait(|| {});
        }
        assert_eq!(world.done(), 2);
        thread.join().unwrap();
        assert!(*world.packets.lock().unwrap() <= 1);
    });
}
