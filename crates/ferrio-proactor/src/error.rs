//! The errors of this crate that are not the kernel's.

use std::io::{Error, ErrorKind};

/// What is wrong with a handle that is stale, and what to do.
pub(crate) const STALE: &str = "the handle is stale, for its descriptor was closed or detached before: \
                                use a handle only until then, or attach a descriptor again";

pub(crate) fn stale() -> Error {
    Error::new(ErrorKind::NotFound, STALE)
}

pub(crate) fn forked() -> Error {
    let text = "this process was forked off from that of the proactor, whose operations are not its own: \
                make another proactor here";
    Error::new(ErrorKind::Unsupported, text)
}
