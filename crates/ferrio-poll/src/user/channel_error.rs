//! What can keep a message from being sent or received.
//!
//! The names and the meaning are those of [`std::sync::mpsc`]. Each of them becomes an
//! [`io::Error`], so that `?` works in a loop that does I/O.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::mpsc;

pub use std::sync::mpsc::{RecvError, TryRecvError};

use crate::error;

/// The receiver is gone; the message comes back.
#[derive(Copy, Clone, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// The message was not sent, and comes back.
#[derive(Copy, Clone, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// The receiver is gone.
    Disconnected(T),
    /// The channel has no room.
    Full(T),
}

impl<T> From<mpsc::SendError<T>> for SendError<T> {
    fn from(mpsc::SendError(message): mpsc::SendError<T>) -> SendError<T> {
        SendError(message)
    }
}

impl<T> From<mpsc::TrySendError<T>> for TrySendError<T> {
    fn from(error: mpsc::TrySendError<T>) -> TrySendError<T> {
        match error {
            mpsc::TrySendError::Disconnected(message) => TrySendError::Disconnected(message),
            mpsc::TrySendError::Full(message) => TrySendError::Full(message),
        }
    }
}

impl<T> From<SendError<T>> for TrySendError<T> {
    fn from(SendError(message): SendError<T>) -> TrySendError<T> {
        TrySendError::Disconnected(message)
    }
}

impl<T> From<SendError<T>> for io::Error {
    /// `BrokenPipe`; the message is dropped.
    fn from(_: SendError<T>) -> io::Error {
        error::receiver_gone()
    }
}

impl<T> From<TrySendError<T>> for io::Error {
    /// `WouldBlock` or `BrokenPipe`; the message is dropped.
    fn from(error: TrySendError<T>) -> io::Error {
        match error {
            TrySendError::Disconnected(_) => error::receiver_gone(),
            TrySendError::Full(_) => error::channel_full(),
        }
    }
}

impl<T> Error for SendError<T> {}

impl<T> Error for TrySendError<T> {}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        error::receiver_gone().fmt(f)
    }
}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrySendError::Disconnected(_) => error::receiver_gone().fmt(f),
            TrySendError::Full(_) => error::channel_full().fmt(f),
        }
    }
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrySendError::Disconnected(_) => f.pad("Disconnected(..)"),
            TrySendError::Full(_) => f.pad("Full(..)"),
        }
    }
}
