//! Doing something at a time of day.
//!
//! `cargo run --example wall_timer`. A timeout measures a span; a wall timer goes by
//! the clock, also when that is set. Both are waited for in one place.

use std::error::Error;
use std::time::{Duration, SystemTime};

use ferrio::time::{Tick, WallTimer};
use ferrio::{Events, Interest, Poll, Token};

const ALARM: Token = Token(0);
const TICKS: Token = Token(1);

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let mut alarm = WallTimer::new()?;
    let mut ticks = WallTimer::new()?;
    poll.registry().register(&mut alarm, ALARM, Interest::READABLE)?;
    poll.registry().register(&mut ticks, TICKS, Interest::READABLE)?;

    // Once, soon; and at each full tenth of a second of the clock. `set_every(3 hours, 24
    // hours)` would be each night at three, in UTC.
    let when = SystemTime::now() + Duration::from_millis(50);
    alarm.set(when)?;
    ticks.set_every(Duration::ZERO, Duration::from_millis(100))?;

    let (mut rang, mut ticked) = (false, 0);
    while !rang || ticked < 3 {
        poll.wait(&mut events, None)?;
        for event in &events {
            let timer = if event.token() == ALARM { &alarm } else { &ticks };
            match (event.token(), timer.take()?) {
                (ALARM, Some(Tick::Expired(_))) => {
                    assert!(SystemTime::now() >= when, "a timer is never early");
                    rang = true;
                }
                // More than one if the loop was busy meanwhile.
                (_, Some(Tick::Expired(times))) => ticked += times,
                (_, Some(Tick::ClockSet)) => println!("the clock was set"),
                _ => {}
            }
        }
    }
    ticks.cancel()?;
    println!("the alarm rang, and the clock ticked");
    Ok(())
}
