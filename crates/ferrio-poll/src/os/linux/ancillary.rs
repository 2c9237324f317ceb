//! Control data of messages, for the completion layer.

pub use crate::sys::ancillary::{
    Ancillary, DESCRIPTORS_MAX, add_ecn, add_message, add_segment_size, add_source, messages, space,
    take_descriptors,
};
