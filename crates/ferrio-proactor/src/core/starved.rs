//! Receivers that wait for a free buffer of the pool.
//!
//! They are in no kernel and in no list of a driver. To start one at once would make it fail at
//! once, without end: it goes on once a buffer is free.

use crate::core::Core;
use crate::core::slab::Stage;
use crate::id::OpId;

impl Core {
    /// Lets a receiver wait for a buffer.
    pub(crate) fn starve(&mut self, id: OpId) {
        self.slab.at_mut(id.slot).stage = Stage::Starved;
        self.counters.starved += 1;
        self.starved.push_back(id);
        self.pool.set_starved(true);
    }

    /// Whether any receiver waits for a buffer.
    pub(crate) fn has_starved(&self) -> bool {
        !self.starved.is_empty()
    }

    /// Moves receivers that wait for a buffer to `fed`, one for each that is free: they are to be
    /// started. True if there are any.
    pub(crate) fn feed(&mut self, fed: &mut impl Extend<OpId>) -> bool {
        if self.starved.is_empty() {
            return false;
        }
        let free = self.pool.free();
        let mut started = 0;
        while let Some(&id) = self.starved.front() {
            let is_waiting = self.slab.get(id).is_some_and(|slot| slot.stage == Stage::Starved);
            if is_waiting && started == free {
                break;
            }
            self.starved.pop_front();
            // It may have been cancelled meanwhile.
            if is_waiting {
                self.slab.at_mut(id.slot).stage = Stage::Started;
                fed.extend([id]);
                started += 1;
            }
        }
        self.pool.set_starved(self.has_starved());
        started > 0
    }
}
