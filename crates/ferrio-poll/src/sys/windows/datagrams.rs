//! Many datagrams by a call for each, with what Windows tells of each beside its bytes.
//!
//! `calls` is `WSARecvMsg` and `WSASendMsg`. What comes in and goes out by them is as on the Unixes
//! that have such calls; the options and control messages are in [`datagram_names`].
//!
//! [`datagram_names`]: super::datagram_names

pub(crate) mod calls;
pub(crate) mod extension;
#[path = "../datagrams/one_by_one.rs"]
pub(crate) mod one_by_one;
#[path = "../datagrams/parts.rs"]
pub(crate) mod parts;

#[path = "../datagrams/inbound.rs"]
mod inbound;
mod options;
#[path = "../datagrams/outbound.rs"]
mod outbound;

pub(crate) use crate::sys::datagrams::inbound::Inbound;
pub(crate) use crate::sys::datagrams::options::{facility, segments_max, set_facility};
pub(crate) use crate::sys::datagrams::outbound::Outbound;
