//! Sources that a program makes ready itself: readiness, and messages.
//!
//! - [`source`] gives a [`Receiver`], which is registered, and a [`Trigger`], which makes
//!   it ready from any thread or from a signal handler.
//! - [`channel`] and [`sync_channel`] give a [`Sender`] or [`SyncSender`] and an
//!   [`Inbox`]: messages arrive together with the events of sockets.
//!
//! None of them has a descriptor. They share the queue and the wake descriptor of the
//! Poll's wakers: what happens while the loop is awake costs no system call.

mod channel;
mod source;

pub use channel::{Inbox, SendError, Sender, SyncSender, TryRecvError, TrySendError, channel, sync_channel};
pub use source::{Receiver, Trigger, source};
