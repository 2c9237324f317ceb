//! A registration.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{EventfdFlags, eventfd};
use rustix::fs::fstat;
use rustix::io::{Errno, read, write};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};

use super::super::kevent::{
    EV_CLEAR, EV_DISPATCH, EV_EOF, EV_ONESHOT, Filter, Kevent, NOTE_EXIT, NOTE_LOWAT,
};
use super::{NOTE_TIMER, fd_of};

/// A registration.
#[derive(Debug)]
pub(super) struct Knote {
    /// What the event of epoll carries.
    pub(super) id: u64,
    filter: Filter,
    /// The mode.
    pub(super) flags: u16,
    pub(super) fflags: u32,
    pub(super) data: i64,
    pub(super) udata: usize,
    pub(super) is_disabled: bool,
    /// The file behind the descriptor that it is about.
    pub(super) file: Option<FileId>,
    /// What becomes readable, if it is not about a descriptor.
    own: Option<OwnedFd>,
}

/// A file. Those without a name of their own share one.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    pub(super) fn of(ident: usize) -> Result<FileId, Errno> {
        let stat = fstat(fd_of(ident)?)?;
        Ok(FileId { device: stat.st_dev, inode: stat.st_ino })
    }
}

impl Knote {
    pub(super) fn new(change: &Kevent, file: Option<FileId>) -> Result<Knote, Errno> {
        let own = match change.filter {
            Filter::User => Some(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?),
            Filter::Timer => Some(timerfd_create(
                TimerfdClockId::Monotonic,
                TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK,
            )?),
            Filter::Proc => Some(open_process(change)?),
            Filter::Read | Filter::Write | Filter::Except => None,
            Filter::Aio | Filter::Lio | Filter::Vnode => return Err(Errno::INVAL),
        };
        Ok(Knote {
            id: 0,
            filter: change.filter,
            flags: change.flags & (EV_CLEAR | EV_DISPATCH | EV_ONESHOT),
            fflags: change.fflags,
            data: change.data,
            udata: change.udata,
            is_disabled: false,
            file,
            own,
        })
    }

    pub(super) fn has(&self, flags: u16) -> bool {
        self.flags & flags == flags
    }

    /// What becomes readable.
    pub(super) fn own(&self) -> Result<BorrowedFd<'_>, Errno> {
        self.own.as_ref().map(AsFd::as_fd).ok_or(Errno::BADF)
    }

    /// How many bytes there have to be.
    pub(super) fn lowat(&self) -> i64 {
        if self.filter == Filter::Read && self.fflags & NOTE_LOWAT != 0 { self.data } else { 0 }
    }

    /// A timer begins to count.
    pub(super) fn start(&mut self, change: &Kevent) -> Result<(), Errno> {
        if self.filter != Filter::Timer {
            return Ok(());
        }
        assert_eq!(change.fflags, NOTE_TIMER, "{change:?} is in another unit");
        let nanos = change.data.max(1);
        let span = Timespec { tv_sec: nanos / NANOS_PER_SECOND, tv_nsec: nanos % NANOS_PER_SECOND };
        let again = if self.has(EV_ONESHOT) { Timespec { tv_sec: 0, tv_nsec: 0 } } else { span };
        let value = Itimerspec { it_interval: again, it_value: span };
        timerfd_settime(self.own()?, TimerfdTimerFlags::empty(), &value).map(drop)
    }

    pub(super) fn trigger(&self) {
        if let Some(own) = &self.own {
            // A counter that is full is readable.
            let _ = write(own, &1_u64.to_ne_bytes());
        }
    }

    /// Writes into `kevent` what is to be said of it, which is not about a descriptor. False if
    /// that is nothing.
    pub(super) fn describe(&self, kevent: &mut Kevent) -> bool {
        let mut count = [0; 8];
        match (self.filter, &self.own) {
            (Filter::Proc, _) => {
                kevent.fflags = NOTE_EXIT;
                kevent.flags |= EV_EOF;
                true
            }
            (Filter::Timer, Some(own)) => {
                let is_due = read(own, &mut count).is_ok();
                kevent.data = i64::from_ne_bytes(count);
                is_due
            }
            (_, Some(own)) if self.has(EV_CLEAR) => read(own, &mut count).is_ok(),
            _ => true,
        }
    }

    /// True if its first event is its last.
    pub(super) fn is_over(&self) -> bool {
        self.filter == Filter::Proc || self.has(EV_ONESHOT)
    }
}

fn open_process(change: &Kevent) -> Result<OwnedFd, Errno> {
    if change.fflags != NOTE_EXIT {
        return Err(Errno::INVAL);
    }
    let pid = i32::try_from(change.ident).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)?;
    match pidfd_open(pid, PidfdFlags::NONBLOCK) {
        // The id of a thread is none of a process.
        Err(Errno::INVAL | Errno::NOENT) => Err(Errno::SRCH),
        result => result,
    }
}

const NANOS_PER_SECOND: i64 = 1_000_000_000;
