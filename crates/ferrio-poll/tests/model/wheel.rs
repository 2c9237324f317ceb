//! Random sequences of what a user may do to a wheel, judged by a sorted map.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ferrio_poll::time::{TimerKey, Wheel};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{TestCaseError, TestRunner};

/// The longest sequence.
const LENGTH_MAX: usize = 100;

/// A tick of the wheel.
const TICK: u64 = 1 << 16;

/// The tick that never comes.
const NEVER: u64 = u64::MAX / TICK;

/// One step. An index chooses among all keys that were ever given, stale or not.
#[derive(Copy, Clone, Debug)]
enum Operation {
    /// Inserts an entry, due so many nanoseconds from now.
    Insert(u64),
    /// Inserts one that was due so many nanoseconds ago.
    InsertPast(u64),
    Remove(usize),
    /// Removes the one that is due next, whose deadline the wheel may remember.
    RemoveFirst,
    Reset(usize, u64),
    /// Lets time pass and takes out what is due, at most so many entries.
    Advance(u64, usize),
    /// Asks with a time that was before.
    GoBack(u64),
    /// Sleeps until the next deadline.
    Sleep,
    Clear,
}

/// A wheel and a map that should agree with it.
struct World {
    start: Instant,
    /// Nanoseconds since the start.
    now: u64,
    wheel: Wheel<usize>,
    /// The tick up to which everything was given out.
    elapsed: u64,
    /// What is due when: by tick, then by the order in which it was set.
    due: BTreeMap<(u64, usize), usize>,
    /// For each value, which counts from 0, its key and its place in `due`.
    known: Vec<(TimerKey, Option<(u64, usize)>)>,
    /// The next number in the order.
    order: usize,
    /// False once an entry was taken away before its time, until nothing is left.
    is_exact: bool,
    tally: Tally,
}

/// How often what happened.
#[derive(Copy, Clone, Debug, Default)]
struct Tally {
    expired: usize,
    removed: usize,
    reset: usize,
    stale: usize,
    never: usize,
    futile_sleeps: usize,
}

#[test]
fn every_sequence_on_a_wheel_is_that_of_a_sorted_map() {
    let tally = RefCell::new(Tally::default());
    let result = TestRunner::new(crate::config()).run(&vec(strategy(), 1..=LENGTH_MAX), |operations| {
        let seen = run(&operations).map_err(TestCaseError::fail)?;
        tally.borrow_mut().add(seen);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let tally = tally.into_inner();
    println!("{tally:?}");
    let Tally { expired, removed, reset, stale, never, futile_sleeps } = tally;
    assert!(
        [expired, removed, reset, stale, never, futile_sleeps].iter().all(|count| *count > 0),
        "{tally:?}"
    );
}

fn strategy() -> impl Strategy<Value = Operation> {
    // Each length of the number is as likely as every other.
    let below = |power: u32| (64 - power..64, any::<u64>()).prop_map(|(shift, bits)| bits >> shift);
    // Mostly minutes, where entries meet, but centuries too.
    let delta = move || prop_oneof![8 => below(38), 2 => below(64), 1 => Just(u64::MAX)];
    let index = || any::<usize>();
    prop_oneof![
        60 => delta().prop_map(Operation::Insert),
        5 => delta().prop_map(Operation::InsertPast),
        15 => index().prop_map(Operation::Remove),
        10 => Just(Operation::RemoveFirst),
        20 => (index(), delta()).prop_map(|(index, delta)| Operation::Reset(index, delta)),
        10 => (below(36), 0_usize..4).prop_map(|(delta, limit)| Operation::Advance(delta, limit)),
        10 => below(36).prop_map(|delta| Operation::Advance(delta, usize::MAX)),
        1 => below(60).prop_map(|delta| Operation::Advance(delta, usize::MAX)),
        5 => delta().prop_map(Operation::GoBack),
        10 => Just(Operation::Sleep),
        1 => Just(Operation::Clear),
    ]
}

/// Does all of `operations` on a new wheel, then waits for all that is left.
fn run(operations: &[Operation]) -> Result<Tally, String> {
    let mut world = World::new();
    for (step, operation) in operations.iter().enumerate() {
        world
            .run(*operation)
            .and_then(|()| world.judge())
            .map_err(|error| format!("step {step}, {operation:?}: {error}"))?;
    }
    world.settle().map_err(|error| format!("at the end: {error}"))?;
    Ok(world.tally)
}

impl World {
    fn new() -> World {
        let start = Instant::now();
        World {
            start,
            now: 0,
            wheel: Wheel::new(start),
            elapsed: 0,
            due: BTreeMap::new(),
            known: Vec::new(),
            order: 0,
            is_exact: true,
            tally: Tally::default(),
        }
    }

    fn run(&mut self, operation: Operation) -> Result<(), String> {
        match operation {
            Operation::Insert(delta) => self.insert(self.now.saturating_add(delta)),
            Operation::InsertPast(delta) => self.insert(self.now.saturating_sub(delta)),
            Operation::Remove(index) => self.with(index, Self::remove)?,
            Operation::RemoveFirst => {
                let first = self.due.values().next().copied();
                first.map_or(Ok(()), |value| self.remove(value))?;
            }
            Operation::Reset(index, delta) => {
                self.with(index, |world, value| world.reset(value, world.now.saturating_add(delta)))?;
            }
            Operation::Advance(delta, limit) => {
                self.now = self.now.saturating_add(delta);
                self.expire(self.now, limit)?;
            }
            Operation::GoBack(delta) => {
                self.expire(self.now.saturating_sub(delta), usize::MAX)?;
            }
            Operation::Sleep => drop(self.sleep()?),
            Operation::Clear => {
                self.wheel.clear();
                self.due.clear();
                self.known.iter_mut().for_each(|(_, place)| *place = None);
            }
        }
        Ok(())
    }

    fn with(
        &mut self,
        index: usize,
        act: impl FnOnce(&mut Self, usize) -> Result<(), String>,
    ) -> Result<(), String> {
        match self.known.len() {
            0 => Ok(()),
            count => act(self, index % count),
        }
    }

    fn at(&self, nanos: u64) -> Instant {
        self.start + Duration::from_nanos(nanos)
    }

    /// The next place in the map for something due at `nanos`.
    fn place(&mut self, nanos: u64) -> (u64, usize) {
        self.order += 1;
        let tick = nanos.div_ceil(TICK).min(NEVER);
        self.tally.never += usize::from(tick == NEVER);
        (tick.max(self.elapsed), self.order)
    }

    fn insert(&mut self, nanos: u64) {
        let value = self.known.len();
        let place = self.place(nanos);
        self.due.insert(place, value);
        self.known.push((self.wheel.insert(self.at(nanos), value), Some(place)));
    }

    fn remove(&mut self, value: usize) -> Result<(), String> {
        let (key, place) = self.known[value];
        self.known[value].1 = None;
        let expected = place.and_then(|place| self.due.remove(&place));
        self.tally.removed += usize::from(expected.is_some());
        self.tally.stale += usize::from(expected.is_none());
        self.is_exact &= expected.is_none();
        equal("the removed value", self.wheel.remove(key), expected)
    }

    fn reset(&mut self, value: usize, nanos: u64) -> Result<(), String> {
        let (key, place) = self.known[value];
        let is_known = self.wheel.reset(key, self.at(nanos));
        equal("whether the key is known", is_known, place.is_some())?;
        if let Some(old) = place {
            self.due.remove(&old);
            let new = self.place(nanos);
            self.due.insert(new, value);
            self.known[value].1 = Some(new);
            self.tally.reset += 1;
            self.is_exact = false;
        }
        Ok(())
    }

    /// Takes out what is due at `nanos`, at most `limit` entries; returns how many.
    fn expire(&mut self, nanos: u64, limit: usize) -> Result<usize, String> {
        let now = (nanos / TICK).min(NEVER - 1).max(self.elapsed);
        let at = self.at(nanos);
        for count in 0..limit {
            let first = self.due.first_key_value().map(|(place, value)| (*place, *value));
            let expected = first.filter(|((tick, _), _)| *tick <= now);
            let seen = self.wheel.expire(at);
            equal("what expired", seen, expected.map(|(_, value)| (self.known[value].0, value)))?;
            let Some((place, value)) = expected else {
                self.elapsed = now;
                return Ok(count);
            };
            self.elapsed = place.0;
            self.due.remove(&place);
            self.known[value].1 = None;
            self.tally.expired += 1;
        }
        Ok(limit)
    }

    /// Lets time pass until the next deadline; returns how many entries it brought, if
    /// there was one.
    fn sleep(&mut self) -> Result<Option<usize>, String> {
        let Some(at) = self.wheel.next_deadline() else {
            return Ok(None);
        };
        let nanos = at.duration_since(self.start).as_nanos();
        self.now = self.now.max(u64::try_from(nanos).map_err(|error| error.to_string())?);
        let count = self.expire(self.now, usize::MAX)?;
        if count == 0 {
            self.tally.futile_sleeps += 1;
            if self.is_exact {
                return Err("a sleep for nothing".to_owned());
            }
            equal("the deadline after a futile sleep", self.deadline(), self.first())?;
        }
        Ok(Some(count))
    }

    /// The tick of the next deadline that the wheel names.
    fn deadline(&self) -> Option<u64> {
        let nanos = self.wheel.next_deadline()?.duration_since(self.start).as_nanos();
        u64::try_from(nanos).ok().map(|nanos| nanos / TICK)
    }

    /// The tick of the first entry that will be due.
    fn first(&self) -> Option<u64> {
        self.due.keys().next().map(|(tick, _)| *tick).filter(|tick| *tick < NEVER)
    }

    /// What holds after each step.
    fn judge(&mut self) -> Result<(), String> {
        equal("the length", self.wheel.len(), self.due.len())?;
        equal("whether it is empty", self.wheel.is_empty(), self.due.is_empty())?;
        self.is_exact |= self.due.is_empty();
        let (named, first) = (self.deadline(), self.first());
        if self.is_exact {
            return equal("the next deadline", named, first);
        }
        match (named, first) {
            (None, Some(_)) => Err("no next deadline".to_owned()),
            (Some(named), Some(first)) if named > first => Err(format!("{named} is named for {first}")),
            (Some(named), _) if named < self.elapsed => Err(format!("{named} was before")),
            _ => Ok(()),
        }
    }

    /// Sleeps until only what never comes is left. A sleep for nothing makes the next
    /// deadline exact, so that half of the sleeps bring something.
    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..=2 * self.due.len() {
            if self.sleep()?.is_none() {
                break;
            }
            self.judge()?;
        }
        equal("what is left", self.due.keys().all(|(tick, _)| *tick == NEVER), true)
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, seen: T, expected: T) -> Result<(), String> {
    if seen == expected { Ok(()) } else { Err(format!("{what} is {seen:?}, not {expected:?}")) }
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.expired += other.expired;
        self.removed += other.removed;
        self.reset += other.reset;
        self.stale += other.stale;
        self.never += other.never;
        self.futile_sleeps += other.futile_sleeps;
    }
}
