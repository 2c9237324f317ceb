//! A value for one thread among what many share.
#![allow(unsafe_code, reason = "a value that is not Sync becomes part of one that is")]

use crate::buffer::sync::{number_thread, thread_number};

/// A value that only the thread that made it can reach.
pub(super) struct OwnerOnly<T> {
    owner: usize,
    value: T,
}

// SAFETY: references to the value are given to one thread alone, whose number no other has. It is
// dropped or moved by whichever thread owns the whole, so it has to be `Send`.
unsafe impl<T: Send> Sync for OwnerOnly<T> {}

impl<T> OwnerOnly<T> {
    /// For the calling thread.
    pub(super) fn new(value: T) -> OwnerOnly<T> {
        OwnerOnly { owner: number_thread(), value }
    }

    /// `None` in another thread.
    #[inline]
    pub(super) fn get(&self) -> Option<&T> {
        if self.owner == thread_number() { Some(&self.value) } else { None }
    }
}
