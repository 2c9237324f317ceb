//! Receivers that wait for a free buffer of the pool.
//!
//! They are in no kernel and in no list of a driver. To start one at once would make it fail at
//! once, without end: it goes on once a buffer is free.

use std::collections::VecDeque;

use crate::core::Core;
use crate::core::slab::{Slab, Stage};
use crate::id::OpId;

/// The receivers, the first first.
#[derive(Debug, Default)]
pub(super) struct Starved {
    queue: VecDeque<OpId>,
    /// How many of them were cancelled. They are left where they are until they are more than half:
    /// so a cancel takes the same time on average, however many wait.
    gone: usize,
}

impl Starved {
    /// One that waits was cancelled.
    fn forget(&mut self, slab: &Slab) {
        self.gone += 1;
        if 2 * self.gone > self.queue.len() {
            self.queue.retain(|&id| is_waiting(slab, id));
            self.gone = 0;
        }
    }
}

fn is_waiting(slab: &Slab, id: OpId) -> bool {
    slab.get(id).is_some_and(|slot| slot.stage == Stage::Starved)
}

impl Core {
    /// Lets a receiver wait for a buffer.
    pub(crate) fn starve(&mut self, id: OpId) {
        self.slab.at_mut(id.slot).stage = Stage::Starved;
        self.counters.starved += 1;
        self.starved.queue.push_back(id);
        self.pool.set_starved(true);
    }

    /// Whether any receiver waits for a buffer.
    pub(crate) fn has_starved(&self) -> bool {
        !self.starved.queue.is_empty()
    }

    /// One that waited for a buffer was cancelled, and is over.
    pub(super) fn forget_starved(&mut self) {
        self.starved.forget(&self.slab);
        self.pool.set_starved(self.has_starved());
    }

    /// Moves receivers that wait for a buffer to `fed`, one for each that is free: they are to be
    /// started. True if there are any.
    pub(crate) fn feed(&mut self, fed: &mut impl Extend<OpId>) -> bool {
        if self.starved.queue.is_empty() {
            return false;
        }
        let free = self.pool.free();
        let mut started = 0;
        while let Some(&id) = self.starved.queue.front() {
            let is_waiting = is_waiting(&self.slab, id);
            if is_waiting && started == free {
                break;
            }
            self.starved.queue.pop_front();
            if is_waiting {
                self.slab.at_mut(id.slot).stage = Stage::Started;
                fed.extend([id]);
                started += 1;
            } else {
                self.starved.gone -= 1;
            }
        }
        self.pool.set_starved(self.has_starved());
        started > 0
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::fs::File;

    use ferrio_poll::Token;

    use crate::config::Config;
    use crate::core::Core;
    use crate::core::slab::Slab;
    use crate::id::OpId;
    use crate::op::RecvMany;
    use crate::op::parcel::Parcel;

    /// A receiver that waits for a buffer.
    fn starved(core: &mut Core) -> OpId {
        let handle = core.table.insert(File::open("/dev/null").unwrap().into());
        let (id, _) = core.insert(Token(0), Parcel::new(RecvMany { handle }));
        core.starve(id);
        id
    }

    #[test]
    fn those_that_are_cancelled_leave_the_queue_and_the_others_keep_their_order() {
        let mut core = Core::new(Config { buffers: 2, ..Config::default() }).unwrap();
        let first = starved(&mut core);
        for _ in 0..1000 {
            let id = starved(&mut core);
            assert!(core.cancel(id.slot).is_some());
            assert!(core.starved.queue.len() <= 3, "{} wait behind the first", core.starved.queue.len());
        }
        let others: Vec<_> = (0..4).map(|_| starved(&mut core)).collect();
        for id in [others[0], others[2]] {
            assert!(core.cancel(id.slot).is_some());
        }
        let (mut fed, is_waiting) = (Vec::new(), |slab: &Slab, id| super::is_waiting(slab, id));
        assert!(core.feed(&mut fed));
        assert_eq!(fed, [first, others[1]]);
        assert!(core.has_starved() && is_waiting(&core.slab, others[3]));
        assert!(core.cancel(others[3].slot).is_some());
        assert!(!core.has_starved());
    }
}
