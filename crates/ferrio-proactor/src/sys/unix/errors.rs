//! Errors as results of operations.

use std::io;

use rustix::io::Errno;

use crate::sys::PASSING;

/// An error as the result of an operation: always below zero, also on Haiku, whose errors are.
pub(crate) const fn failure(errno: Errno) -> i32 {
    let errno = errno.raw_os_error();
    if errno < 0 { errno } else { -errno }
}

/// The error that a result below zero stands for.
pub(crate) const fn errno(failure: i32) -> i32 {
    if libc::EPERM < 0 { failure } else { -failure }
}

/// The error of a call. One that is no error of the system is `EIO`.
pub(crate) fn errno_of(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

/// Whether an error of accept(2) concerns one connection alone, so that the next may be accepted.
pub(crate) fn is_of_one_connection(errno: Errno) -> bool {
    let passing = [
        Errno::CONNABORTED,
        Errno::PROTO,
        Errno::INTR,
        Errno::NETDOWN,
        Errno::NOPROTOOPT,
        Errno::HOSTDOWN,
        Errno::HOSTUNREACH,
        Errno::NETUNREACH,
    ];
    passing.contains(&errno) || PASSING.contains(&errno)
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::{errno, failure, is_of_one_connection};

    #[test]
    fn an_error_comes_back_from_its_result() {
        for error in [Errno::AGAIN, Errno::CANCELED, Errno::IO] {
            assert!(failure(error) < 0);
            assert_eq!(errno(failure(error)), error.raw_os_error());
        }
    }

    #[test]
    fn want_of_descriptors_is_for_the_user_to_deal_with() {
        assert!(is_of_one_connection(Errno::CONNABORTED));
        let others = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM, Errno::BADF, Errno::INVAL];
        assert!(!others.into_iter().any(is_of_one_connection));
    }
}
