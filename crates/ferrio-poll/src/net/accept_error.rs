//! What an error of `accept` asks for.

use std::io::{self, ErrorKind};

use crate::sys::socket;

/// What an error of `accept` asks for; from [`accept_error`].
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AcceptError {
    /// There is no connection now: an event tells when there is.
    Blocked,
    /// This process or system is short of descriptors or memory. The connection stays in the
    /// queue, and no event will come for it: try again when a connection was closed here, or
    /// after some tens of milliseconds.
    Pause,
    /// This one connection is gone: accept the next.
    Retry,
    /// The listener itself is broken: no later `accept` will work.
    Fatal,
}

/// Says what an error of `accept` asks for. It is for errors of `accept` alone: what fails
/// later for a connection, such as its registration, is no reason to close the listener.
///
/// # Implementation notes
///
/// On Linux, accept(2) also gives network errors that a new connection already has; they are
/// [`Retry`](AcceptError::Retry). `EPERM` may come from a firewall, for one connection, or from
/// a sandbox, for all of them: it is [`Pause`](AcceptError::Pause), which spins in neither case.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::{AcceptError, TcpListener, accept_error};
///
/// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// let mut is_short = false;
/// loop {
///     match listener.accept() {
///         Ok((_stream, _address)) => {}
///         Err(error) => match accept_error(&error) {
///             AcceptError::Blocked => break,
///             AcceptError::Retry => {}
///             AcceptError::Pause => {
///                 // Try again by a timer.
///                 is_short = true;
///                 break;
///             }
///             _ => return Err(error),
///         },
///     }
/// }
/// assert!(!is_short);
/// # Ok(())
/// # }
/// ```
pub fn accept_error(error: &io::Error) -> AcceptError {
    match error.kind() {
        ErrorKind::WouldBlock => AcceptError::Blocked,
        ErrorKind::Interrupted | ErrorKind::ConnectionAborted => AcceptError::Retry,
        _ if socket::is_of_the_connection(error) => AcceptError::Retry,
        _ if socket::is_shortage(error) => AcceptError::Pause,
        _ => AcceptError::Fatal,
    }
}
