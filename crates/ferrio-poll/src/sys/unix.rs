//! What all Unixes share.

pub(crate) mod busy_poll;
pub(crate) mod descriptor;
pub(crate) mod epoll_flags;
#[cfg(not(ferrio_check_unsupported))]
pub(crate) mod fork;
pub(crate) mod handle;
#[cfg(not(ferrio_check_unsupported))]
pub(crate) mod hooks;
#[cfg(not(ferrio_check_unsupported))]
pub(crate) mod pipe;
#[cfg(not(ferrio_check_unsupported))]
pub(crate) mod poll2;
#[cfg(not(ferrio_check_unsupported))]
pub(crate) mod refusal;
#[cfg(all(feature = "signal", not(ferrio_check_unsupported)))]
pub(crate) mod signal;
#[cfg(not(ferrio_check_unsupported))]
pub(crate) mod socket;
#[cfg(not(ferrio_check_unsupported))]
pub(crate) mod unix_socket;
#[cfg(not(ferrio_check_unsupported))]
pub(crate) mod wake_fd;

#[cfg(not(ferrio_check_unsupported))]
mod unix_address;
