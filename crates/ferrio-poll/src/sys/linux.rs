//! Linux and Android: epoll(7), or poll(2) on request.

pub(crate) mod backend;
pub(crate) mod descriptor;
pub(crate) mod event;
pub(crate) mod hooks;
pub(crate) mod pipe;
pub(crate) mod selected;
pub(crate) mod selector;
pub(crate) mod socket;
pub(crate) mod unix_address;

mod epoll;
mod flags;
mod poll2;
mod refusal;
mod timeout;
mod wake_fd;
