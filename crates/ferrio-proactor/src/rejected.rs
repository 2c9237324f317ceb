//! An operation that was not accepted.

use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter};
use std::io;

use crate::error::STALE;
use crate::sys::{self, Errno};

/// Why an operation was not accepted.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reason {
    /// The descriptor was closed or detached.
    Stale,
    /// As many operations are under way, or over and not delivered yet, as
    /// [`Config::operations`](crate::Config::operations) allows: take completions first.
    Full,
    /// The buffers of the pool are too short for it: so many bytes is the least that
    /// [`Config::buffer_len`](crate::Config::buffer_len) has to be.
    BufferLen(u32),
    /// The driver cannot do it on this system, or with this [`Config`](crate::Config).
    Unsupported,
    /// The driver could not be made, as for want of descriptors or of memory.
    Driver(io::Error),
}

impl Reason {
    /// As the result of an operation that another thread wanted to submit.
    pub(crate) fn code(&self) -> i32 {
        match self {
            Reason::Stale => sys::failure(Errno::BADF),
            Reason::Full => sys::failure(Errno::NOBUFS),
            Reason::BufferLen(_) => sys::failure(Errno::MSGSIZE),
            Reason::Unsupported => sys::failure(Errno::OPNOTSUPP),
            Reason::Driver(error) => sys::failure(sys::errno_of(error)),
        }
    }
}

/// A descriptor that cannot be given back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Busy {
    /// The descriptor was closed or detached.
    Stale,
    /// So many operations are on it: cancel them, and take their completions.
    Operations(u32),
}

impl Display for Busy {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Busy::Stale => f.write_str(STALE),
            Busy::Operations(count) => {
                let text = "operations are on the descriptor: cancel them and take their completions first";
                write!(f, "{count} {text}")
            }
        }
    }
}

impl Error for Busy {}

impl From<Busy> for io::Error {
    fn from(busy: Busy) -> io::Error {
        let kind = match busy {
            Busy::Stale => io::ErrorKind::NotFound,
            Busy::Operations(_) => io::ErrorKind::ResourceBusy,
        };
        io::Error::new(kind, busy.to_string())
    }
}

/// An operation that was not accepted, and is given back with its buffers.
pub struct Rejected<O> {
    /// The operation as it was submitted.
    pub operation: O,
    /// Why it was not accepted.
    pub reason: Reason,
}

impl<O> Rejected<O> {
    pub(crate) fn new(operation: O, reason: Reason) -> Rejected<O> {
        Rejected { operation, reason }
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Stale => f.write_str(STALE),
            Reason::Full => f.write_str(
                "as many operations are under way, or over and not delivered, as Config::operations \
                 allows: take completions first",
            ),
            Reason::BufferLen(len) => {
                write!(
                    f,
                    "a buffer of the pool is too short for it: Config::buffer_len must be {len} at least"
                )
            }
            Reason::Unsupported => f.write_str("this driver cannot do it: see Proactor::capabilities"),
            Reason::Driver(error) => write!(f, "no driver could be made: {error}"),
        }
    }
}

impl<O> Display for Rejected<O> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the operation was not accepted: {}", self.reason)
    }
}

// The operation may hold a buffer of the user's, which need not have it.
impl<O> Debug for Rejected<O> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected").field("reason", &self.reason).finish_non_exhaustive()
    }
}

impl<O> Error for Rejected<O> {}

impl<O> From<Rejected<O>> for io::Error {
    fn from(rejected: Rejected<O>) -> io::Error {
        let kind = match &rejected.reason {
            Reason::Stale => io::ErrorKind::NotFound,
            Reason::Full => io::ErrorKind::QuotaExceeded,
            Reason::BufferLen(_) => io::ErrorKind::InvalidInput,
            Reason::Unsupported => io::ErrorKind::Unsupported,
            Reason::Driver(error) => error.kind(),
        };
        io::Error::new(kind, rejected.to_string())
    }
}
