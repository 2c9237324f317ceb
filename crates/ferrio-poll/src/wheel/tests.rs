//! The corners; `tests/model/wheel.rs` has the random sequences.

use std::time::{Duration, Instant};

use super::Wheel;

/// The tick of the docs.
const TICK: Duration = Duration::from_nanos(1 << 16);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The values that are due at `now`, in their order.
fn expired<T>(wheel: &mut Wheel<T>, now: Instant) -> Vec<T> {
    std::iter::from_fn(|| wheel.expire(now)).map(|(_, value)| value).collect()
}

/// The latest time that an `Instant` can show, within a second.
fn farthest() -> Instant {
    let mut at = Instant::now();
    for power in (0..u64::BITS).rev() {
        at = at.checked_add(Duration::from_secs(1 << power)).unwrap_or(at);
    }
    at
}

#[test]
fn an_entry_comes_within_a_tick_of_its_deadline_and_never_early() {
    let nanos = [0, 1, 65_535, 65_536, 65_537, 1_000_000_000].map(Duration::from_nanos);
    for after in nanos.into_iter().chain([25 * DAY, 50 * DAY, 100 * 365 * DAY]) {
        let start = Instant::now();
        let mut wheel = Wheel::new(start);
        wheel.insert(start + after, after);
        let due = wheel.next_deadline().unwrap();
        assert!(due >= start + after, "{after:?}");
        assert!(due < start + after + TICK, "{after:?}");
        if due > start {
            assert_eq!(wheel.expire(due - Duration::from_nanos(1)), None, "{after:?}");
            assert_eq!(wheel.next_deadline(), Some(due), "{after:?}");
        }
        assert_eq!(expired(&mut wheel, due), [after]);
        assert!(wheel.is_empty());
    }
}

#[test]
fn what_is_due_beyond_584_years_never_comes() {
    let start = Instant::now();
    let mut wheel = Wheel::new(start);
    let key = wheel.insert(farthest(), 'a');
    wheel.insert(start + Duration::from_nanos(u64::MAX), 'b');
    assert_eq!(wheel.next_deadline(), None);
    assert_eq!(wheel.expire(farthest()), None);
    assert_eq!(wheel.len(), 2);
    assert_eq!(wheel.remove(key), Some('a'));
    assert_eq!(wheel.remove(key), None);
}

#[test]
fn a_wheel_at_the_end_of_time_does_not_panic() {
    let start = farthest();
    let mut wheel = Wheel::new(start);
    wheel.insert(start, 'a');
    assert_eq!(wheel.next_deadline(), Some(start));
    assert_eq!(expired(&mut wheel, start), ['a']);
    // Rounded up, this one lies where no Instant does, unless the last second has room.
    let last =
        (0..30).rev().fold(start, |at, power| at.checked_add(Duration::from_nanos(1 << power)).unwrap_or(at));
    wheel.insert(last, 'b');
    assert!(wheel.next_deadline().is_none_or(|due| due >= last));
    assert_eq!(wheel.expire(start), None);
}

#[test]
fn a_deadline_that_has_passed_is_due_at_once() {
    let start = Instant::now() + DAY;
    let mut wheel = Wheel::new(start);
    wheel.insert(start - DAY, 'a');
    assert_eq!(wheel.next_deadline(), Some(start));
    assert_eq!(expired(&mut wheel, start), ['a']);
    let now = start + 25 * DAY;
    assert_eq!(wheel.expire(now), None);
    wheel.insert(start + DAY, 'b');
    assert!(wheel.next_deadline().unwrap() <= now);
    assert_eq!(expired(&mut wheel, now), ['b']);
}

#[test]
fn time_that_goes_back_moves_nothing() {
    let start = Instant::now() + DAY;
    let mut wheel = Wheel::new(start);
    let now = start + DAY;
    wheel.insert(now + 2 * TICK, 'a');
    assert_eq!(wheel.expire(now), None);
    assert_eq!(wheel.expire(start - DAY), None);
    wheel.insert(now, 'b');
    wheel.insert(start, 'c');
    assert_eq!(expired(&mut wheel, now + TICK), ['b', 'c']);
    assert_eq!(expired(&mut wheel, now + 3 * TICK), ['a']);
}

#[test]
fn earlier_deadlines_come_first_and_equal_ones_in_order() {
    let start = Instant::now();
    let mut wheel = Wheel::new(start);
    let seconds = [7, 3, 100_000, 3, 7, 1, 3, 100_000];
    for (n, second) in seconds.into_iter().enumerate() {
        wheel.insert(start + Duration::from_secs(second), n);
        // On the way, time moves, so that the equal ones arrive at different digits.
        assert_eq!(wheel.expire(start + TICK * u32::try_from(n).unwrap() * 1000), None);
    }
    assert_eq!(expired(&mut wheel, start + 2 * DAY), [5, 1, 3, 6, 0, 4, 2, 7]);
}

#[test]
fn a_stale_key_names_nothing() {
    let start = Instant::now();
    let mut wheel = Wheel::new(start);
    let removed = wheel.insert(start + DAY, 'a');
    assert_eq!(wheel.remove(removed), Some('a'));
    let expired = wheel.insert(start, 'b');
    assert_ne!(expired, removed);
    assert_eq!(wheel.expire(start), Some((expired, 'b')));
    // The third entry stands where the other two stood.
    let current = wheel.insert(start + DAY, 'c');
    for stale in [removed, expired] {
        assert_eq!(wheel.remove(stale), None);
        assert!(!wheel.reset(stale, start));
        assert_eq!(wheel.get(stale), None);
        assert_eq!(wheel.get_mut(stale), None);
    }
    assert_eq!(wheel.expire(start), None);
    *wheel.get_mut(current).unwrap() = 'd';
    assert_eq!(wheel.get(current), Some(&'d'));
    assert_eq!((wheel.len(), wheel.remove(current)), (1, Some('d')));
}

#[test]
fn a_reset_moves_an_entry_both_ways() {
    let start = Instant::now();
    let mut wheel = Wheel::new(start);
    let a = wheel.insert(start + DAY, 'a');
    let b = wheel.insert(start + DAY, 'b');
    assert!(wheel.reset(a, start + 2 * DAY));
    assert!(wheel.reset(b, start + TICK));
    assert_eq!(wheel.next_deadline(), Some(start + TICK));
    assert_eq!(wheel.expire(start + TICK), Some((b, 'b')));
    assert_eq!(wheel.expire(start + DAY), None);
    assert_eq!(wheel.expire(start + 2 * DAY + TICK), Some((a, 'a')));
}

#[test]
fn a_loop_may_insert_remove_and_reset_while_it_expires() {
    let start = Instant::now();
    let mut wheel = Wheel::new(start);
    let now = start + DAY;
    let a = wheel.insert(start + TICK, 'a');
    let b = wheel.insert(start + 2 * TICK, 'b');
    let c = wheel.insert(start + 3 * TICK, 'c');
    assert_eq!(wheel.expire(now), Some((a, 'a')));
    assert_eq!(wheel.remove(b), Some('b'));
    assert!(wheel.reset(c, now + TICK));
    wheel.insert(now, 'd');
    assert_eq!(expired(&mut wheel, now), ['d']);
    assert_eq!(expired(&mut wheel, now + 2 * TICK), ['c']);
}

#[test]
fn a_removed_deadline_costs_one_wake_at_most() {
    let start = Instant::now();
    let mut wheel = Wheel::new(start);
    let early = wheel.insert(start + 10 * DAY, 'a');
    wheel.insert(start + 10 * DAY + Duration::from_secs(1), 'b');
    wheel.remove(early);
    let first = wheel.next_deadline().unwrap();
    let woke = wheel.expire(first).is_some();
    let second = wheel.next_deadline().unwrap();
    assert!(!woke && first < second);
    assert_eq!(expired(&mut wheel, second), ['b']);
}

#[test]
fn a_wheel_alone_with_what_was_removed_has_no_deadline() {
    let start = Instant::now();
    let mut wheel = Wheel::new(start);
    let key = wheel.insert(start + DAY, 'a');
    wheel.remove(key);
    assert_eq!(wheel.next_deadline(), None);
    wheel.insert(start + 2 * DAY, 'b');
    assert!(wheel.next_deadline().unwrap() >= start + 2 * DAY);
}

#[test]
fn clear_drops_everything_and_its_keys() {
    let start = Instant::now();
    let mut wheel = Wheel::with_capacity(start, 4);
    let value = std::rc::Rc::new(());
    let keys = [0, 1, 25, 36_500].map(|days| wheel.insert(start + days * DAY, value.clone()));
    wheel.clear();
    assert_eq!(std::rc::Rc::strong_count(&value), 1);
    assert_eq!((wheel.len(), wheel.next_deadline()), (0, None));
    wheel.insert(start, value.clone());
    assert!(keys.iter().all(|key| wheel.get(*key).is_none()));
    assert_eq!(expired(&mut wheel, start).len(), 1);
}

#[test]
fn a_jump_over_centuries_takes_few_steps() {
    let start = Instant::now();
    let mut wheel = Wheel::new(start);
    // A walk over every tick would take days.
    for years in 1..=500 {
        wheel.insert(start + years * 365 * DAY, years);
    }
    assert_eq!(expired(&mut wheel, start + 100 * 365 * DAY + TICK), (1..=100).collect::<Vec<_>>());
    assert_eq!(expired(&mut wheel, start + 500 * 365 * DAY + TICK), (101..=500).collect::<Vec<_>>());
}

#[test]
fn a_million_entries_take_at_most_64_bytes_each() {
    let start = Instant::now();
    let mut wheel = Wheel::new(start);
    let count = 1_000_000;
    for value in 0..count {
        wheel.insert(start, value as u64);
    }
    let bytes = wheel.entries.bytes();
    println!("{} bytes each", bytes / count);
    assert!(bytes <= 64 * count, "{bytes} bytes");
}
