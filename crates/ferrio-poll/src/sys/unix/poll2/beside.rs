//! Descriptors that a wait asks for beside the registrations.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags, poll};

use crate::interest::Interest;
use crate::sys::event::{self, Event};
use crate::sys::unix::descriptor;
use crate::sys::unix::poll2::{NO_TIME, flags};
use crate::token::Token;

/// Levels for one wait: they stand in no table, and what is found of them is for the parker.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    fds: Vec<PollFd<'static>>,
    /// `tokens[i]` is of `fds[i]`.
    tokens: Vec<Token>,
}

impl Beside {
    pub(crate) fn clear(&mut self) {
        self.fds.clear();
        self.tokens.clear();
    }

    /// Adds a descriptor.
    ///
    /// # Errors
    ///
    /// `Unsupported` for AIO and LIO, which poll(2) does not know.
    pub(crate) fn push(&mut self, fd: BorrowedFd<'_>, token: Token, interest: Interest) -> io::Result<()> {
        let flags = flags::of(interest)?;
        self.fds.push(PollFd::from_borrowed_fd(descriptor::borrow(fd.as_raw_fd())?, flags));
        self.tokens.push(token);
        Ok(())
    }

    /// What the wait has found. A descriptor that was closed is one in error.
    pub(crate) fn found(&self) -> impl Iterator<Item = Event> {
        let found = self.fds.iter().zip(&self.tokens).filter(|(fd, _)| !fd.revents().is_empty());
        found.map(|(fd, token)| {
            let flags = fd.revents();
            let closed = if flags.contains(PollFlags::NVAL) { PollFlags::ERR } else { PollFlags::empty() };
            event::of_poll(*token, (flags - PollFlags::NVAL) | closed)
        })
    }

    pub(super) fn is_ready(&self) -> bool {
        self.fds.iter().any(|fd| !fd.revents().is_empty())
    }

    /// Looks without waiting.
    pub(crate) fn look(&mut self) -> io::Result<()> {
        poll(&mut self.fds, Some(&NO_TIME))?;
        Ok(())
    }

    /// The descriptors, for the kernel.
    pub(super) fn fds(&mut self) -> &mut [PollFd<'static>] {
        &mut self.fds
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::os::fd::AsFd;

    use super::Beside;
    use crate::interest::Interest;
    use crate::sys::event;
    use crate::sys::unix::{descriptor, pipe};
    use crate::token::Token;

    #[test]
    fn what_is_ready_is_found_and_the_rest_is_not() {
        let (receiver, sender) = pipe::new().unwrap();
        let mut beside = Beside::default();
        beside.push(receiver.as_fd(), Token(1), Interest::READABLE).unwrap();
        assert!(!beside.is_ready());
        beside.push(sender.as_fd(), Token(2), Interest::WRITABLE).unwrap();
        beside.look().unwrap();
        let tokens: Vec<_> = beside.found().map(|event| event::token(&event)).collect();
        assert_eq!((tokens, beside.is_ready()), (vec![Token(2)], true));
    }

    #[test]
    fn a_descriptor_that_is_none_is_in_error() {
        let mut beside = Beside::default();
        beside.push(descriptor::borrow(1 << 30).unwrap(), Token(1), Interest::READABLE).unwrap();
        beside.look().unwrap();
        assert!(beside.found().all(|event| event::is_error(&event)) && beside.is_ready());
    }
}
