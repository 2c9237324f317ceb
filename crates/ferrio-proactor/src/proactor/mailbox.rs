//! What other threads have asked for, until the thread of the proactor reads it.

use std::collections::VecDeque;
use std::mem;
use std::sync::PoisonError;

use ferrio_poll::Token;

use crate::buffer::sync::{AtomicBool, Mutex, Ordering};
use crate::id::{Handle, OpId};
use crate::op::parcel::SendParcel;

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

    /// Takes the first letters that are there, at most `max`, into `into`, which is empty.
    pub(crate) fn take(&self, into: &mut VecDeque<Letter>, max: usize) {
        if !self.has_letters.load(Ordering::Acquire) {
            return;
        }
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        if letters.queue.len() > max {
            // While some are left nobody nudges: the reader does not sleep.
            into.extend(letters.queue.drain(..max));
            return;
        }
        self.has_letters.store(false, Ordering::Release);
        mem::swap(&mut letters.queue, into);
    }

    pub(crate) fn has_letters(&self) -> bool {
        self.has_letters.load(Ordering::Acquire)
    }

    pub(crate) fn high_water(&self) -> usize {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).high_water
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }
}

#[cfg(all(test, ferrio_loom))]
mod models;
