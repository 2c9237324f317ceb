//! Addresses as text, or as a host and a port.

use std::fmt::Debug;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use crate::error;

/// Looks `address` up and has `make` try what it stands for, one after the other, until one
/// works.
///
/// # Errors
///
/// The last error of `make`, or that of the lookup; either names `address`.
pub(super) fn first<T>(
    address: impl ToSocketAddrs + Debug,
    make: impl Fn(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let found = address.to_socket_addrs().map_err(|cause| error::address_not_found(&address, &cause))?;
    let mut last = None;
    for candidate in found {
        match make(candidate) {
            Ok(made) => return Ok(made),
            Err(cause) => last = Some(cause),
        }
    }
    Err(match last {
        Some(cause) => error::address_unusable(&address, &cause),
        None => error::address_not_found(&address, &io::ErrorKind::NotFound.into()),
    })
}
