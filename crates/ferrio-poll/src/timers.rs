//! The timers of one Poll.

mod alarm;
mod plan;

use std::sync::Arc;
use std::time::Instant;

use crate::queue::Summary;
use crate::sync::{Mutex, lock};
pub(crate) use crate::timers::alarm::Alarm;
pub(crate) use crate::timers::plan::Plan;
use crate::wheel::Wheel;

/// The timers of one Poll.
///
/// The poller sleeps no longer than until the first of them. The lock also guards the time
/// until which it sleeps: a thread that sets an earlier timer sees that, and wakes the
/// poller. So setting a timer costs a system call only if the poller sleeps past it.
#[derive(Debug)]
pub(crate) struct Timers {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the timers are counted from.
    start: Instant,
    /// What is due when.
    wheel: Wheel<Arc<dyn Alarm>>,
    sleep: Sleep,
}

/// What came of a new plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replanned {
    /// True if the alarm was still to come or to be taken.
    pub(crate) was_set: bool,
    /// True if the poller sleeps too long for it, and must be woken.
    pub(crate) must_wake: bool,
}

/// What the poller does.
#[derive(Clone, Copy, Debug)]
enum Sleep {
    /// It will look at the wheel before it sleeps.
    Awake,
    /// It sleeps, and looks at the wheel then at the latest.
    Until(Instant),
    /// It sleeps until it is woken, or never looked at the wheel.
    Forever,
}

impl Timers {
    pub(crate) fn new() -> Timers {
        let start = Instant::now();
        Timers { state: Mutex::new(State { start, wheel: Wheel::new(start), sleep: Sleep::Forever }) }
    }

    /// Adds `alarm`, which was registered. True if the poller must be woken.
    pub(crate) fn link(&self, alarm: &Arc<dyn Alarm>) -> bool {
        let mut state = lock(&self.state);
        state.link(alarm, &mut lock(alarm.plan()), Instant::now());
        state.must_wake()
    }

    /// Removes `alarm`, which keeps its plan.
    pub(crate) fn unlink(&self, alarm: &dyn Alarm) {
        lock(&self.state).unlink(&mut lock(alarm.plan()));
    }

    /// Gives `alarm` another plan.
    pub(crate) fn replan(&self, alarm: &Arc<dyn Alarm>, new: Plan) -> Replanned {
        let mut state = lock(&self.state);
        let mut plan = lock(alarm.plan());
        state.unlink(&mut plan);
        let was_set = replace(alarm.as_ref(), &mut plan, new);
        if alarm.is_registered() {
            state.link(alarm, &mut plan, Instant::now());
        }
        Replanned { was_set, must_wake: state.must_wake() }
    }

    /// Announces that the poller goes to sleep until `deadline`; returns when it has to
    /// wake up.
    pub(crate) fn fall_asleep(&self, deadline: Option<Instant>) -> Option<Instant> {
        let mut state = lock(&self.state);
        let until = match (state.wheel.next_deadline(), deadline) {
            (Some(next), Some(deadline)) => Some(next.min(deadline)),
            (next, deadline) => next.or(deadline),
        };
        state.sleep = until.map_or(Sleep::Forever, Sleep::Until);
        until
    }

    /// Announces that the poller, which has taken `summary`, is awake, and queues each alarm
    /// that is due.
    pub(crate) fn wake_up(&self, summary: &mut Summary) {
        let mut state = lock(&self.state);
        state.sleep = Sleep::Awake;
        if state.wheel.is_empty() {
            return;
        }
        let now = Instant::now();
        while let Some((_, alarm)) = state.wheel.expire(now) {
            let mut plan = lock(alarm.plan());
            plan.key = None;
            let times = plan.advance(now);
            state.link(&alarm, &mut plan, now);
            alarm.expired(times, summary);
        }
    }

    /// Announces that another loop may sleep for the poller from now on, until that loop asks
    /// for the next deadline.
    #[allow(dead_code, reason = "a Poll has a descriptor on Unix alone")]
    pub(crate) fn embed(&self) {
        lock(&self.state).sleep = Sleep::Forever;
    }

    /// When the poller has to look at the timers next. If it is `embedded`, the other loop
    /// sleeps until then.
    pub(crate) fn next_deadline(&self, embedded: bool) -> Option<Instant> {
        let mut state = lock(&self.state);
        let next = state.wheel.next_deadline();
        if embedded {
            state.sleep = next.map_or(Sleep::Forever, Sleep::Until);
        }
        next
    }
}

impl State {
    fn link(&mut self, alarm: &Arc<dyn Alarm>, plan: &mut Plan, now: Instant) {
        // Another thread may have set it just now.
        if plan.key.is_some() {
            return;
        }
        // What is due already need not wait for the end of a tick.
        let is_due = plan.deadline.is_some_and(|deadline| deadline <= now);
        let deadline = if is_due { Some(self.start) } else { plan.latest(self.start) };
        plan.key = deadline.map(|at| self.wheel.insert(at, Arc::clone(alarm)));
    }

    fn unlink(&mut self, plan: &mut Plan) {
        if let Some(key) = plan.key.take() {
            self.wheel.remove(key);
        }
    }

    /// True if the poller sleeps longer than the wheel allows. Says so only once, for one
    /// wake is enough.
    fn must_wake(&mut self) -> bool {
        let Some(next) = self.wheel.next_deadline() else {
            return false;
        };
        let sleeps_too_long = match self.sleep {
            Sleep::Awake => false,
            Sleep::Until(until) => next < until,
            Sleep::Forever => true,
        };
        if sleeps_too_long {
            self.sleep = Sleep::Until(next);
        }
        sleeps_too_long
    }
}

/// Replaces `plan`, the one of `alarm`, but keeps its slack, and forgets expirations that were
/// not taken. True if the former plan was still to come, or to be taken.
pub(crate) fn replace(alarm: &dyn Alarm, plan: &mut Plan, new: Plan) -> bool {
    let was_to_come = plan.deadline.is_some();
    let was_to_be_taken = alarm.take() != 0;
    *plan = Plan { slack: plan.slack, ..new };
    was_to_come || was_to_be_taken
}
