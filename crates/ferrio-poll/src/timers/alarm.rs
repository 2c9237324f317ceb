//! What the timers of a Poll know of each.

use std::fmt;

use crate::queue::Summary;
use crate::sync::Mutex;
use crate::timers::plan::Plan;

/// What the timers of a Poll know of each. Called under their lock.
pub(crate) trait Alarm: fmt::Debug + Send + Sync {
    /// When it is due. Where both are locked, after the timers of the Poll.
    fn plan(&self) -> &Mutex<Plan>;

    /// True if it is to be reported.
    fn is_registered(&self) -> bool;

    /// Counts `times` expirations, and queues its event on behalf of the poller, which has
    /// taken `summary`.
    fn expired(&self, times: u64, summary: &mut Summary);

    /// How often it expired since the last time; an event that was not delivered yet is
    /// cancelled.
    fn take(&self) -> u64;
}
