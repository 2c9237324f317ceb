//! What a kernel refuses of a registration, in words.

use std::io;

use rustix::io::Errno;

use crate::error::kernel;
use crate::interest::Interest;

/// The answer to a registration that the kernel refused with `errno`.
pub(crate) fn of(errno: Errno) -> io::Error {
    match errno {
        Errno::EXIST => kernel::descriptor_registered(),
        Errno::NOENT => kernel::descriptor_missing(),
        Errno::PERM => kernel::not_pollable(),
        Errno::LOOP | Errno::INVAL => kernel::poll_in_poll(),
        other => other.into(),
    }
}

/// The answer to an interest in AIO, which no descriptor has.
pub(crate) fn of_aio(interest: Interest) -> io::Error {
    kernel::aio_not_watched(interest)
}
