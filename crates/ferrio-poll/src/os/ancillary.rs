//! Control data of messages, for the completion layer.

#[cfg(windows)]
pub use crate::sys::ancillary::{recv_message, send_message};
pub use crate::sys::messages::ancillary::{
    Ancillary, add_ecn, add_message, add_segment_size, add_source, messages, space,
};
#[cfg(unix)]
pub use crate::sys::unix::ancillary::{DESCRIPTORS_MAX, RECEIVE_FLAGS, add_credentials, take_descriptors};
