//! loom models of the queue: every interleaving of a few wakes and polls.
//!
//! `RUSTFLAGS="--cfg ferrio_loom" cargo test -p ferrio-poll --lib --release loom`

mod sources;

use std::io;

use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use crate::queue::{Cursor, Features, Queue};
use crate::token::Token;

/// The wake descriptor: a counter that a sleeping poller waits for.
#[derive(Default)]
pub(crate) struct Kernel {
    signals: Mutex<usize>,
    wakes: Condvar,
}

impl Kernel {
    pub(crate) fn signal(&self) -> io::Result<()> {
        *self.signals.lock().unwrap() += 1;
        self.wakes.notify_one();
        Ok(())
    }

    /// Sleeps until there is a signal, as an edge-triggered wait does. A model in
    /// which no thread signals ends here, and loom calls it a deadlock.
    pub(crate) fn wait(&self) {
        let mut signals = self.signals.lock().unwrap();
        while *signals == 0 {
            signals = self.wakes.wait(signals).unwrap();
        }
        *signals = 0;
    }

    /// The same without sleeping.
    pub(crate) fn peek(&self) {
        *self.signals.lock().unwrap() = 0;
    }
}

#[derive(Default)]
struct Loop {
    queue: Queue,
    kernel: Kernel,
}

impl Default for Queue {
    fn default() -> Queue {
        Queue::new()
    }
}

impl Loop {
    fn wake(&self, slot: usize) {
        self.queue.wake(slot, || self.kernel.signal()).unwrap();
    }

    fn has_slots(&self) -> bool {
        self.queue.features().contains(Features::SLOTS)
    }

    /// A poll without a timeout: returns once it has at least one event.
    fn poll(&self, cursor: &mut Cursor, room: usize) -> Vec<usize> {
        let mut events = Vec::new();
        while events.is_empty() {
            if self.has_slots() && !self.queue.fall_asleep() {
                self.kernel.peek();
            } else {
                self.kernel.wait();
            }
            if self.has_slots() {
                let summary = self.queue.wake_up();
                let deliver = |token: Token, _| events.push(token.0);
                self.queue.drain(summary, cursor, room, deliver, || self.kernel.signal()).unwrap();
            }
        }
        events
    }
}

/// One slot, two wakers: the poll returns, and what the wakers wrote before is
/// visible once their wakes are seen.
#[test]
fn loom_a_wake_is_never_lost() {
    loom::model(|| {
        let side = Arc::new(Loop::default());
        let slots = [side.queue.insert(Token(0)), side.queue.insert(Token(1))];
        let threads: Vec<_> = slots
            .into_iter()
            .map(|slot| {
                let side = Arc::clone(&side);
                thread::spawn(move || side.wake(slot))
            })
            .collect();
        let mut seen = Vec::new();
        let mut cursor = Cursor::default();
        while seen.len() < 2 {
            seen.extend(side.poll(&mut cursor, 2));
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1]);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// A redundant wake publishes what its caller did before it.
#[test]
fn loom_a_redundant_wake_publishes() {
    loom::model(|| {
        let side = Arc::new(Loop::default());
        let slot = side.queue.insert(Token(0));
        let flag = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
        let relaxed = loom::sync::atomic::Ordering::Relaxed;
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (side, flag) = (Arc::clone(&side), Arc::clone(&flag));
                thread::spawn(move || {
                    flag.fetch_add(1, relaxed);
                    side.wake(slot);
                })
            })
            .collect();
        let mut cursor = Cursor::default();
        // A thread that has not been seen when a poll returns wakes again.
        let mut seen = 0;
        while seen < 2 {
            side.poll(&mut cursor, 1);
            seen = flag.load(relaxed);
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// The first source is made while the loop sleeps already.
#[test]
fn loom_the_first_source_reaches_a_sleeping_loop() {
    loom::model(|| {
        let side = Arc::new(Loop::default());
        let other = Arc::clone(&side);
        let thread = thread::spawn(move || {
            let slot = other.queue.insert(Token(7));
            other.wake(slot);
        });
        assert_eq!(side.poll(&mut Cursor::default(), 1), [7]);
        thread.join().unwrap();
    });
}

/// With room for one event a second one is not forgotten.
#[test]
fn loom_nothing_is_lost_at_capacity() {
    loom::model(|| {
        let side = Arc::new(Loop::default());
        let slots = [side.queue.insert(Token(0)), side.queue.insert(Token(1))];
        let other = Arc::clone(&side);
        let thread = thread::spawn(move || {
            other.wake(slots[0]);
            other.wake(slots[1]);
        });
        let mut cursor = Cursor::default();
        let mut seen = [side.poll(&mut cursor, 1), side.poll(&mut cursor, 1)].concat();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1]);
        thread.join().unwrap();
    });
}

/// A source that is dropped right after its wake is still reported, and its slot
/// serves the next one.
#[test]
fn loom_a_slot_is_recycled_after_its_last_event() {
    loom::model(|| {
        let side = Arc::new(Loop::default());
        let other = Arc::clone(&side);
        let thread = thread::spawn(move || {
            let first = other.queue.insert(Token(1));
            other.wake(first);
            other.queue.remove(first);
            let second = other.queue.insert(Token(2));
            other.wake(second);
        });
        let mut cursor = Cursor::default();
        let mut seen = Vec::new();
        while seen.len() < 2 {
            seen.extend(side.poll(&mut cursor, 2));
        }
        assert_eq!(seen.iter().sum::<usize>(), 3, "{seen:?}");
        thread.join().unwrap();
    });
}

/// Slots are added, and with them words, while others are waking.
#[test]
fn loom_words_grow_under_wakes() {
    loom::model(|| {
        let side = Arc::new(Loop::default());
        let first = side.queue.insert(Token(1));
        let (one, two) = (Arc::clone(&side), Arc::clone(&side));
        let waker = thread::spawn(move || one.wake(first));
        let grower = thread::spawn(move || {
            let second = two.queue.insert(Token(2));
            two.wake(second);
        });
        let mut cursor = Cursor::default();
        let mut seen = 0;
        while seen < 3 {
            seen += side.poll(&mut cursor, 4).iter().sum::<usize>();
        }
        assert_eq!(seen, 3);
        waker.join().unwrap();
        grower.join().unwrap();
    });
}

/// With room for one event, a source that is dropped while its event waits for the next
/// poll keeps its slot until then: the newcomer's event is not taken for it.
#[test]
fn loom_a_slot_that_waits_at_capacity_is_not_recycled_early() {
    loom::model(|| {
        let side = Arc::new(Loop::default());
        let slots = [side.queue.insert(Token(1)), side.queue.insert(Token(2))];
        let other = Arc::clone(&side);
        let thread = thread::spawn(move || {
            other.wake(slots[0]);
            other.wake(slots[1]);
            other.queue.remove(slots[1]);
            let newcomer = other.queue.insert(Token(4));
            other.wake(newcomer);
            newcomer
        });
        let mut cursor = Cursor::default();
        let mut seen = Vec::new();
        while seen.len() < 3 {
            seen.extend(side.poll(&mut cursor, 1));
        }
        seen.sort_unstable();
        assert_eq!(seen, [1, 2, 4]);
        // Each living source has a slot of its own.
        let living = [slots[0], thread.join().unwrap(), side.queue.insert(Token(8))];
        living.into_iter().for_each(|slot| side.wake(slot));
        let mut rest: Vec<_> = (0..3).flat_map(|_| side.poll(&mut cursor, 1)).collect();
        rest.sort_unstable();
        assert_eq!(rest, [1, 4, 8]);
    });
}

/// With room for one event, words that are added between two polls hide nothing of
/// what waits in the old ones, and nothing of their own.
#[test]
fn loom_words_grow_at_capacity() {
    loom::model(|| {
        let side = Arc::new(Loop::default());
        let first = side.queue.insert(Token(1));
        let other = Arc::clone(&side);
        let thread = thread::spawn(move || {
            other.wake(first);
            let slots = [other.queue.insert(Token(2)), other.queue.insert(Token(4))];
            slots.into_iter().for_each(|slot| other.wake(slot));
        });
        let mut cursor = Cursor::default();
        let mut seen = Vec::new();
        while seen.len() < 3 {
            seen.extend(side.poll(&mut cursor, 1));
        }
        seen.sort_unstable();
        assert_eq!(seen, [1, 2, 4]);
        thread.join().unwrap();
    });
}

/// An outer loop that sleeps on the descriptor is told, also of a wake that came
/// before the Poll was embedded.
#[test]
fn loom_an_embedded_loop_is_told() {
    loom::model(|| {
        let side = Arc::new(Loop::default());
        let slots = [side.queue.insert(Token(0)), side.queue.insert(Token(1))];
        // The Poll has polled before: it is awake, so wakes are silent.
        side.queue.wake_up();
        let threads: Vec<_> = slots
            .into_iter()
            .map(|slot| {
                let side = Arc::clone(&side);
                thread::spawn(move || side.wake(slot))
            })
            .collect();
        side.queue.embed(|| side.kernel.signal()).unwrap();
        let mut cursor = Cursor::default();
        let mut seen = 0;
        while seen < 2 {
            // The outer loop sleeps on the descriptor, then polls without a wait.
            side.kernel.wait();
            let summary = side.queue.wake_up();
            side.queue.drain(summary, &mut cursor, 1, |_, _| seen += 1, || side.kernel.signal()).unwrap();
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
