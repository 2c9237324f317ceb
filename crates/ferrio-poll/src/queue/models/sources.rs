//! loom models of sources that are fired: user sources, and channels on top of them.

use std::io;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

use super::Loop;
use crate::mode::Mode;
use crate::queue::{Cursor, Direction, Latch, LatchState, Report};
use crate::token::Token;

/// What a user source shares with its triggers.
struct Source {
    side: Loop,
    latch: Latch,
    slot: usize,
}

impl Source {
    fn new() -> Arc<Source> {
        let side = Loop::default();
        let slot = side.queue.insert_disarmed();
        Arc::new(Source { side, latch: Latch::new(), slot })
    }

    fn wake(&self) -> io::Result<()> {
        self.side.queue.wake(self.slot, || self.side.kernel.signal()).map(drop)
    }

    fn fire(&self) {
        self.latch.fire(LatchState::READABLE, || self.wake()).unwrap();
    }

    fn register(&self, mode: Mode) {
        let report = Report { token: Token(5), direction: Direction::Readable, mode };
        self.side.queue.arm(self.slot, report, || self.side.kernel.signal()).unwrap();
        self.latch.register(LatchState::READABLE, mode == Mode::Oneshot, || self.wake()).unwrap();
    }

    fn take(&self) -> bool {
        self.side.queue.clear(self.slot);
        !self.latch.take(LatchState::READABLE).is_empty()
    }
}

/// A fire and the registration, in any order: one event.
#[test]
fn loom_a_fire_beside_the_registration_is_reported() {
    for mode in [Mode::Edge, Mode::Level, Mode::Oneshot] {
        loom::model(move || {
            let source = Source::new();
            let other = Arc::clone(&source);
            let thread = thread::spawn(move || other.fire());
            source.register(mode);
            assert_eq!(source.side.poll(&mut Cursor::default(), 1), [5]);
            assert!(source.take());
            thread.join().unwrap();
        });
    }
}

/// A take sees what was done before the fires that it took, and an event tells of the others.
#[test]
fn loom_no_fire_is_lost_and_each_publishes() {
    for mode in [Mode::Edge, Mode::Level] {
        loom::model(move || {
            let source = Source::new();
            source.register(mode);
            let done = Arc::new(AtomicUsize::new(0));
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let (source, done) = (Arc::clone(&source), Arc::clone(&done));
                    thread::spawn(move || {
                        done.fetch_add(1, Ordering::Relaxed);
                        source.fire();
                    })
                })
                .collect();
            let mut cursor = Cursor::default();
            let mut seen = 0;
            while seen < 2 {
                source.side.poll(&mut cursor, 1);
                if source.take() {
                    seen = done.load(Ordering::Relaxed);
                }
            }
            for thread in threads {
                thread.join().unwrap();
            }
        });
    }
}

/// A source in oneshot mode that is taken and registered anew hears the next fire.
#[test]
fn loom_a_oneshot_hears_what_came_before_it_was_armed_anew() {
    loom::model(|| {
        let source = Source::new();
        source.register(Mode::Oneshot);
        let done = Arc::new(AtomicUsize::new(0));
        let (other, count) = (Arc::clone(&source), Arc::clone(&done));
        let thread = thread::spawn(move || {
            for _ in 0..2 {
                count.fetch_add(1, Ordering::Relaxed);
                other.fire();
            }
        });
        let mut cursor = Cursor::default();
        loop {
            source.side.poll(&mut cursor, 1);
            if source.take() && done.load(Ordering::Relaxed) == 2 {
                break;
            }
            source.register(Mode::Oneshot);
        }
        thread.join().unwrap();
    });
}

/// A channel whose inbox is drained until it is empty: no message is left behind unheard.
#[test]
fn loom_no_message_is_overlooked() {
    loom::model(|| {
        let source = Source::new();
        source.register(Mode::Edge);
        let messages = Arc::new(Mutex::new(0));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (source, messages) = (Arc::clone(&source), Arc::clone(&messages));
                thread::spawn(move || {
                    *messages.lock().unwrap() += 1;
                    source.fire();
                })
            })
            .collect();
        // What an inbox does: look, take note that it is empty, and look again.
        let receive = || {
            let pop = || {
                let mut count = messages.lock().unwrap();
                let is_there = *count > 0;
                *count -= usize::from(is_there);
                is_there
            };
            if pop() {
                return true;
            }
            source.take();
            let is_there = pop();
            if is_there {
                source.fire();
            }
            is_there
        };
        let mut cursor = Cursor::default();
        let mut received = 0;
        while received < 2 {
            source.side.poll(&mut cursor, 1);
            while receive() {
                received += 1;
            }
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// A waker that stops between its two steps silences no other.
#[test]
fn loom_a_stalled_waker_silences_nobody() {
    loom::model(|| {
        let side = Arc::new(Loop::default());
        let slot = side.queue.insert(Token(1));
        let (word, bit) = side.queue.words.of_slot(slot);
        word.fetch_or(bit, Ordering::AcqRel);
        let other = Arc::clone(&side);
        let thread = thread::spawn(move || other.wake(slot));
        assert_eq!(side.poll(&mut Cursor::default(), 1), [1]);
        thread.join().unwrap();
    });
}
