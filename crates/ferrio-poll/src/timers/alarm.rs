//! What the timers of a Poll know of each.

use std::fmt;
use std::sync::Mutex;

use crate::queue::Taken;
use crate::timers::plan::Plan;

/// What the timers of a Poll know of each. Called under their lock.
pub(crate) trait Alarm: fmt::Debug + Send + Sync {
    /// When it is due. Where both are locked, after the timers of the Poll.
    fn plan(&self) -> &Mutex<Plan>;

    /// True if it is to be reported.
    fn is_registered(&self) -> bool;

    /// It was due so many times. Queues its event on behalf of the poller, which has `taken`
    /// what is queued.
    fn expired(&self, times: u64, taken: &mut Taken);

    /// How often it was due since the last time; its event is no longer due.
    fn take(&self) -> u64;
}
