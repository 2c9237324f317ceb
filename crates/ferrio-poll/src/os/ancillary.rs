//! Control data of messages, for the completion layer.

pub use crate::sys::unix::ancillary::{
    Ancillary, DESCRIPTORS_MAX, RECEIVE_FLAGS, add_credentials, add_ecn, add_message, add_segment_size,
    add_source, messages, space, take_descriptors,
};
