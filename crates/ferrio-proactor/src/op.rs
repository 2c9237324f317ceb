//! The operations that a [`Proactor`](crate::Proactor) does.
//!
//! Each is a value that holds its descriptor and its buffers. It goes to the proactor by
//! [`submit`](crate::Proactor::submit), and comes back with the completion: a buffer is never
//! shared with the kernel while the program has it.
//!
//! Operations of one direction on one socket are done in the order in which they were submitted:
//! `Recv`, `RecvMany`, `RecvMsg` and `RecvMsgMany` one after the other, and so `Send`, `SendMsg`,
//! `SendZc`, the parts of a `SendAll`, `Connect` and `Shutdown`. All others are done side by side:
//! accepts, reads, writes, splices and polls.

mod accept;
mod connect;
pub(crate) mod control;
#[cfg(unix)]
pub(crate) mod credentials;
pub(crate) mod datagram;
pub(crate) mod erased;
mod file;
pub(crate) mod message;
pub(crate) mod open;
pub(crate) mod parcel;
pub(crate) mod perform;
mod poll_fd;
mod recv;
pub(crate) mod request;
mod send;
pub(crate) mod send_all;
mod shutdown;
mod splice;
mod statx;
pub(crate) mod timeout;

pub use crate::op::accept::{Accept, AcceptMany};
pub use crate::op::connect::Connect;
pub use crate::op::control::{Control, ReceivedControl};
#[cfg(unix)]
pub use crate::op::credentials::Credentials;
pub use crate::op::datagram::{Datagram, RecvMsgMany};
pub use crate::op::file::{Fsync, Read, Write};
pub use crate::op::message::{RecvMsg, SendMsg};
pub use crate::op::open::Open;
use crate::op::perform::Perform;
pub use crate::op::poll_fd::PollFd;
pub use crate::op::recv::{Recv, RecvMany};
pub use crate::op::send::{Send, SendZc};
pub use crate::op::send_all::SendAll;
pub use crate::op::shutdown::Shutdown;
pub use crate::op::splice::Splice;
pub use crate::op::statx::Statx;
pub use crate::op::timeout::Timeout;

/// An operation that can be submitted. Each is a type of this module: nobody else implements it.
#[allow(private_bounds, reason = "an operation is one of this crate's")]
pub trait Operation: Perform {}

impl<O: Perform> Operation for O {}
