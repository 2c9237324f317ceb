//! Addresses of Unix sockets, between std's form and the kernel's.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::SocketAddr;

use rustix::net::addr::SocketAddrLen;
use rustix::net::{SocketAddrAny, SocketAddrUnix};

use crate::sys::system::calls::{self, abstract_from_kernel, abstract_to_kernel};

/// The kernel's form of `address`.
pub(crate) fn to_kernel(address: &SocketAddr) -> io::Result<SocketAddrUnix> {
    if let Some(path) = address.as_pathname() {
        return Ok(SocketAddrUnix::new(path)?);
    }
    if let Some(address) = abstract_to_kernel(address) {
        return Ok(address?);
    }
    calls::unnamed_to_kernel()
}

/// std's form of a peer's `address`. None for one that std can only make itself: a
/// path that fills the kernel's field to the last byte.
pub(crate) fn from_kernel(address: Option<SocketAddrAny>) -> Option<SocketAddr> {
    // The length tells no name from an abstract one of no letters, and a path without
    // an end, over which rustix 1.1.6 panics.
    let Some(address) = address.filter(|address| address.addr_len() > FAMILY_LEN) else {
        return unnamed();
    };
    if address.addr_len() > LEN_MAX {
        return None;
    }
    let address = SocketAddrUnix::try_from(address).ok()?;
    if let Some(address) = abstract_from_kernel(&address) {
        return address.ok();
    }
    SocketAddr::from_pathname(OsStr::from_bytes(address.path()?.to_bytes())).ok()
}

fn unnamed() -> Option<SocketAddr> {
    // std takes the empty path as no name.
    SocketAddr::from_pathname("").ok()
}

/// The length of an address that is nothing but its family.
const FAMILY_LEN: SocketAddrLen = size_of::<libc::sa_family_t>() as SocketAddrLen;

/// The length of the longest address that ends as it should.
const LEN_MAX: SocketAddrLen = size_of::<libc::sockaddr_un>() as SocketAddrLen;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_address_survives_the_way_there_and_back() {
        let there_and_back = |address: &SocketAddr| {
            let kernel = to_kernel(address).unwrap();
            from_kernel(Some(SocketAddrAny::from(kernel))).unwrap()
        };
        let path = SocketAddr::from_pathname("/somewhere/a.sock").unwrap();
        assert_eq!(there_and_back(&path).as_pathname(), path.as_pathname());
        assert!(there_and_back(&unnamed().unwrap()).is_unnamed());
        assert!(from_kernel(None).unwrap().is_unnamed());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_abstract_name_survives_too() {
        use std::os::linux::net::SocketAddrExt;

        let name = SocketAddr::from_abstract_name(b"a\0name").unwrap();
        let kernel = to_kernel(&name).unwrap();
        let back = from_kernel(Some(SocketAddrAny::from(kernel))).unwrap();
        assert_eq!(back.as_abstract_name(), Some(&b"a\0name"[..]));
    }
}
