//! What a loop does with its time, in the text format of Prometheus.
//!
//! `cargo run --example statistics`. A server would answer requests for `/metrics` with
//! this text. A Poll always counts; it measures times only if it was built with `timing`.

use std::error::Error;
use std::fmt::{self, Write};
use std::thread;
use std::time::Duration;

use ferrio::{Events, Poll, Token, Waker};

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::builder().timing(true).build()?;
    let mut events = Events::with_capacity(8);
    let waker = Waker::new(poll.registry(), Token(0))?;
    for millis in [0, 1, 5] {
        waker.wake()?;
        poll.wait(&mut events, None)?;
        // What serving the event takes.
        thread::sleep(Duration::from_millis(millis));
    }
    // A busy period ends, and counts, when the loop comes back to wait.
    poll.wait(&mut events, Some(Duration::ZERO))?;
    print!("{}", exposition(&poll)?);
    Ok(())
}

/// The counters and times of `poll`.
fn exposition(poll: &Poll) -> Result<String, fmt::Error> {
    let mut text = String::new();
    let stats = poll.stats();
    counter(&mut text, "polls", "Waits for events.", stats.polls)?;
    counter(&mut text, "events", "Events that were delivered.", stats.events)?;
    counter(&mut text, "wakes", "Wakes by wakers.", stats.wakes)?;
    counter(&mut text, "wake_syscalls", "Wakes that needed a system call.", stats.wake_syscalls)?;
    let Some(timing) = poll.timing() else {
        return Ok(text);
    };
    counter(&mut text, "idle_seconds", "Time spent waiting.", timing.idle.as_secs_f64())?;

    let name = "ferrio_busy_period_seconds";
    writeln!(text, "# HELP {name} Time from the end of a poll to the beginning of the next.")?;
    writeln!(text, "# TYPE {name} histogram")?;
    let mut count = 0;
    for (power, periods) in timing.histogram.iter().enumerate() {
        // Each bucket also counts what is in those below.
        count += periods;
        // From a microsecond to 17 seconds; the rest is in the last.
        if (9..=33).contains(&power) {
            // The longest that this one counts, and `le` means less or equal.
            let longest = Duration::from_nanos((2 << power) - 1);
            writeln!(text, "{name}_bucket{{le=\"{}\"}} {count}", longest.as_secs_f64())?;
        }
    }
    writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {count}")?;
    writeln!(text, "{name}_sum {}", timing.busy.as_secs_f64())?;
    writeln!(text, "{name}_count {count}")?;
    Ok(text)
}

fn counter(text: &mut String, name: &str, help: &str, value: impl fmt::Display) -> fmt::Result {
    writeln!(text, "# HELP ferrio_{name}_total {help}")?;
    writeln!(text, "# TYPE ferrio_{name}_total counter")?;
    writeln!(text, "ferrio_{name}_total {value}")
}
