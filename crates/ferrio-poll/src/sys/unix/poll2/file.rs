//! Which file is behind a descriptor, and whether it has readiness.

use std::io;
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Stat, fstat};
use rustix::io::Errno;

use crate::sys::system::calls;
use crate::sys::unix::refusal;

/// A file, whatever descriptor it is behind.
///
/// Files without a name of their own (eventfd, timerfd, epoll) share one inode and are not
/// told apart.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
    is_anonymous: bool,
}

impl FileId {
    pub(super) fn of(fd: BorrowedFd<'_>) -> io::Result<FileId> {
        Ok(FileId::new(&fstat(fd)?))
    }

    /// The file behind `fd`, if it has readiness.
    ///
    /// # Errors
    ///
    /// `PermissionDenied` for one that is always ready, as from epoll.
    pub(super) fn of_pollable(fd: BorrowedFd<'_>) -> io::Result<FileId> {
        let stat = fstat(fd)?;
        let file = FileId::new(&stat);
        let is_pollable = match FileType::from_raw_mode(stat.st_mode as _) {
            FileType::Socket | FileType::Fifo => true,
            _ if file.is_anonymous => true,
            kind => has_readiness(fd, kind)?,
        };
        if is_pollable { Ok(file) } else { Err(refusal::of(Errno::PERM)) }
    }

    /// True if both are one file. An anonymous one may be another of its kind.
    pub(super) fn is_surely(self, other: FileId) -> bool {
        self == other && !self.is_anonymous
    }

    #[allow(clippy::unnecessary_cast, reason = "the types differ between architectures")]
    fn new(stat: &Stat) -> FileId {
        // An anonymous inode has permissions and no type.
        let is_anonymous = stat.st_mode as u32 & TYPE == 0;
        FileId { device: stat.st_dev as u64, inode: stat.st_ino as u64, is_anonymous }
    }
}

/// True if the file knows when it is ready. poll(2) calls every other one always ready, which
/// a file with readiness may be as well, so that epoll of Linux is asked, if it is there.
fn has_readiness(fd: BorrowedFd<'_>, kind: FileType) -> io::Result<bool> {
    if let Some(answer) = calls::has_readiness(fd) {
        return answer;
    }
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::all())];
    poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    let is_always_ready = fds[0].revents() == ALWAYS_READY;
    // A terminal that is ready both ways looks the same; a device is therefore believed.
    Ok(!is_always_ready || kind == FileType::CharacterDevice)
}

/// What poll(2) says of a file without readiness.
const ALWAYS_READY: PollFlags =
    PollFlags::IN.union(PollFlags::OUT).union(PollFlags::RDNORM).union(PollFlags::WRNORM);

/// The bits of a mode that say what kind of file it is: `S_IFMT`.
const TYPE: u32 = 0o170_000;
