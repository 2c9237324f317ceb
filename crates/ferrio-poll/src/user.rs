//! Sources that a program makes ready itself: readiness, and messages.
//!
//! - [`source`] gives a [`UserSource`], which is registered, and a [`Trigger`], which makes
//!   it ready from any thread or from a signal handler.
//! - [`channel`] and [`sync_channel`] give a [`Sender`] or [`SyncSender`] and a
//!   [`Receiver`], which is registered: messages arrive together with the events of sockets.
//!   [`SyncSender::room`] gives a [`Room`], which tells a sender in a loop that there is room.
//!
//! None of them has a descriptor. They share the queue and the wake descriptor of the
//! Poll's wakers: what happens while the loop is awake costs no system call.

mod channel;
mod channel_error;
mod channel_room;
mod source;

pub use crate::user::channel::{Iter, Receiver, Sender, SyncSender, TryIter, channel, sync_channel};
pub use crate::user::channel_error::{RecvError, SendError, TryRecvError, TrySendError};
pub use crate::user::channel_room::Room;
pub use crate::user::source::{Trigger, UserSource, source};
