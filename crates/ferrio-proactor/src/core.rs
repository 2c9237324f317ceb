//! The state that every driver works on: descriptors, operations, buffers, and what is over.
#![allow(unsafe_code, reason = "a buffer is told what the kernel wrote to it")]

mod arrivals;
mod gaps;
mod parts;
pub(crate) mod slab;
mod starved;
pub(crate) mod stats;
pub(crate) mod table;

use std::io;
use std::mem;
use std::time::Instant;

use ferrio_poll::Token;
use ferrio_poll::time::Wheel;

use crate::buffer::pool::Pool;
use crate::completion::{Completions, Finished, What};
use crate::config::Config;
use crate::core::gaps::Gaps;
use crate::core::slab::{NO_SLOT, Slab, Slot, Stage};
use crate::core::starved::Starved;
use crate::core::stats::Counters;
use crate::core::table::Table;
use crate::id::{Handle, OpId};
use crate::op::erased::Erased;
use crate::op::parcel::Parcel;
use crate::op::perform::{Handles, Lane, Shape};
use crate::op::request::Request;
use crate::op::send_all::Part;
use crate::op::timeout::Timeout;
use crate::sys::{self, Errno, Raw};

/// The result of an operation that was cancelled.
pub(crate) const CANCELLED: i32 = sys::failure(Errno::CANCELED);

/// The id of completions that are of no operation.
const NO_OPERATION: OpId = OpId { slot: NO_SLOT, generation: 0 };

pub(crate) struct Core {
    pub(crate) table: Table,
    pub(crate) slab: Slab,
    pub(crate) pool: Pool,
    /// What is over, and was not delivered yet.
    pub(crate) finished: Finished,
    /// How many completions the list of the user has room for: no driver takes in more.
    finished_max: usize,
    starved: Starved,
    /// Streams of which a send has failed, as long as nobody was told.
    gaps: Gaps,
    /// The deadlines. Made with the first, since it reads the clock.
    wheel: Option<Wheel<OpId>>,
    pub(crate) config: Config,
    pub(crate) counters: Counters,
}

/// What there is to do once an operation is over.
#[must_use]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct After {
    /// The operation that was next in the queue.
    pub(crate) start: Option<u32>,
    /// Descriptors that were only waiting for this, to be closed.
    pub(crate) retire: [Option<u32>; 2],
}

impl Core {
    pub(crate) fn new(config: Config) -> io::Result<Core> {
        Ok(Core {
            table: Table::new(),
            slab: Slab::new(),
            pool: Pool::new(config.buffers, config.buffer_len)?,
            finished: Finished::default(),
            finished_max: usize::MAX,
            starved: Starved::default(),
            gaps: Gaps::default(),
            wheel: None,
            config,
            counters: Counters::default(),
        })
    }

    /// Whether each of `handles` is a descriptor that takes operations.
    pub(crate) fn is_usable(&self, handles: Handles) -> bool {
        handles.iter().all(|handle| self.table.get(handle).is_some())
    }

    /// Whether there are as many operations as there may be, those included that are over and were not
    /// delivered: some are over when they are submitted.
    pub(crate) fn is_full(&self) -> bool {
        self.slab.len() as usize + self.finished.len() >= self.config.operations as usize
    }

    /// From now on no driver takes in more than `max` completions before they are delivered, and the
    /// list has room for so many.
    pub(crate) fn set_finished_max(&mut self, max: usize) {
        self.finished_max = max;
        self.finished.reserve(max);
    }

    /// From now on a driver takes in all that there is: nothing is delivered any more.
    pub(crate) fn take_in_all(&mut self) {
        self.finished_max = usize::MAX;
    }

    /// How many completions a driver may still take in. What it leaves waits in the kernel, or in the
    /// ring.
    pub(crate) fn room(&self) -> usize {
        self.finished_max.saturating_sub(self.finished.len())
    }

    /// How many letters of other threads may be read before the driver has its turn. Each may be a
    /// completion, and they take half of the room at most.
    pub(crate) fn letters_room(&self) -> usize {
        self.finished_max.div_ceil(2).saturating_sub(self.finished.len())
    }

    /// Whether an operation may be done when it is submitted: what is over leaves room for what is
    /// ready, so that programs which always submit another one do not hide that.
    pub(crate) fn may_do_at_once(&self) -> bool {
        self.finished.len() < self.finished_max / 2
    }

    /// Gives what is over to `completions`, which is empty.
    pub(crate) fn deliver(&mut self, completions: &mut Completions) {
        self.counters.completions_max = self.counters.completions_max.max(self.finished.len());
        self.finished.deliver(completions);
        self.forget_told_gaps(completions);
    }

    /// Takes an operation in, whose handles are usable. True if it is to be started.
    pub(crate) fn insert(&mut self, token: Token, parcel: Parcel) -> (OpId, bool) {
        let Parcel { operation, handles: Handles(handles), shape, lane, .. } = parcel;
        let entries = handles.map(|handle| handle.map_or(NO_SLOT, |handle| handle.slot));
        let id = self.slab.insert(token, entries, shape, lane, operation);
        for entry in entries.into_iter().filter(|&entry| entry != NO_SLOT) {
            self.table.at_mut(entry).operations += 1;
        }
        self.counters.submitted += 1;
        let is_first = lane.is_none_or(|lane| self.enqueue(entries[0], lane, id.slot));
        (id, is_first)
    }

    /// Adds an operation to the queue of its descriptor. True if it is the first there.
    fn enqueue(&mut self, entry: u32, lane: Lane, index: u32) -> bool {
        let queue = self.table.at_mut(entry).queue(lane);
        let last = mem::replace(&mut queue.last, index);
        if queue.is_empty() {
            queue.first = index;
            return true;
        }
        self.slab.at_mut(last).next = index;
        false
    }

    /// Takes an operation out of its queue. The next one, if it was the first and under way.
    fn dequeue(&mut self, entry: u32, lane: Lane, index: u32) -> Option<u32> {
        let next = mem::replace(&mut self.slab.at_mut(index).next, NO_SLOT);
        let queue = self.table.at_mut(entry).queue(lane);
        if queue.first == index {
            queue.first = next;
            if next == NO_SLOT {
                queue.last = NO_SLOT;
                return None;
            }
            return Some(next);
        }
        let mut before = queue.first;
        while self.slab.at(before).next != index {
            before = self.slab.at(before).next;
        }
        self.slab.at_mut(before).next = next;
        let queue = self.table.at_mut(entry).queue(lane);
        if queue.last == index {
            queue.last = before;
        }
        None
    }

    /// What the kernel is to do for an operation, and on which descriptor. From now on the
    /// operation stays in its slot until it is over.
    pub(crate) fn request(&mut self, index: u32) -> (Request, Raw) {
        let slot = self.slab.at_mut(index);
        if matches!(slot.stage, Stage::Queued | Stage::Starved) {
            slot.stage = Stage::Started;
        }
        let (entry, other) = (slot.entry, slot.other);
        let mut request = slot.operation().request();
        if let Request::Splice { from, .. } = &mut request {
            *from = self.raw(other);
        }
        (request, self.raw(entry))
    }

    fn raw(&self, entry: u32) -> Raw {
        if entry == NO_SLOT { sys::NO_RAW } else { sys::raw(self.table.at(entry).fd()) }
    }

    /// The result of an operation is here, and the kernel has done with its descriptor, but not yet
    /// with its buffer. What waits for it goes on, and a close does not: it may be what frees the
    /// buffer.
    #[allow(dead_code, reason = "only a ring notifies")]
    pub(crate) fn notified(&mut self, index: u32, result: i32) -> After {
        let has_gap = self.note_gap(index, result);
        self.slab.at_mut(index).stage = Stage::Notified(result);
        let after = self.let_go(index);
        if has_gap { self.skip_behind(after) } else { after }
    }

    /// Frees the slot of an operation that is over.
    fn release(&mut self, index: u32) -> (Erased, After) {
        let after = self.let_go(index);
        (self.slab.remove(index).expect("an operation under way"), after)
    }

    /// Takes an operation off its descriptors.
    fn let_go(&mut self, index: u32) -> After {
        let slot = self.slab.at_mut(index);
        let lane = slot.lane.take();
        let [entry, other] = [&mut slot.entry, &mut slot.other].map(|entry| mem::replace(entry, NO_SLOT));
        let start = lane.and_then(|lane| self.dequeue(entry, lane, index));
        // A splice of a descriptor to itself has it twice, and only the second leaves it.
        let retire = [entry, other].map(|entry| self.leave(entry));
        After { start, retire }
    }

    /// An operation has left a descriptor, which is given if its close was waiting for that.
    fn leave(&mut self, entry: u32) -> Option<u32> {
        if entry == NO_SLOT {
            return None;
        }
        let place = self.table.at_mut(entry);
        place.operations -= 1;
        (place.is_closing && place.operations == 0).then_some(entry)
    }

    /// An operation is over, with what the kernel said. What waits behind a send on a stream that has
    /// failed is over with it.
    pub(crate) fn complete(&mut self, index: u32, result: i32) -> After {
        let has_gap = self.note_gap(index, result);
        let after = self.finish(index, result);
        if has_gap { self.skip_behind(after) } else { after }
    }

    fn finish(&mut self, index: u32, result: i32) -> After {
        let (token, id, shape) = self.head(index);
        let (mut operation, after) = self.release(index);
        match shape {
            Shape::One => {
                if let Ok(count) = u32::try_from(result) {
                    // SAFETY: it is what the kernel said of the request of this operation.
                    unsafe { operation.finish(count) };
                }
                self.finished.push_done(token, id, result, operation);
            }
            Shape::SendAll => self.finished.push_done(token, id, result, operation),
            Shape::Part => {
                let part = operation.take::<Part>().expect("a part");
                self.complete_part(&part, result);
                return after;
            }
            Shape::Timeout | Shape::Accept | Shape::Open => self.end(token, id, result),
            Shape::AcceptMany | Shape::RecvMany | Shape::RecvMsgMany => self.end(token, id, result),
        }
        self.counters.completed += 1;
        after
    }

    fn end(&mut self, token: Token, id: OpId, result: i32) {
        self.finished.push(token, id, false, What::Ended(result));
    }

    /// An operation that brings a descriptor has brought it, and is over.
    pub(crate) fn complete_with(&mut self, index: u32, what: What) -> After {
        let (token, id, _) = self.head(index);
        let (_, after) = self.release(index);
        self.finished.push(token, id, false, what);
        self.counters.completed += 1;
        after
    }

    /// Another thread has woken the proactor.
    pub(crate) fn woken(&mut self, token: Token) {
        self.finished.push(token, NO_OPERATION, false, What::Woken);
    }

    /// What another thread wanted to submit was not accepted.
    pub(crate) fn refused(&mut self, token: Token, result: i32) {
        self.end(token, NO_OPERATION, result);
    }

    fn head(&self, index: u32) -> (Token, OpId, Shape) {
        let slot = self.slab.at(index);
        (slot.token, slot.id(index), slot.shape)
    }

    /// Cancels an operation that no driver has, and completes it. `None` if the driver has it: then
    /// it is marked as cancelled, and the driver ends it.
    pub(crate) fn cancel(&mut self, index: u32) -> Option<After> {
        let slot = self.slab.at_mut(index);
        slot.is_cancelled = true;
        let is_starved = slot.stage == Stage::Starved;
        let ended = match (slot.shape, slot.stage) {
            (Shape::Timeout, _) => {
                let timeout = slot.operation().get_mut::<Timeout>().expect("a timeout");
                if let (Some(key), Some(wheel)) = (timeout.key.take(), &mut self.wheel) {
                    wheel.remove(key);
                }
                Some(self.complete(index, CANCELLED))
            }
            (_, Stage::Queued | Stage::Starved) => Some(self.complete(index, CANCELLED)),
            (
                _,
                Stage::Started
                | Stage::Partial(_)
                | Stage::Begun
                | Stage::Renewed
                | Stage::Away
                | Stage::Notified(_),
            ) => None,
        };
        if is_starved {
            self.forget_starved();
        }
        ended
    }

    /// Adds the operations on a descriptor to `found`, which is empty: first those that wait in its
    /// queues, so that none of them is started while the others are cancelled.
    pub(crate) fn operations_on(&self, entry: u32, found: &mut Vec<u32>) {
        let place = self.table.at(entry);
        for queue in [place.reads, place.writes] {
            let mut index = queue.first;
            while index != NO_SLOT {
                found.push(index);
                index = self.slab.at(index).next;
            }
        }
        found.reverse();
        if found.len() < place.operations as usize {
            // Those that wait for no others stand in no queue.
            let is_on = |slot: &Slot| slot.lane.is_none() && (slot.entry == entry || slot.other == entry);
            found.extend(self.slab.iter().filter(|(_, slot)| is_on(slot)).map(|(index, _)| index));
        }
    }

    /// Sets the deadline of a [`Timeout`] that was inserted.
    pub(crate) fn set_deadline(&mut self, id: OpId) {
        let slot = self.slab.at_mut(id.slot);
        slot.stage = Stage::Started;
        let timeout = slot.operation().get_mut::<Timeout>().expect("a timeout");
        let wheel = self.wheel.get_or_insert_with(|| Wheel::new(Instant::now()));
        timeout.key = Some(wheel.insert(timeout.deadline, id));
    }

    /// When a wait has to end for a deadline.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.wheel.as_ref().and_then(Wheel::next_deadline)
    }

    /// Ends the timeouts whose time has come.
    pub(crate) fn expire(&mut self) {
        if self.next_deadline().is_none() {
            return;
        }
        let now = Instant::now();
        while let Some((_, id)) = self.wheel.as_mut().and_then(|wheel| wheel.expire(now)) {
            // A timeout is on no descriptor: nothing follows from it.
            let After { .. } = self.complete(id.slot, 0);
        }
    }

    /// Leaks what the kernel may still use: the operations, their descriptors and the pool.
    pub(crate) fn leak(&mut self) {
        mem::forget(mem::replace(&mut self.slab, Slab::new()));
        mem::replace(&mut self.table, Table::new()).leak_busy();
        mem::forget(self.pool.lease());
    }

    /// Marks a descriptor as one to be closed. True if it can be closed at once.
    pub(crate) fn begin_close(&mut self, handle: Handle) -> bool {
        let entry = self.table.at_mut(handle.slot);
        entry.is_closing = true;
        entry.operations == 0
    }
}
