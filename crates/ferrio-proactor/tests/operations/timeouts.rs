//! Times to wait for.

use std::time::{Duration, Instant};

use ferrio_poll::time::Timer;
use ferrio_poll::{Interest, Token};
use ferrio_proactor::{is_cancelled, op};

use crate::harness::{Came, PATIENCE, Rig, on_each};

fn submit(rig: &mut Rig, token: usize, deadline: Instant) -> ferrio_proactor::OpId {
    rig.proactor.submit(Token(token), op::Timeout::at(deadline)).unwrap()
}

#[test]
fn a_timeout_ends_at_its_time_and_never_before() {
    on_each(|rig| {
        for micros in [0, 100, 700, 1_000, 1_500, 3_333, 12_345] {
            let deadline = Instant::now() + Duration::from_micros(micros);
            submit(rig, 9, deadline);
            let (token, more, came) = rig.next();
            assert!(Instant::now() >= deadline, "{}: early", rig.way);
            assert!(matches!(came, Came::Ended(Ok(()))), "{came:?}");
            assert_eq!((token, more), (Token(9), false));
        }
        submit(rig, 9, Instant::now() - Duration::from_millis(1));
        assert!(matches!(rig.next().2, Came::Ended(Ok(()))), "one that is over");
    });
}

#[test]
fn timeouts_end_in_the_order_of_their_times() {
    on_each(|rig| {
        let start = Instant::now();
        let at = |number: usize| start + Duration::from_millis(20 + 3 * number as u64);
        // A step that has no divisor in common with the number.
        for number in (0..20).map(|number| number * 7 % 20) {
            submit(rig, number, at(number));
        }
        for number in 0..20 {
            let (token, ..) = rig.next();
            assert_eq!(token, Token(number), "{}", rig.way);
            assert!(Instant::now() >= at(number));
        }
    });
}

#[test]
fn a_cancelled_timeout_ends_at_once() {
    on_each(|rig| {
        let id = submit(rig, 1, Instant::now() + Duration::from_secs(3600));
        assert!(rig.is_silent() && rig.proactor.cancel(id));
        let (token, _, came) = rig.next();
        assert!(matches!(&came, Came::Ended(Err(error)) if is_cancelled(error)), "{came:?}");
        assert!(token == Token(1) && !rig.proactor.cancel(id) && rig.is_silent());
    });
}

#[test]
fn many_timeouts_end_each_once() {
    const COUNT: usize = 10_000;
    on_each(|rig| {
        let start = Instant::now();
        let ids: Vec<_> = (0..COUNT)
            .map(|number| submit(rig, number, start + Duration::from_micros(number as u64 * 5)))
            .collect();
        let cancelled: Vec<_> =
            ids.iter().step_by(3).map(|id| (id.to_owned(), rig.proactor.cancel(*id))).collect();
        assert!(cancelled.iter().all(|(_, is_cancelled)| *is_cancelled), "none was delivered before");
        let mut ends = vec![0; COUNT];
        for _ in 0..COUNT {
            let (token, _, came) = rig.next();
            let Came::Ended(result) = came else { panic!("{came:?}") };
            assert_eq!(result.is_err(), token.0 % 3 == 0);
            ends[token.0] += 1;
        }
        assert!(ends.iter().all(|count| *count == 1) && rig.is_silent(), "{}", rig.way);
    });
}

#[test]
fn timeouts_and_timers_of_the_poll_end_the_same_waits() {
    on_each(|rig| {
        let mut timer = Timer::new();
        rig.proactor.registry().register(&mut timer, Token(50), Interest::READABLE).unwrap();
        let start = Instant::now();
        let step = Duration::from_millis(10);
        submit(rig, 1, start + step);
        timer.set_at(start + 2 * step).unwrap();
        submit(rig, 3, start + 3 * step);
        let mut seen = Vec::new();
        while seen.len() < 3 {
            assert!(start.elapsed() < PATIENCE, "{}: {seen:?}", rig.way);
            rig.poll(PATIENCE);
            seen.extend(rig.events.iter().map(|event| (event.token().0, start.elapsed() >= 2 * step)));
            while let Some(completion) = rig.completions.next() {
                let token = completion.token.0;
                seen.push((token, start.elapsed() >= token as u32 * step));
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, [(1, true), (3, true), (50, true)], "{}", rig.way);
    });
}
