//! What a loop does with its time.

use std::time::Duration;

use crate::token::Token;

/// What a loop does with its time, for a Poll built with
/// [`timing`](crate::Builder::timing).
///
/// A loop is *idle* inside `poll` and *busy* from the end of one to the beginning of the
/// next, while it serves the events. A poll with a timeout of zero only looks: it ends a
/// busy period, and its own time counts to the next one. While a busy period lasts, no other
/// source is served.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::thread;
/// use std::time::Duration;
/// use ferrio::{Events, Interest, Poll, Token, user};
///
/// let mut poll = Poll::builder().timing(true).build()?;
/// let mut events = Events::with_capacity(8);
/// let (mut source, trigger) = user::source();
/// poll.registry().register(&mut source, Token(3), Interest::READABLE)?;
/// trigger.fire()?;
///
/// poll.poll(&mut events, None)?;
/// thread::sleep(Duration::from_millis(2));
/// poll.poll(&mut events, Some(Duration::ZERO))?;
///
/// let longest = poll.timing().unwrap().longest.unwrap();
/// assert_eq!(longest.token, Some(Token(3)));
/// assert!(longest.duration >= Duration::from_millis(2));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Timing {
    /// How long the loop was busy, in all.
    pub busy: Duration,
    /// How long it was idle, in all.
    pub idle: Duration,
    /// The longest it was busy without a poll.
    pub longest: Option<BusyPeriod>,
    /// How many periods took how long: the one at `n` counts those of at least
    /// 2<sup>n</sup> and less than 2<sup>n + 1</sup> nanoseconds, the first also those of 0.
    pub histogram: [u64; 64],
}

/// A time in which a loop was busy, from the end of one poll to the beginning of the next.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BusyPeriod {
    /// How long it took.
    pub duration: Duration,
    /// The token of the first event that was served; `None` if there was none.
    pub token: Option<Token>,
    /// How many events were served.
    pub events: usize,
}

impl Timing {
    pub(super) fn new() -> Timing {
        Timing { busy: Duration::ZERO, idle: Duration::ZERO, longest: None, histogram: [0; 64] }
    }

    pub(super) fn add(&mut self, period: BusyPeriod) {
        self.busy += period.duration;
        // More than 584 years count as that.
        let nanos = u64::try_from(period.duration.as_nanos()).unwrap_or(u64::MAX);
        self.histogram[nanos.checked_ilog2().unwrap_or(0) as usize] += 1;
        if self.longest.is_none_or(|longest| longest.duration < period.duration) {
            self.longest = Some(period);
        }
    }
}
