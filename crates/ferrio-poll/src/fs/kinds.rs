//! Sets of kinds of changes.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

use crate::sys::watch;

/// The kinds of changes that a path is watched for.
///
/// # Examples
///
/// ```
/// use ferrio_poll::fs::Kinds;
///
/// let kinds = Kinds::CREATED | Kinds::DELETED;
/// assert!(kinds.contains(Kinds::CREATED) && !kinds.contains(Kinds::MODIFIED));
/// ```
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct Kinds(u32);

impl Kinds {
    /// None at all, to start from; a watch needs at least one.
    pub const NONE: Kinds = Kinds(0);

    /// An entry of the directory was made.
    pub const CREATED: Kinds = Kinds(watch::CREATED);
    /// The file, or one in the directory, was written to or cut.
    pub const MODIFIED: Kinds = Kinds(watch::MODIFIED);
    /// The file, or one in the directory, was closed by one who could write to it.
    pub const CLOSED_AFTER_WRITE: Kinds = Kinds(watch::CLOSED_AFTER_WRITE);
    /// Permissions, owner, times or the number of links changed.
    pub const ATTRIBUTES: Kinds = Kinds(watch::ATTRIBUTES);
    /// An entry was renamed, and the directory is the one it left.
    pub const MOVED_FROM: Kinds = Kinds(watch::MOVED_FROM);
    /// An entry was renamed, and the directory is the one it came to.
    pub const MOVED_TO: Kinds = Kinds(watch::MOVED_TO);
    /// An entry of the directory was deleted.
    pub const DELETED: Kinds = Kinds(watch::DELETED);
    /// The watched file or directory itself was deleted: its last link is gone, and
    /// nobody has it open.
    pub const SELF_DELETED: Kinds = Kinds(watch::SELF_DELETED);
    /// The watched file or directory itself was renamed.
    pub const SELF_MOVED: Kinds = Kinds(watch::SELF_MOVED);

    /// All of them.
    pub const ALL: Kinds = Kinds(
        watch::CREATED
            | watch::MODIFIED
            | watch::CLOSED_AFTER_WRITE
            | watch::ATTRIBUTES
            | watch::MOVED_FROM
            | watch::MOVED_TO
            | watch::DELETED
            | watch::SELF_DELETED
            | watch::SELF_MOVED,
    );

    /// Both sets together; `|` for constants.
    pub const fn add(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// True if all of `other` is in this set.
    pub const fn contains(self, other: Kinds) -> bool {
        self.0 & other.0 == other.0
    }

    /// True if nothing is in this set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// As the system wants it.
    pub(super) const fn bits(self) -> u32 {
        self.0
    }
}

impl BitOr for Kinds {
    type Output = Kinds;

    fn bitor(self, other: Kinds) -> Kinds {
        self.add(other)
    }
}

impl BitOrAssign for Kinds {
    fn bitor_assign(&mut self, other: Kinds) {
        *self = self.add(other);
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().filter(|(kind, _)| self.contains(*kind)).map(|(_, name)| *name);
        let names: Vec<_> = names.collect();
        f.write_str(if names.is_empty() { "NONE" } else { "" })?;
        f.write_str(&names.join(" | "))
    }
}

/// The kinds in words.
const NAMES: [(Kinds, &str); 9] = [
    (Kinds::CREATED, "CREATED"),
    (Kinds::MODIFIED, "MODIFIED"),
    (Kinds::CLOSED_AFTER_WRITE, "CLOSED_AFTER_WRITE"),
    (Kinds::ATTRIBUTES, "ATTRIBUTES"),
    (Kinds::MOVED_FROM, "MOVED_FROM"),
    (Kinds::MOVED_TO, "MOVED_TO"),
    (Kinds::DELETED, "DELETED"),
    (Kinds::SELF_DELETED, "SELF_DELETED"),
    (Kinds::SELF_MOVED, "SELF_MOVED"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_shows_it() {
        let mut kinds = Kinds::NONE;
        assert!(kinds.is_empty());
        assert_eq!(format!("{kinds:?}"), "NONE");
        kinds |= Kinds::CREATED | Kinds::SELF_MOVED;
        assert!(kinds.contains(Kinds::CREATED) && !kinds.contains(Kinds::DELETED));
        assert_eq!(format!("{kinds:?}"), "CREATED | SELF_MOVED");
    }

    #[test]
    fn all_is_the_sum_of_the_names_and_none_stands_twice() {
        let sum = NAMES.iter().fold(Kinds::NONE, |sum, (kind, name)| {
            assert_eq!(sum.0 & kind.0, 0, "{name}");
            sum | *kind
        });
        assert_eq!(sum, Kinds::ALL);
    }
}
