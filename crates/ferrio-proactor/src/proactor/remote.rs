//! What other threads may ask of a proactor.

use std::fmt::{self, Debug, Formatter};
use std::io;
use std::sync::Arc;

use ferrio_poll::Token;
use ferrio_poll::park::{self, Nudge};

use crate::error;
use crate::id::{Handle, OpId};
use crate::op::Operation;
use crate::op::parcel::SendParcel;
use crate::proactor::mailbox::{Letter, Mailbox};

/// Wakes a proactor, submits to it and cancels, from other threads.
///
/// What they ask for goes into a mailbox that the thread of the proactor reads in its next
/// [`poll`](crate::Proactor::poll), which they end if it sleeps. It reads a limited number at a time, so
/// that threads which ask for much do not hold up completions, and does not sleep while some are left.
/// After the proactor is gone it fails, and with `Unsupported` in a forked process.
#[derive(Clone)]
pub struct Remote {
    mailbox: Arc<Mailbox>,
    nudge: Nudge,
    /// How often the process of the proactor had been forked off.
    forks: usize,
}

impl Remote {
    pub(crate) fn new(mailbox: Arc<Mailbox>, nudge: Nudge) -> Remote {
        Remote { mailbox, nudge, forks: park::forks() }
    }

    /// Ends the wait of the proactor with a completion of `token`, whose kind is
    /// [`Kind::Woken`](crate::Kind::Woken). Each call is one.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` if the proactor is gone.
    pub fn wake(&self, token: Token) -> io::Result<()> {
        self.post(Letter::Wake(token))
    }

    /// Submits `operation`, as [`Proactor::submit`](crate::Proactor::submit) does, in the thread
    /// of the proactor. If it is not accepted there, its completion is
    /// [`Kind::Ended`](crate::Kind::Ended): with `EBADF` if its descriptor was closed, with
    /// `ENOBUFS` if too many operations are under way, or over and not delivered, with `EMSGSIZE` if
    /// the buffers of the pool are too short for it, else with `EOPNOTSUPP`; its buffers are dropped.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` if the proactor is gone.
    pub fn submit<O: Operation + Send>(&self, token: Token, operation: O) -> io::Result<()> {
        self.post(Letter::Submit(token, SendParcel::new(operation)))
    }

    /// Cancels the operation `id`, as [`Proactor::cancel`](crate::Proactor::cancel).
    ///
    /// # Errors
    ///
    /// `BrokenPipe` if the proactor is gone.
    pub fn cancel(&self, id: OpId) -> io::Result<()> {
        self.post(Letter::Cancel(id))
    }

    /// Cancels all operations on a descriptor.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` if the proactor is gone.
    pub fn cancel_handle(&self, handle: Handle) -> io::Result<()> {
        self.post(Letter::CancelHandle(handle))
    }

    /// Cancels all operations that were submitted with `token`.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` if the proactor is gone.
    pub fn cancel_token(&self, token: Token) -> io::Result<()> {
        self.post(Letter::CancelToken(token))
    }

    fn post(&self, letter: Letter) -> io::Result<()> {
        if self.forks != park::forks() {
            return Err(error::forked());
        }
        let is_first = !self.mailbox.is_closed() && self.mailbox.post(letter);
        // It may have ended just before the letter was posted.
        if self.mailbox.is_closed() {
            let text = "the proactor of this remote is gone: nobody reads what is asked of it";
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, text));
        }
        if is_first { self.nudge.nudge() } else { Ok(()) }
    }
}

impl Debug for Remote {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").finish_non_exhaustive()
    }
}
