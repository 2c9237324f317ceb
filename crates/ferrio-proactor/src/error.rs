//! The errors of this crate that are not the kernel's.

use std::io::{Error, ErrorKind};

pub(crate) fn stale() -> Error {
    Error::new(ErrorKind::NotFound, "the descriptor was closed or detached")
}

pub(crate) fn forked() -> Error {
    let text = "this process was forked off from that of the proactor, whose operations are not its own: \
                make another proactor here";
    Error::new(ErrorKind::Unsupported, text)
}
