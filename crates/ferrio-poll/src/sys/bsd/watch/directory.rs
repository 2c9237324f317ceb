//! What is in a directory.

use std::ffi::{CStr, OsStr};
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;

use super::super::kqueue::entries::{Entries, Entry};
use super::node::born;

/// Reads what is in `directory`. What vanishes meanwhile is left out.
pub(super) fn read(directory: BorrowedFd<'_>) -> Result<Entries, Errno> {
    let mut entries = Entries::default();
    // Anew, for what is watched may not be open to be read, and has one place in the listing.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = match openat(directory, ".", flags, Mode::empty()) {
        // It was deleted.
        Err(Errno::NOENT) => return Ok(entries),
        result => result?,
    };
    for item in Dir::new(opened)? {
        let item = item?;
        let name = item.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        match entry(directory, name) {
            Ok(entry) => drop(entries.0.insert(OsStr::from_bytes(name.to_bytes()).to_owned(), entry)),
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(entries)
}

#[allow(clippy::unnecessary_cast, reason = "the fields have other widths on each system")]
fn entry(directory: BorrowedFd<'_>, name: &CStr) -> Result<Entry, Errno> {
    let stat = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(Entry {
        device: stat.st_dev as u64,
        inode: stat.st_ino as u64,
        born: born(directory, name, &stat),
        is_directory: FileType::from_raw_mode(stat.st_mode) == FileType::Directory,
    })
}
