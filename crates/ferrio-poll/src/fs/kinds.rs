//! Sets of kinds of changes.

use std::io;
use std::path::Path;

use bitflags::bitflags;

use crate::error;
use crate::sys::watch;

bitflags! {
    /// The kinds of changes that a path is watched for.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// use ferrio::fs::Kinds;
    ///
    /// let kinds = Kinds::CREATED | Kinds::DELETED;
    /// assert!(kinds.contains(Kinds::CREATED) && !kinds.contains(Kinds::MODIFIED));
    /// ```
    #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
    pub struct Kinds: u32 {
        /// An entry of the directory was made.
        const CREATED = watch::CREATED;
        /// The file, or one in the directory, was written to or cut.
        const MODIFIED = watch::MODIFIED;
        /// The file, or one in the directory, was closed after it was open for writing.
        const CLOSED_AFTER_WRITE = watch::CLOSED_AFTER_WRITE;
        /// Permissions, owner, times or the number of links changed.
        const ATTRIBUTES = watch::ATTRIBUTES;
        /// An entry was renamed, and the directory is the one it left.
        const MOVED_FROM = watch::MOVED_FROM;
        /// An entry was renamed, and the directory is the one it came to.
        const MOVED_TO = watch::MOVED_TO;
        /// An entry of the directory was deleted.
        const DELETED = watch::DELETED;
        /// The watched file or directory itself was deleted: its last link is gone, and
        /// nobody has it open.
        const SELF_DELETED = watch::SELF_DELETED;
        /// The watched file or directory itself was renamed.
        const SELF_MOVED = watch::SELF_MOVED;
        /// The file or directory, or one in the directory, was opened.
        const OPENED = watch::OPENED;
        /// The file, or one in the directory, was read or run.
        const ACCESSED = watch::ACCESSED;
        /// The file or directory, or one in the directory, was closed after it was open for
        /// reading only.
        const CLOSED_WITHOUT_WRITE = watch::CLOSED_WITHOUT_WRITE;
    }
}

impl Kinds {
    /// None at all, to start from; a watch needs at least one.
    pub const NONE: Kinds = Kinds::empty();

    /// All changes: all kinds but [`OPENED`](Kinds::OPENED), [`ACCESSED`](Kinds::ACCESSED) and
    /// [`CLOSED_WITHOUT_WRITE`](Kinds::CLOSED_WITHOUT_WRITE), which change nothing. A program
    /// that looks at what it watches would hear itself by those. Kinds that the system cannot
    /// tell are not among them: on Windows and with kqueue(2)
    /// [`CLOSED_AFTER_WRITE`](Kinds::CLOSED_AFTER_WRITE).
    pub const ALL: Kinds = Kinds::EVERYTHING
        .difference(Kinds::OPENED.union(Kinds::ACCESSED).union(Kinds::CLOSED_WITHOUT_WRITE))
        .difference(Kinds::from_bits_retain(watch::UNTOLD));

    /// All kinds, with those that change nothing, and those that this system cannot tell: to watch
    /// for one of the latter is `Unsupported`.
    pub const EVERYTHING: Kinds = Kinds::all();

    /// The bits for the system.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if there are none, or some that are no kind of change.
    pub(super) fn checked(self, path: &Path) -> io::Result<u32> {
        let unknown = self.difference(Kinds::EVERYTHING);
        if self.is_empty() {
            Err(error::no_kinds_of_changes(path))
        } else if !unknown.is_empty() {
            Err(error::kinds_unknown(path, unknown.bits()))
        } else {
            Ok(self.bits())
        }
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_shows_it() {
        let mut kinds = Kinds::NONE;
        assert!(kinds.is_empty());
        kinds |= Kinds::CREATED | Kinds::SELF_MOVED;
        assert!(kinds.contains(Kinds::CREATED) && !kinds.contains(Kinds::DELETED));
        assert_eq!(format!("{kinds:?}"), "Kinds(CREATED | SELF_MOVED)");
    }

    #[test]
    fn everything_is_the_sum_of_the_names_and_no_two_share_a_bit() {
        let mut sum = Kinds::NONE;
        for (name, kind) in Kinds::EVERYTHING.iter_names() {
            assert!(!sum.intersects(kind) && kind.bits().is_power_of_two(), "{name}");
            sum |= kind;
        }
        assert_eq!(sum, Kinds::EVERYTHING);
        let looks = Kinds::OPENED | Kinds::ACCESSED | Kinds::CLOSED_WITHOUT_WRITE;
        assert_eq!(sum, Kinds::ALL | looks | Kinds::from_bits_retain(watch::UNTOLD));
        assert!(!Kinds::ALL.intersects(looks));
    }
}
