//! Streams of which a send has failed.
//!
//! What waits behind such a send was to follow the bytes that are missing, and so was what is
//! submitted before the program is told. None of it is sent: it ends as if it were cancelled. Once the
//! failure is delivered, what is submitted goes out again.

use std::collections::{HashMap, HashSet};

use crate::completion::Completions;
use crate::core::slab::NO_SLOT;
use crate::core::{After, CANCELLED, Core};
use crate::id::{Handle, OpId};
use crate::op::perform::{Lane, Shape};
use crate::op::send_all::Part;

/// The streams of which a send has failed, each with the operation whose completion tells so.
#[derive(Debug, Default)]
pub(super) struct Gaps(HashMap<Handle, OpId>);

impl Core {
    /// Notes that a stream has a gap if a send on it, which is over, did not send all. True if it has
    /// one. A send that was cancelled leaves none: its user knows.
    pub(super) fn note_gap(&mut self, index: u32, result: i32) -> bool {
        let slot = self.slab.at_mut(index);
        if slot.lane != Some(Lane::Write) || slot.is_cancelled {
            return false;
        }
        let (entry, shape) = (slot.entry, slot.shape);
        let is_short = slot.operation().request().send_len().is_some_and(|len| result != len as i32);
        if !is_short {
            return false;
        }
        let id = match self.slab.at_mut(index).operation().get_mut::<Part>() {
            Some(part) if shape == Shape::Part => part.parent,
            _ => self.slab.id(index),
        };
        self.note_gap_of(entry, id)
    }

    /// The same of a send that never was an operation of its own, and that `id` tells of.
    pub(super) fn note_gap_of(&mut self, entry: u32, id: OpId) -> bool {
        let is_stream = self.table.at(entry).is_stream();
        if is_stream {
            self.gaps.0.insert(self.table.handle(entry), id);
        }
        is_stream
    }

    /// Ends what waits behind a send that has left a gap.
    pub(super) fn skip_behind(&mut self, mut after: After) -> After {
        while let Some(next) = after.start {
            after = self.finish(next, CANCELLED);
        }
        after
    }

    /// Ends an operation that was to be started if it would follow a gap.
    pub(crate) fn skip_if_behind(&mut self, index: u32) -> Option<After> {
        if self.gaps.0.is_empty() {
            return None;
        }
        let slot = self.slab.at(index);
        let (entry, lane) = (slot.entry, slot.lane);
        let is_behind =
            lane == Some(Lane::Write) && entry != NO_SLOT && self.has_gap(self.table.handle(entry));
        is_behind.then(|| self.finish(index, CANCELLED))
    }

    /// Whether a send on `handle` has failed, and nobody was told yet.
    pub(crate) fn has_gap(&self, handle: Handle) -> bool {
        !self.gaps.0.is_empty() && self.gaps.0.contains_key(&handle)
    }

    /// Forgets the gaps that `completions` tells of.
    pub(super) fn forget_told_gaps(&mut self, completions: &Completions) {
        if self.gaps.0.is_empty() {
            return;
        }
        let told: HashSet<OpId> = completions.finished.over().collect();
        self.gaps.0.retain(|_, id| !told.contains(id));
    }
}
