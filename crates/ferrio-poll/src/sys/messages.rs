//! What messages of sockets carry beside their bytes, as plain bytes, and options of sockets.

pub(crate) mod address_bytes;
pub(crate) mod ancillary;
pub(crate) mod control;
#[cfg(all(test, not(ferrio_loom)))]
pub(crate) mod fuzz;
#[cfg(unix)]
pub(crate) mod numeric_option;
