//! Changes of paths, by inotify(7).

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::{Errno, read, retry_on_intr};

use crate::error::watches;

pub(crate) const ACCESSED: u32 = ReadFlags::ACCESS.bits();
pub(crate) const ATTRIBUTES: u32 = ReadFlags::ATTRIB.bits();
pub(crate) const CLOSED_AFTER_WRITE: u32 = ReadFlags::CLOSE_WRITE.bits();
pub(crate) const CLOSED_WITHOUT_WRITE: u32 = ReadFlags::CLOSE_NOWRITE.bits();
pub(crate) const CREATED: u32 = ReadFlags::CREATE.bits();
pub(crate) const DELETED: u32 = ReadFlags::DELETE.bits();
pub(crate) const ENDED: u32 = ReadFlags::IGNORED.bits();
pub(crate) const MODIFIED: u32 = ReadFlags::MODIFY.bits();
pub(crate) const MOVED_FROM: u32 = ReadFlags::MOVED_FROM.bits();
pub(crate) const MOVED_TO: u32 = ReadFlags::MOVED_TO.bits();
pub(crate) const OPENED: u32 = ReadFlags::OPEN.bits();
pub(crate) const OVERFLOW: u32 = ReadFlags::QUEUE_OVERFLOW.bits();
pub(crate) const SELF_DELETED: u32 = ReadFlags::DELETE_SELF.bits();
pub(crate) const SELF_MOVED: u32 = ReadFlags::MOVE_SELF.bits();
pub(crate) const UNMOUNTED: u32 = ReadFlags::UNMOUNT.bits();

/// To be added to the bits of a watch: it watches a symbolic link, and not what that leads to.
pub(crate) const LINK_ITSELF: u32 = WatchFlags::DONT_FOLLOW.bits();
/// The bits are added to those that the path is watched for.
pub(crate) const MORE_KINDS: u32 = WatchFlags::MASK_ADD.bits();
/// What is no directory is refused.
pub(crate) const ONLY_DIRECTORIES: u32 = WatchFlags::ONLYDIR.bits();

/// The kinds that this system does not tell: none.
pub(crate) const UNTOLD: u32 = 0;

/// The bits that are changes; the others say more about one.
const CHANGES: u32 = ACCESSED
    | ATTRIBUTES
    | CLOSED_AFTER_WRITE
    | CLOSED_WITHOUT_WRITE
    | CREATED
    | DELETED
    | ENDED
    | MODIFIED
    | MOVED_FROM
    | MOVED_TO
    | OPENED
    | OVERFLOW
    | SELF_DELETED
    | SELF_MOVED
    | UNMOUNTED;

/// An inotify instance, non-blocking and close-on-exec: readable when a watched path
/// changed.
#[derive(Debug)]
pub(crate) struct Watcher(OwnedFd);

impl Watcher {
    pub(crate) fn new() -> io::Result<Watcher> {
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK);
        fd.map(Watcher).map_err(|errno| match errno {
            Errno::MFILE => watches::no_watch_instance(io::Error::from(errno).kind()),
            other => other.into(),
        })
    }

    /// Watches `path` for the changes in `bits`, in the way that they say; the number of the
    /// watch.
    pub(crate) fn add(&self, path: &Path, bits: u32) -> io::Result<i32> {
        let flags = WatchFlags::from_bits_retain(bits);
        inotify::add_watch(&self.0, path, flags).map_err(|errno| refusal(errno, path))
    }

    /// Ends a watch.
    pub(crate) fn remove(&self, watch: i32) -> io::Result<()> {
        inotify::remove_watch(&self.0, watch).map_err(|errno| match errno {
            Errno::INVAL => watches::watch_missing(watch),
            other => other.into(),
        })
    }
}

impl AsFd for Watcher {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The answer to a watch on `path` that the kernel refused with `errno`.
fn refusal(errno: Errno, path: &Path) -> io::Error {
    let kind = io::Error::from(errno).kind();
    let advice = match errno {
        Errno::NOENT => "there is nothing of that name: make it first, or watch the directory it will be in",
        Errno::ACCESS => {
            "it may not be read: a watch needs the permission to read it and to pass the folders above"
        }
        Errno::NOSPC => {
            "this user has no watches left: remove some, or raise fs.inotify.max_user_watches (sysctl)"
        }
        Errno::NOTDIR => "it, or a part of the path, is no directory",
        Errno::LOOP => "its symbolic links lead in a circle",
        Errno::NAMETOOLONG => "a name in it is longer than the system allows",
        Errno::INVAL => "there is a null byte in the path",
        _ => return watches::path_not_watched(kind, path, errno),
    };
    watches::path_not_watched(kind, path, advice)
}

/// A change as the kernel wrote it.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub(crate) watch: i32,
    /// One of the constants above.
    pub(crate) bit: u32,
    pub(crate) cookie: u32,
    pub(crate) is_directory: bool,
    pub(crate) name: Option<&'a OsStr>,
}

/// What was read and not taken yet.
pub(crate) struct Records {
    buf: Box<[u8; BUFFER_LEN]>,
    /// Where in `buf` the records stand that were not looked at yet.
    left: Range<usize>,
    /// The first words of the record that is being taken.
    head: Head,
    /// Where its name stands in `buf`.
    name: Range<usize>,
    /// Its changes that were not taken yet. The kernel joins some into one
    /// record: a file that is cut may lose a permission by it.
    bits: u32,
}

#[derive(Copy, Clone, Debug, Default)]
struct Head {
    watch: i32,
    mask: u32,
    cookie: u32,
    name_len: usize,
}

impl Records {
    pub(crate) fn new() -> Records {
        Records { buf: Box::new([0; BUFFER_LEN]), left: 0..0, head: Head::default(), name: 0..0, bits: 0 }
    }

    /// The next change; reads from `watcher` when the buffer is empty.
    pub(crate) fn next(&mut self, watcher: &Watcher) -> io::Result<Record<'_>> {
        while self.bits == 0 {
            if self.left.is_empty() {
                let len = retry_on_intr(|| read(&watcher.0, &mut self.buf[..]))?;
                self.left = 0..len;
            }
            self.step()?;
        }
        let bit = 1 << self.bits.trailing_zeros();
        self.bits &= !bit;
        let name = &self.buf[self.name.clone()];
        Ok(Record {
            watch: self.head.watch,
            bit,
            cookie: self.head.cookie,
            is_directory: self.head.mask & ReadFlags::ISDIR.bits() != 0,
            name: (!name.is_empty()).then(|| OsStr::from_bytes(name)),
        })
    }

    /// Goes on to the next record in the buffer.
    fn step(&mut self) -> io::Result<()> {
        let records = &self.buf[self.left.clone()];
        let head = Head::read(records).filter(|head| HEAD_LEN + head.name_len <= records.len());
        let Some(head) = head else {
            // The kernel writes whole records only, so there is no way on from here.
            self.left = 0..0;
            return Err(watches::partial_record());
        };
        // The name is filled up with zeros.
        let padded = &records[HEAD_LEN..HEAD_LEN + head.name_len];
        let len = padded.iter().position(|byte| *byte == 0).unwrap_or(padded.len());
        let start = self.left.start + HEAD_LEN;
        self.name = start..start + len;
        self.left.start = start + head.name_len;
        self.bits = head.mask & CHANGES;
        self.head = head;
        Ok(())
    }
}

impl Head {
    fn read(record: &[u8]) -> Option<Head> {
        let word = |at: usize| record.get(at..)?.first_chunk().copied().map(u32::from_ne_bytes);
        Some(Head { watch: word(0)? as i32, mask: word(4)?, cookie: word(8)?, name_len: word(12)? as usize })
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("bytes_left", &self.left.len()).finish_non_exhaustive()
    }
}

/// The fixed part of a record: four words.
const HEAD_LEN: usize = 16;

/// Room for the longest record, which is 272 bytes, and for many of the usual ones.
const BUFFER_LEN: usize = 4096;

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    /// Records that hold what the kernel might have written.
    fn records(written: &[(i32, u32, u32, &[u8])]) -> Records {
        let mut records = Records::new();
        let mut bytes = Vec::new();
        for (watch, mask, cookie, name) in written {
            bytes.extend(watch.to_ne_bytes());
            bytes.extend(mask.to_ne_bytes());
            bytes.extend(cookie.to_ne_bytes());
            bytes.extend((name.len() as u32).to_ne_bytes());
            bytes.extend(*name);
        }
        records.buf[..bytes.len()].copy_from_slice(&bytes);
        records.left = 0..bytes.len();
        records
    }

    /// A watcher that has nothing to read.
    fn silent() -> Watcher {
        Watcher::new().unwrap()
    }

    #[test]
    fn a_record_of_two_changes_is_taken_as_two() {
        let watcher = silent();
        let mut records = records(&[(1, MODIFIED | ATTRIBUTES, 0, b"a\0\0\0"), (2, OVERFLOW, 0, b"")]);
        for bit in [MODIFIED, ATTRIBUTES] {
            let record = records.next(&watcher).unwrap();
            assert_eq!((record.watch, record.bit, record.name), (1, bit, Some(OsStr::new("a"))));
        }
        let record = records.next(&watcher).unwrap();
        assert_eq!((record.bit, record.name), (OVERFLOW, None));
        let error = records.next(&watcher).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn a_record_without_a_known_change_is_passed_over() {
        let watcher = silent();
        let mut records = records(&[(1, ReadFlags::ISDIR.bits(), 0, b""), (1, DELETED, 0, b"b\0")]);
        let record = records.next(&watcher).unwrap();
        assert_eq!((record.bit, record.name), (DELETED, Some(OsStr::new("b"))));
    }

    #[test]
    fn a_part_of_a_record_is_an_error_and_not_a_panic() {
        let watcher = silent();
        let mut records = records(&[(1, DELETED, 0, b"name\0\0\0\0")]);
        records.left.end -= 1;
        assert_eq!(records.next(&watcher).unwrap_err().kind(), io::ErrorKind::InvalidData);
        records.left = 0..HEAD_LEN - 1;
        assert_eq!(records.next(&watcher).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_limit_of_the_user_is_named() {
        let error = refusal(Errno::NOSPC, Path::new("/some/where"));
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        let text = error.to_string();
        assert!(text.contains("/some/where") && text.contains("max_user_watches"), "{text}");
        let error = refusal(Errno::ACCESS, Path::new("/some/where"));
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("permission to read"), "{error}");
    }
}
