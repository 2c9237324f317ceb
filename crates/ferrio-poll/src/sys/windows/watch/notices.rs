//! What Windows writes about the changes of a directory.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;

use windows_sys::Win32::Storage::FileSystem::{
    FILE_ACTION_ADDED, FILE_ACTION_MODIFIED, FILE_ACTION_REMOVED, FILE_ACTION_RENAMED_NEW_NAME,
    FILE_ACTION_RENAMED_OLD_NAME,
};

/// What happened to an entry of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Added,
    Modified,
    Removed,
    /// The entry has another name now, which the next record has.
    RenamedFrom,
    RenamedTo,
}

/// The records in a buffer, one after the other. They need not be aligned.
#[derive(Debug)]
pub(super) struct Notices<'a> {
    /// The bytes from the next record on; empty after the last one.
    left: &'a [u8],
}

impl<'a> Notices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Notices<'a> {
        Notices { left: bytes }
    }
}

impl Iterator for Notices<'_> {
    /// `None` for an action that is not known.
    type Item = (Option<Action>, OsString);

    /// A part of a record, which the system does not write, ends the list.
    fn next(&mut self) -> Option<Self::Item> {
        let record = self.left;
        let word = |at: usize| record.get(at..)?.first_chunk().copied().map(u32::from_ne_bytes);
        let (offset, action, len) = (word(0)? as usize, word(4)?, word(8)? as usize);
        let name = record.get(NAME_AT..NAME_AT.checked_add(len)?)?;
        self.left = if offset == 0 { &[] } else { record.get(offset..)? };
        let name: Vec<u16> =
            name.chunks_exact(2).map(|unit| u16::from_ne_bytes([unit[0], unit[1]])).collect();
        let action = match action {
            FILE_ACTION_ADDED => Some(Action::Added),
            FILE_ACTION_MODIFIED => Some(Action::Modified),
            FILE_ACTION_REMOVED => Some(Action::Removed),
            FILE_ACTION_RENAMED_OLD_NAME => Some(Action::RenamedFrom),
            FILE_ACTION_RENAMED_NEW_NAME => Some(Action::RenamedTo),
            _ => None,
        };
        Some((action, OsString::from_wide(&name)))
    }
}

/// A record begins with three words.
const NAME_AT: usize = 12;

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    fn record(offset: u32, action: u32, name: &str) -> Vec<u8> {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        [offset, action, name.len() as u32].iter().flat_map(|word| word.to_ne_bytes()).chain(name).collect()
    }

    #[test]
    fn records_are_read_one_by_one_aligned_or_not() {
        for padding in [0, 2] {
            let mut bytes = record(12 + 6 + padding, FILE_ACTION_RENAMED_OLD_NAME, "old");
            bytes.extend(vec![0; padding as usize]);
            bytes.extend(record(0, FILE_ACTION_RENAMED_NEW_NAME, "brand new"));
            let all: Vec<_> = Notices::new(&bytes).collect();
            assert_eq!(all[0], (Some(Action::RenamedFrom), "old".into()));
            assert_eq!(all[1], (Some(Action::RenamedTo), "brand new".into()));
            assert_eq!(all.len(), 2);
        }
    }

    #[test]
    fn a_part_of_a_record_ends_the_list() {
        let bytes = record(0, FILE_ACTION_ADDED, "name");
        for len in 0..bytes.len() {
            assert_eq!(Notices::new(&bytes[..len]).count(), 0, "{len}");
        }
        let bytes = record(4000, FILE_ACTION_ADDED, "name");
        assert_eq!(Notices::new(&bytes).count(), 0);
        let bytes = record(0, 77, "name");
        assert_eq!(Notices::new(&bytes).next(), Some((None, "name".into())));
    }
}
