//! Many datagrams by one call, with what the kernel tells of each beside its bytes.
//!
//! `calls` is recvmmsg(2) and sendmmsg(2), or recvmsg(2) and sendmsg(2) where a system or
//! its C library lacks them. The options and control messages of a system are its
//! [`datagram_names`](super::datagram_names).

pub(crate) mod calls;

mod inbound;
#[allow(dead_code, reason = "where a call takes many messages, none goes by itself")]
pub(crate) mod one_by_one;
mod options;
mod outbound;
pub(crate) mod parts;

pub(crate) use crate::sys::datagrams::inbound::Inbound;
pub(crate) use crate::sys::datagrams::options::{facility, segments_max, set_facility};
pub(crate) use crate::sys::datagrams::outbound::Outbound;
