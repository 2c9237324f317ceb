//! An operation of any type with what the core asks of its type.
#![allow(
    unsafe_code,
    reason = "an operation that may go to another thread is known to before its type is forgotten"
)]

use crate::op::erased::Erased;
use crate::op::perform::{Code, Handles, Lane, Perform, Shape};

/// An operation on its way into a slot.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) operation: Erased,
    pub(crate) handles: Handles,
    pub(crate) code: Code,
    pub(crate) shape: Shape,
    pub(crate) lane: Option<Lane>,
    /// How long the buffers of the pool have to be for it.
    pub(crate) buffer_len: u32,
}

impl Parcel {
    pub(crate) fn new<O: Perform>(operation: O) -> Parcel {
        let (handles, buffer_len) = (operation.handles(), operation.buffer_len());
        let (code, shape, lane) = (O::CODE, O::SHAPE, O::LANE);
        Parcel { operation: Erased::new(operation), handles, code, shape, lane, buffer_len }
    }
}

/// An operation on its way from another thread.
#[derive(Debug)]
pub(crate) struct SendParcel(Parcel);

// SAFETY: it is made of an operation that is `Send`, by its only constructor, and what stands beside
// that is plain values.
unsafe impl Send for SendParcel {}

impl SendParcel {
    pub(crate) fn new<O: Perform + Send>(operation: O) -> SendParcel {
        SendParcel(Parcel::new(operation))
    }

    pub(crate) fn open(self) -> Parcel {
        self.0
    }
}
