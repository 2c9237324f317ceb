//! The same operations by system calls that do not block, once a descriptor is ready.
//!
//! A send is tried when it is submitted, if no other is before it and what comes of it has room; every
//! other operation in the next wait. If it would block, it waits for its descriptor in a [`Set`], and
//! is tried again when that is ready. What a file would make the loop wait for is done by threads.

mod attempt;
mod calls;
mod message;
#[cfg_attr(windows, path = "readiness/afd_set.rs")]
mod set;
mod threads;
mod tries;
mod waiting;
mod want;

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::time::{Duration, Instant};

use ferrio_poll::Poll;
use ferrio_poll::park::{Harvest, Nudge};

use crate::capabilities::{Capabilities, DriverKind, Way};
use crate::core::slab::Stage;
use crate::core::{After, CANCELLED, Core};
use crate::driver::readiness::set::Set;
use crate::driver::readiness::threads::Threads;
use crate::driver::readiness::waiting::{READY_MAX, Ready};
use crate::driver::ring::Denied;
use crate::id::OpId;
use crate::op::perform::{Code, Codes, Lane, Shape};
use crate::sys;

/// How long an operation that no readiness announces is left alone before it is tried again: a
/// connection to a Unix socket whose backlog is full, or one that was called ready for what is not
/// its own.
const RETRY: Duration = Duration::from_millis(2);

/// The readiness driver.
#[derive(Debug)]
pub(crate) struct Readiness {
    set: Set,
    /// Operations to be tried in this turn.
    work: VecDeque<OpId>,
    /// Memory for those that have become ready.
    ready: Vec<Ready>,
    /// Operations to be tried again after [`RETRY`].
    delayed: Vec<OpId>,
    /// When they are tried. Of use if there are any.
    retry_at: Instant,
    threads: Threads,
    codes: Codes,
    /// True if the last turn only delivered what was over.
    has_skipped: bool,
    /// Why it is not the ring.
    reason: Option<String>,
}

impl Readiness {
    pub(crate) fn open(
        core: &Core,
        poll: &Poll,
        nudge: &Nudge,
        reason: Option<&Denied>,
    ) -> io::Result<Readiness> {
        Ok(Readiness {
            set: Set::open(poll)?,
            work: VecDeque::with_capacity(READY_MAX),
            ready: Vec::with_capacity(READY_MAX),
            delayed: Vec::new(),
            retry_at: Instant::now(),
            threads: Threads::new(core.config.threads, nudge.clone()),
            codes: Codes::that(|code| lack(code.name(), core.config.threads > 0).is_none()),
            has_skipped: false,
            reason: reason.map(ToString::to_string),
        })
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        let way = |&(code, name): &(Code, &'static str)| {
            (name, if self.codes.contains(code) { Way::Emulated } else { Way::Unsupported })
        };
        let operations = Code::ALL.iter().map(way).collect();
        let has_threads = self.threads.are_allowed();
        let lacks =
            Code::ALL.iter().filter_map(|(_, name)| Some((*name, lack(name, has_threads)?))).collect();
        let (driver, reason) = (DriverKind::Readiness, self.reason.clone());
        Capabilities { driver, reason, setup: None, operations, lacks }
    }

    pub(crate) fn codes(&self) -> Codes {
        self.codes
    }

    /// Starts an operation that was just submitted. A send is tried at once: what it needs is in
    /// the cache, and mostly the socket takes all of it.
    pub(crate) fn start(&mut self, core: &mut Core, index: u32) {
        let id = core.slab.id(index);
        let slot = core.slab.at(index);
        let is_possible = core.may_do_at_once() && slot.shape == Shape::One;
        if is_possible && slot.lane == Some(Lane::Write) && core.request(index).0.is_send() {
            return self.attempt(core, id);
        }
        self.work.push_back(id);
    }

    /// Ends an operation that was started, unless a thread has begun it.
    pub(crate) fn cancel(&mut self, core: &mut Core, index: u32) {
        let id = core.slab.id(index);
        let slot = core.slab.at(index);
        let result = match slot.stage {
            Stage::Away if self.threads.withdraw(id) => CANCELLED,
            Stage::Away => return,
            // What was sent is not taken back.
            Stage::Partial(count) if count > 0 => count as i32,
            _ => CANCELLED,
        };
        for entry in [slot.entry, slot.other] {
            self.set.abandon(entry, id);
        }
        let after = core.complete(index, result);
        self.follow(core, after);
    }

    pub(crate) fn follow(&mut self, core: &mut Core, after: After) {
        for entry in after.retire.into_iter().flatten() {
            self.forget(core, entry);
            drop(core.table.remove(entry));
        }
        // It is tried later, lest each of a long queue be tried within the one before it.
        if let Some(index) = after.start {
            self.work.push_back(core.slab.id(index));
        }
    }

    /// Forgets a descriptor, which leaves the table now.
    pub(crate) fn forget(&mut self, core: &Core, entry: u32) {
        self.set.forget(entry, core.table.at(entry).fd());
    }

    pub(crate) fn park(
        &mut self,
        core: &mut Core,
        harvest: &mut Harvest<'_>,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        // What was over before holds the buffers that receivers need, and is delivered first. Every
        // other turn looks all the same: operations that are over at once hide nothing.
        if !core.finished.is_empty() && !mem::replace(&mut self.has_skipped, true) {
            return Ok(());
        }
        self.has_skipped = false;
        self.prepare(core);
        self.do_work(core);
        // A buffer that came back before a receiver had to wait for one nudges nobody, and a
        // receiver that went on may have left its buffer to the next.
        while self.refill(core) {
            self.do_work(core);
        }
        let timeout = if !self.work.is_empty() || !core.finished.is_empty() {
            Some(Duration::ZERO)
        } else if self.delayed.is_empty() {
            timeout
        } else {
            let left = self.retry_at.saturating_duration_since(Instant::now());
            Some(timeout.map_or(left, |timeout| timeout.min(left)))
        };
        let slept = self.set.wait(harvest, timeout, core, &mut self.ready);
        for Ready { id, is_read_closed } in self.ready.drain(..) {
            let slot = core.slab.at_mut(id.slot);
            slot.is_woken = true;
            slot.is_read_closed |= is_read_closed;
            self.work.push_back(id);
        }
        self.prepare(core);
        self.do_work(core);
        slept
    }

    /// Takes back what threads and other turns have left.
    fn prepare(&mut self, core: &mut Core) {
        self.refill(core);
        if !self.delayed.is_empty() && Instant::now() >= self.retry_at {
            self.work.extend(self.delayed.drain(..));
        }
        while core.room() > 0 {
            let Some((id, result)) = self.threads.next_result() else { break };
            self.finish_away(core, id, result);
        }
    }

    /// Leaves an operation alone for a moment. All that are left alone are tried again when the first
    /// of them is.
    fn delay(&mut self, id: OpId) {
        if self.delayed.is_empty() {
            self.retry_at = Instant::now() + RETRY;
        }
        self.delayed.push(id);
    }

    /// Lets receivers go on that wait for a buffer, if one is free. True if there are any.
    fn refill(&mut self, core: &mut Core) -> bool {
        if core.pool.has_returned() {
            core.pool.collect(|_| {});
        }
        core.feed(&mut self.work)
    }

    /// Cancels all that is under way, and waits for what threads have until `timeout` is over.
    pub(crate) fn shut_down(&mut self, core: &mut Core, timeout: Duration) {
        self.threads.wait_for(timeout, |id, result| {
            if core.slab.is_current(id) {
                // Nobody is told any more, and no operation is left that would follow.
                let After { .. } = tries::complete_away(core, id, result);
            }
        });
    }
}

/// Why the kind of operation called `name` is not done here. `None` if it is.
fn lack(name: &str, has_threads: bool) -> Option<&'static str> {
    if ["Fsync", "Open", "Statx"].contains(&name) && !has_threads {
        return Some("it needs threads, and Config::threads is 0");
    }
    sys::LACKS.iter().find(|(lacking, _)| *lacking == name).map(|(_, reason)| *reason)
}
