//! A send to many, and its parts.

use ferrio_poll::Token;

use crate::buffer::chunk::Chunk;
use crate::core::slab::Stage;
use crate::core::{After, Core};
use crate::id::{Handle, OpId};
use crate::op::parcel::Parcel;
use crate::op::perform::Shape;
use crate::op::send_all::{Part, SendAll};

impl Core {
    /// Takes in a send of one chunk to many, to which parts are added.
    pub(crate) fn begin_send_all(&mut self, token: Token, chunk: Chunk) -> OpId {
        let (id, _) = self.insert(token, Parcel::new(SendAll::new(chunk)));
        self.slab.at_mut(id.slot).stage = Stage::Started;
        id
    }

    /// Adds the part of one socket, which was `sent` to already with that result. The slot of the
    /// part, if it is to be started.
    pub(crate) fn add_part(
        &mut self,
        token: Token,
        id: OpId,
        handle: Handle,
        sent: Option<i32>,
    ) -> Option<u32> {
        let is_usable = self.table.get(handle).is_some();
        let whole = self.send_all(id);
        // A part that is sent in part goes on as an operation.
        let rest_of = sent.filter(|&sent| sent >= 0 && (sent as usize) < whole.chunk().len());
        if let (Some(result), None) = (sent, rest_of) {
            let is_failure = !whole.note(handle, result);
            if is_failure {
                self.note_gap_of(handle.slot, id);
            }
            return None;
        }
        if !is_usable {
            whole.skip(handle);
            return None;
        }
        let part = whole.part(handle, id);
        let (part, is_first) = self.insert(token, Parcel::new(part));
        // A part is counted with the whole.
        self.counters.submitted -= 1;
        if let Some(sent) = rest_of {
            self.slab.at_mut(part.slot).stage = Stage::Partial(sent as u32);
        }
        is_first.then_some(part.slot)
    }

    /// All parts were added.
    pub(crate) fn release_send_all(&mut self, id: OpId) {
        if let Some(sent) = self.send_all(id).release() {
            // It has no descriptor of its own, so nothing follows from it.
            let After { .. } = self.complete(id.slot, sent);
        }
    }

    fn send_all(&mut self, id: OpId) -> &mut SendAll {
        let operation = self.slab.at_mut(id.slot).operation();
        operation.get_mut().expect("a send to many")
    }

    /// A part is over; the whole is if it was the last.
    pub(super) fn complete_part(&mut self, part: &Part, result: i32) {
        if let Some(sent) = self.send_all(part.parent).finish(part, result) {
            // It has no descriptor of its own, so nothing follows from it.
            let After { .. } = self.complete(part.parent.slot, sent);
        }
    }

    /// The parts of a [`SendAll`] that are under way.
    pub(crate) fn parts(&mut self, parent: OpId) -> Vec<u32> {
        let slots = self.slab.iter().filter(|(_, slot)| slot.shape == Shape::Part);
        let parts: Vec<_> = slots.map(|(index, _)| index).collect();
        let is_part = |index: &u32| {
            let part = self.slab.at_mut(*index).operation().get_mut::<Part>();
            part.is_some_and(|part| part.parent == parent)
        };
        parts.into_iter().filter(is_part).collect()
    }
}
