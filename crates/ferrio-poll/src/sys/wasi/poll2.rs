//! What is asked of the host, by poll(2) of the C library.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};

use crate::sys::capabilities::Support;
use crate::sys::wasi::descriptor;
use crate::sys::wasi::event::Found;

/// The questions of one wait, and the answers.
#[derive(Debug, Default)]
pub(super) struct Questions {
    fds: Vec<PollFd<'static>>,
    /// What the answers to `fds` are called, and what was asked for.
    names: Vec<(usize, Found)>,
}

impl Questions {
    pub(super) fn clear(&mut self) {
        self.fds.clear();
        self.names.clear();
    }

    /// Asks for the directions `want` of `fd`, which the answer calls `name`.
    pub(super) fn push(&mut self, name: usize, fd: RawFd, want: Found) {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::IN, want.contains(Found::READABLE));
        flags.set(PollFlags::OUT, want.contains(Found::WRITABLE));
        if let Ok(fd) = descriptor::borrow(fd) {
            self.fds.push(PollFd::from_borrowed_fd(fd, flags));
            self.names.push((name, want));
        }
    }

    /// Waits until one of them is answered, for `timeout` at most. There is at least one, or a
    /// timeout.
    ///
    /// # Errors
    ///
    /// Of the host, which need not say whose error it is.
    pub(super) fn ask(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = timeout.map(|timeout| timeout.min(TIMEOUT_MAX)).map(|timeout| Timespec {
            tv_sec: timeout.as_secs() as i64,
            tv_nsec: timeout.subsec_nanos() as _,
        });
        poll(&mut self.fds, timeout.as_ref())?;
        Ok(())
    }

    /// What was found: the name of a question and the answer.
    pub(super) fn answers(&self) -> impl Iterator<Item = (usize, Found)> {
        self.names.iter().zip(&self.fds).map(|((name, want), fd)| (*name, found(*want, fd.revents())))
    }
}

fn found(want: Found, flags: PollFlags) -> Found {
    let is_set = |flag| flags.contains(flag);
    // A hang-up and an error, which are told unasked, end a read and a write at once.
    let is_end = flags.intersects(PollFlags::HUP | PollFlags::ERR);
    let mut found = if is_end { want } else { Found::empty() };
    found.set(Found::READABLE, found.contains(Found::READABLE) || is_set(PollFlags::IN));
    found.set(Found::WRITABLE, found.contains(Found::WRITABLE) || is_set(PollFlags::OUT));
    found.set(Found::READ_CLOSED | Found::WRITE_CLOSED, is_set(PollFlags::HUP));
    found.set(Found::ERROR, is_set(PollFlags::ERR));
    found.set(Found::NOT_OPEN, is_set(PollFlags::NVAL));
    found
}

/// True if `fd` is of a kind that is always ready.
///
/// # Errors
///
/// `EBADF` if it is not open.
pub(super) fn is_always_ready(fd: RawFd) -> io::Result<bool> {
    let kind = FileType::from_raw_mode(fstat(descriptor::borrow(fd)?)?.st_mode);
    Ok([FileType::RegularFile, FileType::Directory].contains(&kind))
}

/// True if an operation on `fd` would wait.
#[cfg(debug_assertions)]
pub(super) fn is_blocking(fd: RawFd) -> bool {
    let flags = descriptor::borrow(fd).and_then(|fd| Ok(rustix::fs::fcntl_getfl(fd)?));
    flags.is_ok_and(|flags| !flags.contains(rustix::fs::OFlags::NONBLOCK))
}

/// It counts milliseconds.
pub(super) const NANOSECOND_TIMEOUT: Support = Support::Absent;

/// The longest time that is asked for, which its milliseconds can hold; a wait that ends with
/// it goes on.
const TIMEOUT_MAX: Duration = Duration::from_secs(60 * 60 * 24 * 7);
