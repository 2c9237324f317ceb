//! The operations that wait for one descriptor.

use std::mem;

use crate::driver::readiness::want::Want;
use crate::id::OpId;

/// How many descriptors are found ready by one wait at most: not more than there are buffers,
/// mostly.
pub(super) const READY_MAX: usize = 256;

/// An operation whose descriptor is ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ready {
    pub(super) id: OpId,
    /// The event says that the peer sends no more than what is there; where no bit of poll(2) does, an
    /// error may be meant too.
    pub(super) is_read_closed: bool,
}

/// Mostly one, which takes no memory beside: there may be many thousand idle connections.
#[derive(Debug, Default)]
pub(super) enum Waiting {
    #[default]
    Nobody,
    One(OpId, Want),
    Many(Vec<(OpId, Want)>),
}

impl Waiting {
    pub(super) fn push(&mut self, id: OpId, want: Want) {
        *self = match mem::take(self) {
            Waiting::Nobody => Waiting::One(id, want),
            Waiting::One(first, its) => Waiting::Many(vec![(first, its), (id, want)]),
            Waiting::Many(mut list) => {
                list.push((id, want));
                Waiting::Many(list)
            }
        };
    }

    /// Keeps those for which `is_kept` is true.
    pub(super) fn retain(&mut self, mut is_kept: impl FnMut(OpId, Want) -> bool) {
        match self {
            Waiting::Nobody => {}
            Waiting::One(id, want) => {
                if !is_kept(*id, *want) {
                    *self = Waiting::Nobody;
                }
            }
            Waiting::Many(list) => list.retain(|&(id, want)| is_kept(id, want)),
        }
    }

    /// All that somebody waits for.
    pub(super) fn wanted(&self) -> Want {
        match self {
            Waiting::Nobody => Want::NOTHING,
            Waiting::One(_, want) => *want,
            Waiting::Many(list) => list.iter().fold(Want::NOTHING, |all, (_, want)| all | *want),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Waiting;
    use crate::driver::readiness::want::Want;
    use crate::id::OpId;

    fn id(slot: u32) -> OpId {
        OpId { slot, generation: 0 }
    }

    #[test]
    fn one_and_many_come_and_go() {
        let mut waiting = Waiting::default();
        for slot in 0..3 {
            waiting.push(id(slot), if slot == 1 { Want::WRITE } else { Want::READ });
        }
        assert_eq!(waiting.wanted(), Want::READ | Want::WRITE);
        waiting.retain(|one, _| one != id(1));
        assert_eq!(waiting.wanted(), Want::READ);
        let mut left = Vec::new();
        waiting.retain(|one, _| {
            left.push(one);
            false
        });
        assert_eq!((left, waiting.wanted()), (vec![id(0), id(2)], Want::NOTHING));

        let mut waiting = Waiting::default();
        waiting.push(id(7), Want::READ);
        waiting.retain(|_, _| true);
        assert_eq!(waiting.wanted(), Want::READ);
        waiting.retain(|_, _| false);
        assert_eq!(waiting.wanted(), Want::NOTHING);
    }

    #[test]
    fn one_takes_three_words() {
        assert_eq!(size_of::<Waiting>(), 24);
    }
}
