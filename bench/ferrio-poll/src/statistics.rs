//! Polls that find nothing, with and without a clock to each.

use std::io;
use std::time::Duration;

use bench_kit::micro::measure;
use bench_kit::options::Options;
use ferrio_poll::{Builder, Events, Poll};

/// The variant that looks at the clock.
const TIMED: &str = "timed";

/// Runs the loop, if `options` name it; false if not.
pub(crate) fn run(options: &Options) -> io::Result<bool> {
    if options.job != "statistics" {
        return Ok(false);
    }
    let builder = Poll::builder();
    let builder = if options.variant == TIMED { timed(builder) } else { builder };
    let mut poll = builder.build()?;
    let mut events = Events::with_capacity(64);
    measure(options.rounds, 1, || poll.poll(&mut events, Some(Duration::ZERO)))?;
    let polls = poll.stats().polls;
    if polls != options.rounds + 1 {
        return Err(io::Error::other(format!("{polls} polls counted of {}", options.rounds + 1)));
    }
    Ok(true)
}

/// Has a Poll measure its time.
fn timed(builder: Builder) -> Builder {
    builder.timing(true)
}
