//! What all Unixes share.

pub(crate) mod busy_poll;
pub(crate) mod descriptor;
pub(crate) mod epoll_flags;
#[cfg(not(ferrio_check_unsupported))]
pub(crate) mod fork;
pub(crate) mod handle;
