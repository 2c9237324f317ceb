use std::net::SocketAddr;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Race, Step};

fn address(number: u16, is_v6: bool) -> SocketAddr {
    SocketAddr::new(if is_v6 { [0; 16].into() } else { [0; 4].into() }, number)
}

#[test]
fn the_versions_of_ip_take_turns_in_their_order() {
    let order = |given: &[(u16, bool)]| -> Vec<u16> {
        let race = Race::new(given.iter().map(|&(number, is_v6)| address(number, is_v6)));
        race.waiting.iter().map(SocketAddr::port).collect()
    };
    assert_eq!(order(&[(1, true), (2, true), (3, true), (4, false), (5, false)]), [1, 4, 2, 5, 3]);
    assert_eq!(order(&[(1, false), (2, true), (3, true)]), [1, 2, 3]);
    assert_eq!(order(&[(1, true), (2, true)]), [1, 2]);
    assert!(order(&[]).is_empty());
}

#[test]
fn the_next_attempt_waits_for_its_time_or_a_failure() {
    let start = Instant::now();
    let delay = Duration::from_millis(250);
    let mut race = Race::new((1..=3).map(|number| address(number, false)));
    assert_eq!(race.step(start), Step::Start(address(1, false)));
    assert_eq!(race.step(start), Step::Wait(Some(start + delay)));
    let later = start + delay;
    assert_eq!(race.step(later), Step::Start(address(2, false)));
    assert_eq!(race.step(later), Step::Wait(Some(later + delay)));
    race.failed();
    assert_eq!(race.step(later), Step::Start(address(3, false)));
    assert_eq!(race.step(later), Step::Wait(None));
    race.failed();
    race.failed();
    assert_eq!(race.step(later), Step::Failed);
}

#[test]
fn nothing_begins_after_the_deadline() {
    let start = Instant::now();
    let mut race = Race::new([address(1, false), address(2, false)]);
    race.set_deadline(Some(start + Duration::from_millis(100)));
    assert_eq!(race.step(start), Step::Start(address(1, false)));
    assert_eq!(race.step(start), Step::Wait(Some(start + Duration::from_millis(100))));
    race.failed();
    assert_eq!(race.step(start + Duration::from_millis(100)), Step::TimedOut);
}

#[test]
fn no_addresses_have_failed_at_once() {
    assert_eq!(Race::new([]).step(Instant::now()), Step::Failed);
}

/// What happens between two looks.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Passes(u64),
    Fails,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each address is begun once and in its order, never earlier than allowed, and a wait
    /// names the time at which something changes.
    #[test]
    fn any_course_begins_each_address_once_and_never_early(
        count in 0..6_u16,
        delay in 0..50_u64,
        deadline in proptest::option::of(0..200_u64),
        happenings in prop::collection::vec(
            prop_oneof![(0..40_u64).prop_map(Happening::Passes), Just(Happening::Fails)],
            0..40,
        ),
    ) {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut race = Race::new((0..count).map(|number| address(number, number % 2 == 0)));
        race.set_delay(Duration::from_millis(delay));
        race.set_deadline(deadline.map(at));
        let (mut now, mut begun, mut running) = (0, 0, 0);
        // When the next may begin by our own book.
        let mut allowed = 0;
        for happening in happenings {
            for _ in 0..=count {
                match race.step(at(now)) {
                    Step::Start(address) => {
                        prop_assert_eq!(address.port(), begun);
                        prop_assert!(now >= allowed);
                        (begun, running, allowed) = (begun + 1, running + 1, now + delay);
                    }
                    Step::Wait(until) => {
                        prop_assert!(running > 0 || begun < count);
                        let next = (begun < count).then_some(allowed);
                        let expected = [next, deadline].into_iter().flatten().min().map(at);
                        prop_assert_eq!(until, expected);
                        prop_assert!(until.is_none_or(|until| until > at(now)), "a wait for the past");
                        break;
                    }
                    Step::TimedOut => {
                        prop_assert!(deadline.is_some_and(|deadline| deadline <= now));
                        break;
                    }
                    Step::Failed => {
                        prop_assert_eq!((begun, running), (count, 0));
                        break;
                    }
                }
            }
            match happening {
                Happening::Passes(ms) => now += ms,
                Happening::Fails if running > 0 => {
                    race.failed();
                    (running, allowed) = (running - 1, now);
                }
                Happening::Fails => {}
            }
        }
    }
}
