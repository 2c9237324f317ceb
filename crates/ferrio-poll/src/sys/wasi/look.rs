//! A question to the host about one descriptor, which does not wait.

use std::os::fd::RawFd;
use std::time::Duration;

use crate::sys::wasi::event::Found;
use crate::sys::wasi::questions::{self, Questions};

/// What the host finds now of the directions `want` of `fd`; an error if it cannot tell.
pub(super) fn look(fd: RawFd, want: Found) -> Found {
    let mut questions = Questions::default();
    questions.push(0, fd, want);
    match questions.ask(Some(Duration::ZERO)) {
        Ok(()) => questions.answers().fold(Found::empty(), |all, (_, found)| all | found),
        Err(_) if questions::is_always_ready(fd).is_err() => Found::NOT_OPEN,
        Err(_) => want | Found::ERROR,
    }
}
