//! loom models of a whole wait: the queue, the timers, and a parker that sleeps and is woken.
//!
//! `RUSTFLAGS="--cfg ferrio_loom" cargo test -p ferrio-poll --lib --release loom`

use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::event::Events;
use crate::mode::Mode;
use crate::poll::pass::{self, Parking, Pass, Turns};
use crate::queue::models::Kernel;
use crate::queue::{Direction, Features, Queue, Report, Summary};
use crate::sync::Mutex;
use crate::timers::{Alarm, Plan, Timers};
use crate::token::Token;

/// What a Poll shares with its wakers, on a kernel that loom can see.
struct Side {
    queue: Queue,
    timers: Timers,
    kernel: Kernel,
    /// A letter for the parker.
    letter: AtomicBool,
}

impl Side {
    fn new() -> Arc<Side> {
        Arc::new(Side {
            queue: Queue::new(),
            timers: Timers::new(),
            kernel: Kernel::default(),
            letter: AtomicBool::new(false),
        })
    }

    fn wake(&self, slot: usize) {
        self.queue.wake(slot, || self.kernel.signal()).unwrap();
    }

    /// One wait of the poller, which sleeps in a kernel without sources; the tokens it gave.
    fn wait(&self, turns: &mut Turns, capacity: usize, timeout: Option<Duration>) -> Vec<usize> {
        let mut events = Events::with_capacity(capacity);
        let mut pass = Pass { queue: &self.queue, timers: &self.timers, turns };
        pass.wait(&mut events, timeout, &mut &*self).unwrap();
        events.iter().map(|event| event.token().0).collect()
    }
}

impl pass::Kernel for &Side {
    fn park(&mut self, _: &mut Events, parking: Parking) -> io::Result<bool> {
        if self.letter.load(Ordering::Acquire) {
            return Ok(true);
        }
        match parking.timeout {
            _ if parking.room == 0 => {}
            Some(Duration::ZERO) => self.kernel.peek(),
            _ => self.kernel.wait(),
        }
        Ok(false)
    }

    fn signal(&self) -> io::Result<()> {
        self.kernel.signal()
    }
}

/// A timer whose event carries the token 8.
#[derive(Debug)]
struct Bell {
    side: Weak<Side>,
    slot: usize,
    plan: Mutex<Plan>,
}

impl std::fmt::Debug for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Side").finish_non_exhaustive()
    }
}

impl Bell {
    fn new(side: &Arc<Side>) -> Arc<dyn Alarm> {
        let slot = side.queue.insert_disarmed();
        let report = Report { token: Token(8), direction: Direction::Readable, mode: Mode::Edge };
        side.queue.arm(slot, report, || side.kernel.signal()).unwrap();
        side.queue.add_feature(Features::TIMERS);
        Arc::new(Bell { side: Arc::downgrade(side), slot, plan: Mutex::new(Plan::default()) })
    }
}

impl Alarm for Bell {
    fn plan(&self) -> &Mutex<Plan> {
        &self.plan
    }

    fn is_registered(&self) -> bool {
        true
    }

    fn expired(&self, _times: u64, summary: &mut Summary) {
        self.side.upgrade().unwrap().queue.post(self.slot, summary);
    }

    fn take(&self) -> u64 {
        0
    }
}

/// Two wakes, each seen by a wait of its own or both by one; the signal of the first may come
/// while the second wait sleeps, and ends it for nothing.
#[test]
fn loom_a_wait_goes_on_after_a_signal_for_what_was_delivered() {
    loom::model(|| {
        let side = Side::new();
        let slots = [side.queue.insert(Token(1)), side.queue.insert(Token(2))];
        let threads = slots.map(|slot| {
            let side = Arc::clone(&side);
            thread::spawn(move || side.wake(slot))
        });
        let mut turns = Turns::default();
        let mut seen = side.wait(&mut turns, 1, Some(Duration::ZERO));
        while seen.len() < 2 {
            let events = side.wait(&mut turns, 1, None);
            assert!(!events.is_empty(), "a wait without a timeout ended with nothing");
            seen.extend(events);
        }
        seen.sort_unstable();
        assert_eq!(seen, [1, 2]);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// A timer that another thread sets while the poller goes to sleep, or sleeps already.
#[test]
fn loom_a_timer_that_is_set_meanwhile_ends_the_wait() {
    loom::model(|| {
        let side = Side::new();
        let past = Instant::now();
        let bell = Bell::new(&side);
        let other = Arc::clone(&side);
        let set = Arc::clone(&bell);
        let thread = thread::spawn(move || {
            let plan = Plan { deadline: Some(past), ..Plan::default() };
            if other.timers.replan(&set, plan).must_wake {
                other.kernel.signal().unwrap();
            }
        });
        assert_eq!(side.wait(&mut Turns::default(), 2, None), [8]);
        thread.join().unwrap();
    });
}

/// A timer and a wake at once: both are delivered, by one wait or by two.
#[test]
fn loom_a_timer_and_a_wake_both_arrive() {
    loom::model(|| {
        let side = Side::new();
        let past = Instant::now();
        let bell = Bell::new(&side);
        let slot = side.queue.insert(Token(1));
        let other = Arc::clone(&side);
        let thread = thread::spawn(move || other.wake(slot));
        side.timers.replan(&bell, Plan { deadline: Some(past), ..Plan::default() });
        let mut turns = Turns::default();
        let mut seen = Vec::new();
        while seen.len() < 2 {
            seen.extend(side.wait(&mut turns, 1, None));
        }
        seen.sort_unstable();
        assert_eq!(seen, [1, 8]);
        thread.join().unwrap();
    });
}

/// A nudge: the parker finds what was put down before it, and no event comes of it.
#[test]
fn loom_a_nudge_ends_the_sleep_of_a_parker() {
    loom::model(|| {
        let side = Side::new();
        let slot = side.queue.insert_silent();
        let other = Arc::clone(&side);
        let thread = thread::spawn(move || {
            other.letter.store(true, Ordering::Release);
            other.wake(slot);
        });
        assert!(side.wait(&mut Turns::default(), 1, None).is_empty());
        thread.join().unwrap();
    });
}

/// A nudge after another that was heard ends the sleep too: none is taken for the former.
#[test]
fn loom_a_second_nudge_ends_the_sleep_as_well() {
    loom::model(|| {
        let side = Side::new();
        let slot = side.queue.insert_silent();
        side.wake(slot);
        let other = Arc::clone(&side);
        let thread = thread::spawn(move || {
            other.letter.store(true, Ordering::Release);
            other.wake(slot);
        });
        assert!(side.wait(&mut Turns::default(), 1, None).is_empty());
        thread.join().unwrap();
    });
}
