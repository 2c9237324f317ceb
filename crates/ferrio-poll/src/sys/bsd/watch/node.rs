//! A file or directory that is watched: an open descriptor of it.

use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, lstat, open};
use rustix::io::Errno;

use super::super::kqueue::kevent::{
    EV_ADD, EV_CLEAR, EV_ENABLE, EV_RECEIPT, Filter, Kevent, NOTE_ATTRIB, NOTE_DELETE, NOTE_EXTEND,
    NOTE_LINK, NOTE_RENAME, NOTE_REVOKE, NOTE_WRITE,
};
use super::super::kqueue::queue::{NOTE_TRUNCATE, Queue};
use super::changes::{OF_DIRECTORIES, OF_FILES, OF_NAMES};
use super::{ATTRIBUTES, LINK_ITSELF, MODIFIED, ONLY_DIRECTORIES, SELF_MOVED};

/// An open file or directory. The kernel forgets the registration when it is closed.
#[derive(Debug)]
pub(super) struct Node {
    fd: OwnedFd,
    pub(super) file: FileId,
    pub(super) is_directory: bool,
    /// How long it was when that was looked at: some systems tell a cut as a change of attributes.
    size: i64,
}

/// A file or directory, whatever it is called.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl Node {
    /// Opens `path` in the way that `bits` say.
    pub(super) fn open(path: &Path, bits: u32) -> Result<Node, Errno> {
        let link = if bits & LINK_ITSELF == 0 { OFlags::empty() } else { LINK };
        let kind = if bits & ONLY_DIRECTORIES == 0 { OFlags::empty() } else { OFlags::DIRECTORY };
        if bits & LINK_ITSELF != 0 && !OPENS_LINKS {
            let stat = lstat(path)?;
            if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink {
                return Err(if bits & ONLY_DIRECTORIES == 0 { Errno::LOOP } else { Errno::NOTDIR });
            }
        }
        let flags = TO_WATCH | OFlags::NONBLOCK | OFlags::CLOEXEC | link | kind;
        let fd = open(path, flags, Mode::empty())?;
        let stat = fstat(&fd)?;
        let is_directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        // A system may give the link itself although a directory was asked for.
        if bits & ONLY_DIRECTORIES != 0 && !is_directory {
            return Err(Errno::NOTDIR);
        }
        Ok(Node { file: FileId::of(&stat), is_directory, size: stat.st_size, fd })
    }

    /// Those of `kinds` that are told of it.
    pub(super) fn told(&self, kinds: u32) -> u32 {
        kinds & if self.is_directory { OF_DIRECTORIES } else { OF_FILES }
    }

    /// Has `queue` report what is needed to tell `kinds`, as `watch`.
    pub(super) fn register(&self, queue: &Queue, watch: i32, kinds: u32) -> Result<(), Errno> {
        let ident = self.fd.as_raw_fd() as usize;
        let change = Kevent::new(ident, Filter::Vnode, EV_ADD | EV_ENABLE | EV_CLEAR | EV_RECEIPT);
        let mut changes = [Kevent { fflags: self.notes(kinds), udata: watch as usize, ..change }];
        let result = queue.change(&mut changes);
        result.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::OPNOTSUPP))?;
        match changes[0].error() {
            0 => Ok(()),
            code => Err(Errno::from_raw_os_error(code)),
        }
    }

    /// True if no name leads to it any more.
    pub(super) fn is_deleted(&self) -> bool {
        fstat(&self.fd).is_ok_and(|stat| stat.st_nlink == 0)
    }

    /// Remembers its length, for `is_resized` to compare with.
    pub(super) fn remember_size(&mut self) {
        if let Ok(stat) = fstat(&self.fd) {
            self.size = stat.st_size;
        }
    }

    /// True if its length is another one than before.
    pub(super) fn is_resized(&mut self) -> bool {
        let before = self.size;
        self.remember_size();
        self.size != before
    }

    /// What the kernel is asked for, to tell `kinds`.
    fn notes(&self, kinds: u32) -> u32 {
        let mut notes = NOTE_DELETE | NOTE_REVOKE;
        if self.is_directory && kinds & OF_NAMES != 0 {
            notes |= NOTE_WRITE | NOTE_EXTEND | NOTE_LINK;
        }
        if !self.is_directory && kinds & MODIFIED != 0 {
            notes |= NOTE_WRITE | NOTE_EXTEND | NOTE_TRUNCATE | NOTE_ATTRIB;
        }
        if kinds & ATTRIBUTES != 0 {
            // The names in a directory are no attribute of it.
            notes |= if self.is_directory { NOTE_ATTRIB } else { NOTE_ATTRIB | NOTE_LINK };
        }
        if kinds & SELF_MOVED != 0 {
            notes |= NOTE_RENAME;
        }
        notes
    }
}

impl AsFd for Node {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl FileId {
    #[allow(clippy::unnecessary_cast, reason = "the fields have other widths on each system")]
    fn of(stat: &Stat) -> FileId {
        FileId { device: stat.st_dev as u64, inode: stat.st_ino as u64 }
    }
}

/// When the entry `name` of `directory` was made, in nanoseconds. 0 where that is not told.
#[cfg(not(any(target_os = "dragonfly", target_os = "linux")))]
#[allow(clippy::unnecessary_cast, reason = "the fields have other widths on each system")]
pub(super) fn born(_: BorrowedFd<'_>, _: &CStr, stat: &Stat) -> i128 {
    i128::from(stat.st_birthtime as i64) * 1_000_000_000 + i128::from(stat.st_birthtime_nsec as i64)
}

/// When the entry `name` of `directory` was made, in nanoseconds. 0: nothing tells it, and HAMMER
/// does not use a number again.
#[cfg(target_os = "dragonfly")]
pub(super) fn born(_: BorrowedFd<'_>, _: &CStr, _: &Stat) -> i128 {
    0
}

/// When the entry `name` of `directory` was made, in nanoseconds: on Linux, which stands in.
#[cfg(target_os = "linux")]
pub(super) fn born(directory: BorrowedFd<'_>, name: &CStr, _: &Stat) -> i128 {
    use rustix::fs::{AtFlags, StatxFlags, statx};
    let found = statx(directory, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BTIME);
    found.map_or(0, |found| {
        i128::from(found.stx_btime.tv_sec) * 1_000_000_000 + i128::from(found.stx_btime.tv_nsec)
    })
}

/// How a path is opened to be watched: not to be read, where that can be said. Then a volume can
/// be unmounted, and a device is not opened.
#[cfg(target_vendor = "apple")]
const TO_WATCH: OFlags = OFlags::from_bits_retain(libc::O_EVTONLY as u32);
/// How a path is opened to be watched: not to be read.
#[cfg(any(target_os = "freebsd", target_os = "linux"))]
const TO_WATCH: OFlags = OFlags::PATH;
/// How a path is opened to be watched.
#[cfg(any(target_os = "dragonfly", target_os = "netbsd", target_os = "openbsd"))]
const TO_WATCH: OFlags = OFlags::RDONLY;

/// Opens a symbolic link itself.
#[cfg(target_vendor = "apple")]
const LINK: OFlags = OFlags::from_bits_retain(libc::O_SYMLINK as u32);
/// Opens a symbolic link itself, or fails where that cannot be.
#[cfg(not(target_vendor = "apple"))]
const LINK: OFlags = OFlags::NOFOLLOW;

/// True if a symbolic link itself can be opened.
pub(super) const OPENS_LINKS: bool =
    cfg!(any(target_vendor = "apple", target_os = "freebsd", target_os = "linux"));
