//! What other threads may ask of a proactor.

use std::collections::VecDeque;
use std::fmt::{self, Debug, Formatter};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ferrio_poll::Token;
use ferrio_poll::park::Nudge;

use crate::id::{Handle, OpId};
use crate::op::Operation;
use crate::op::parcel::SendParcel;

/// A handle by which other threads wake a proactor, submit to it and cancel.
///
/// What they ask for goes into a mailbox that the thread of the proactor empties in its next
/// [`poll`](crate::Proactor::poll), which they end if it sleeps. After the proactor is gone it
/// fails.
#[derive(Clone)]
pub struct Remote {
    mailbox: Arc<Mailbox>,
    nudge: Nudge,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) enum Letter {
    Wake(Token),
    Submit(Token, SendParcel),
    Cancel(OpId),
    CancelHandle(Handle),
    CancelToken(Token),
}

/// Letters of other threads.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    /// Set with the first letter, so that an empty box costs a load and no lock.
    has_letters: AtomicBool,
    /// Nobody will read it.
    is_closed: AtomicBool,
    letters: Mutex<Letters>,
}

#[derive(Debug, Default)]
struct Letters {
    queue: VecDeque<Letter>,
    /// The most that waited at once.
    high_water: usize,
}

impl Mailbox {
    /// Adds a letter; true if the reader is to be nudged.
    pub(crate) fn post(&self, letter: Letter) -> bool {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.queue.push_back(letter);
        letters.high_water = letters.high_water.max(letters.queue.len());
        // Under the lock, so that a letter is never there without it for longer than that.
        !self.has_letters.swap(true, Ordering::AcqRel)
    }

    /// Takes all letters that are there into `into`, which is empty.
    pub(crate) fn take(&self, into: &mut VecDeque<Letter>) {
        if !self.has_letters.load(Ordering::Acquire) {
            return;
        }
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        self.has_letters.store(false, Ordering::Release);
        std::mem::swap(&mut letters.queue, into);
    }

    pub(crate) fn has_letters(&self) -> bool {
        self.has_letters.load(Ordering::Acquire)
    }

    pub(crate) fn high_water(&self) -> usize {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).high_water
    }

    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }
}

impl Remote {
    pub(crate) fn new(mailbox: Arc<Mailbox>, nudge: Nudge) -> Remote {
        Remote { mailbox, nudge }
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
    /// `ENOBUFS` if too many operations are under way, with `EMSGSIZE` if the buffers of the pool
    /// are too short for it, else with `EOPNOTSUPP`; its buffers are dropped.
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
        if self.mailbox.is_closed.load(Ordering::Acquire) {
            let text = "the proactor of this remote is gone: nobody reads what is asked of it";
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, text));
        }
        if self.mailbox.post(letter) { self.nudge.nudge() } else { Ok(()) }
    }
}

impl Debug for Remote {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").finish_non_exhaustive()
    }
}
