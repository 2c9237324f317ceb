//! What is asked of the host, by `poll_oneoff`.
#![allow(unsafe_code, reason = "the bindings of WASI's calls are unsafe throughout")]

use std::fmt;
use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use crate::sys::capabilities::Support;
use crate::sys::wasi::event::Found;

/// The questions of one wait, and the answers.
#[derive(Default)]
pub(super) struct Questions {
    subscriptions: Vec<wasi::Subscription>,
    answers: Vec<wasi::Event>,
}

impl Questions {
    pub(super) fn clear(&mut self) {
        self.subscriptions.clear();
    }

    /// Asks for the directions `want` of `fd`, which the answer calls `name`.
    pub(super) fn push(&mut self, name: usize, fd: RawFd, want: Found) {
        let fd_readwrite = wasi::SubscriptionFdReadwrite { file_descriptor: fd as wasi::Fd };
        if want.contains(Found::READABLE) {
            let u = wasi::SubscriptionUU { fd_read: fd_readwrite };
            self.subscribe(name, wasi::EVENTTYPE_FD_READ, u);
        }
        if want.contains(Found::WRITABLE) {
            let u = wasi::SubscriptionUU { fd_write: fd_readwrite };
            self.subscribe(name, wasi::EVENTTYPE_FD_WRITE, u);
        }
    }

    /// Waits until one of them is answered, for `timeout` at most. There is at least one, or a
    /// timeout.
    ///
    /// # Errors
    ///
    /// Of the host, which need not say whose error it is.
    pub(super) fn ask(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let count = self.subscriptions.len();
        if let Some(timeout) = timeout {
            let clock = wasi::SubscriptionClock {
                id: wasi::CLOCKID_MONOTONIC,
                timeout: timeout.as_nanos().min(TIMEOUT_MAX.as_nanos()) as wasi::Timestamp,
                precision: 0,
                flags: 0,
            };
            self.subscribe(usize::MAX, wasi::EVENTTYPE_CLOCK, wasi::SubscriptionUU { clock });
        }
        let asked = self.subscriptions.len();
        self.answers.resize(asked, NO_ANSWER);
        // SAFETY: there are `asked` subscriptions, and as many events to write over.
        let answered =
            unsafe { wasi::poll_oneoff(self.subscriptions.as_ptr(), self.answers.as_mut_ptr(), asked) };
        self.subscriptions.truncate(count);
        self.answers.truncate(answered.unwrap_or(0));
        answered.map(drop).map_err(error)
    }

    /// What was found: the name of a question and the answer, which may come in two parts.
    pub(super) fn answers(&self) -> impl Iterator<Item = (usize, Found)> {
        let answers = self.answers.iter().filter(|answer| answer.type_ != wasi::EVENTTYPE_CLOCK);
        answers.map(|answer| (answer.userdata as usize, found(answer)))
    }

    fn subscribe(&mut self, name: usize, tag: wasi::Eventtype, u: wasi::SubscriptionUU) {
        let u = wasi::SubscriptionU { tag: tag.raw(), u };
        self.subscriptions.push(wasi::Subscription { userdata: name as wasi::Userdata, u });
    }
}

impl fmt::Debug for Questions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Questions").field("answers", &self.answers).finish_non_exhaustive()
    }
}

fn found(answer: &wasi::Event) -> Found {
    let is_hung_up = answer.fd_readwrite.flags & wasi::EVENTRWFLAGS_FD_READWRITE_HANGUP != 0;
    let (mut found, end) = if answer.type_ == wasi::EVENTTYPE_FD_READ {
        (Found::READABLE, Found::READ_CLOSED)
    } else {
        (Found::WRITABLE, Found::WRITE_CLOSED)
    };
    match answer.error {
        wasi::ERRNO_SUCCESS => found.set(end, is_hung_up),
        wasi::ERRNO_BADF => found |= Found::NOT_OPEN,
        _ => found |= Found::ERROR,
    }
    found
}

/// What kind of file `fd` is.
fn status(fd: RawFd) -> io::Result<wasi::Fdstat> {
    // SAFETY: the call takes a number, which need not be open, and writes to what it returns.
    unsafe { wasi::fd_fdstat_get(fd as wasi::Fd) }.map_err(error)
}

/// True if `fd` is of a kind that is always ready.
///
/// # Errors
///
/// `EBADF` if it is not open.
pub(super) fn is_always_ready(fd: RawFd) -> io::Result<bool> {
    let kind = status(fd)?.fs_filetype;
    Ok([wasi::FILETYPE_REGULAR_FILE, wasi::FILETYPE_DIRECTORY].contains(&kind))
}

/// True if an operation on `fd` would wait.
#[cfg(debug_assertions)]
pub(super) fn is_blocking(fd: RawFd) -> bool {
    status(fd).is_ok_and(|status| status.fs_flags & wasi::FDFLAGS_NONBLOCK == 0)
}

fn error(errno: wasi::Errno) -> io::Error {
    io::Error::from_raw_os_error(i32::from(errno.raw()))
}

/// What an answer is written over.
const NO_ANSWER: wasi::Event = wasi::Event {
    userdata: 0,
    error: wasi::ERRNO_SUCCESS,
    type_: wasi::EVENTTYPE_CLOCK,
    fd_readwrite: wasi::EventFdReadwrite { nbytes: 0, flags: 0 },
};

pub(super) const NANOSECOND_TIMEOUT: Support = Support::Native;

/// The longest time that is asked for. Longer ones overflow the clocks of hosts; a wait that
/// ends with it goes on.
const TIMEOUT_MAX: Duration = Duration::from_secs(60 * 60 * 24 * 365);
