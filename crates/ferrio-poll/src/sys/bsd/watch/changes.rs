//! Changes that were not taken yet.

use std::collections::VecDeque;
use std::ffi::OsString;

use super::super::kqueue::entries::{Action, Difference};
use super::{
    ATTRIBUTES, CREATED, DELETED, ENDED, MODIFIED, MOVED_FROM, MOVED_TO, OVERFLOW, SELF_DELETED, SELF_MOVED,
};

/// A change that was not taken yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) watch: i32,
    pub(super) bit: u32,
    pub(super) cookie: u32,
    pub(super) is_directory: bool,
    pub(super) name: Option<OsString>,
}

/// All of them, in the order in which they are given.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pending: VecDeque<Pending>,
    last_cookie: u32,
}

impl Changes {
    pub(super) fn pop(&mut self) -> Option<Pending> {
        self.pending.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    pub(super) fn push(&mut self, change: Pending) {
        // The end of a watch is never missing.
        if self.pending.len() < PENDING_MAX || change.bit == ENDED {
            self.pending.push_back(change);
        } else {
            self.overflow();
        }
    }

    /// Adds those `differences` that the watch is for, as `kinds` says of each.
    pub(super) fn push_differences(&mut self, differences: &[Difference<'_>], kinds: impl Fn(i32) -> u32) {
        let first = self.last_cookie;
        for it in differences {
            let bit = match it.action {
                Action::Created => CREATED,
                Action::Deleted => DELETED,
                Action::MovedFrom => MOVED_FROM,
                Action::MovedTo => MOVED_TO,
            };
            let cookie = if it.pair == 0 { 0 } else { first.wrapping_add(it.pair).max(1) };
            self.last_cookie = self.last_cookie.wrapping_add(u32::from(it.action == Action::MovedTo));
            if bit & kinds(it.watch) != 0 {
                let name = Some(it.name.to_owned());
                self.push(Pending { watch: it.watch, bit, cookie, is_directory: it.is_directory, name });
            }
        }
    }

    /// Changes of some watch are missing here.
    pub(super) fn overflow(&mut self) {
        if self.pending.back().is_none_or(|last| last.bit != OVERFLOW) {
            self.pending.push_back(Pending { watch: -1, bit: OVERFLOW, ..Pending::default() });
        }
    }
}

/// The kinds that are told of a watched directory.
pub(super) const OF_DIRECTORIES: u32 = OF_NAMES | ATTRIBUTES | SELF_DELETED | SELF_MOVED;

/// The kinds that are told of a watched file.
pub(super) const OF_FILES: u32 = MODIFIED | ATTRIBUTES | SELF_DELETED | SELF_MOVED;

/// The kinds for which a directory is read.
pub(super) const OF_NAMES: u32 = CREATED | DELETED | MOVED_FROM | MOVED_TO;

/// The most changes that wait to be taken, as with inotify(7).
const PENDING_MAX: usize = 16_384;

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn change(watch: i32, bit: u32) -> Pending {
        Pending { watch, bit, ..Pending::default() }
    }

    #[test]
    fn what_there_is_no_room_for_is_one_overflow_and_no_end_is_missing() {
        let mut changes = Changes::default();
        for _ in 0..PENDING_MAX + 5 {
            changes.push(change(1, MODIFIED));
        }
        changes.push(change(1, ENDED));
        let bits: Vec<_> = std::iter::from_fn(|| changes.pop()).map(|it| it.bit).collect();
        assert_eq!(bits.len(), PENDING_MAX + 2);
        assert_eq!(bits[PENDING_MAX - 1..], [MODIFIED, OVERFLOW, ENDED]);
        changes.push(change(1, MODIFIED));
        assert_eq!(changes.pop().unwrap().bit, MODIFIED);
        assert!(changes.is_empty());
    }

    #[test]
    fn each_move_has_a_cookie_of_its_own_also_where_one_half_is_not_asked_for() {
        let mut changes = Changes::default();
        let half =
            |action, pair| Difference { watch: 1, action, name: OsStr::new("a"), pair, is_directory: false };
        let moves = [1, 2].map(|pair| [half(Action::MovedFrom, pair), half(Action::MovedTo, pair)]);
        changes.push_differences(&moves.concat(), |_| MOVED_TO);
        changes.push_differences(&moves[0], |_| MOVED_FROM | MOVED_TO);
        changes.push_differences(&[half(Action::Created, 0)], |_| CREATED | DELETED);
        let all: Vec<_> = std::iter::from_fn(|| changes.pop()).map(|it| (it.bit, it.cookie)).collect();
        assert_eq!(all, [(MOVED_TO, 1), (MOVED_TO, 2), (MOVED_FROM, 3), (MOVED_TO, 3), (CREATED, 0)]);
    }
}
