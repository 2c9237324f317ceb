//! What a socket is asked to tell.

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsFd;

use crate::error::kernel;
use crate::sys::datagram::Facility;
use crate::sys::system::datagram_names;

/// Asks `socket` for `facility`, or no longer.
pub(crate) fn set_facility(socket: &UdpSocket, facility: Facility, on: bool) -> io::Result<()> {
    let is_v6 = socket.local_addr()?.is_ipv6();
    let [needed, beside] = datagram_names::options(facility, is_v6);
    let Some(needed) = needed else { return Err(kernel::facility_absent(facility.name())) };
    needed.set(socket.as_fd(), on).map_err(|error| match error.raw_os_error() {
        Some(libc::ENOPROTOOPT | libc::EOPNOTSUPP) => kernel::facility_absent(facility.name()),
        _ => error,
    })?;
    if let Some(beside) = beside {
        // For IPv4 traffic on an IPv6 socket, which not each socket takes.
        let _ = beside.set(socket.as_fd(), on);
    }
    Ok(())
}

/// Whether `socket` was asked for `facility`.
pub(crate) fn facility(socket: &UdpSocket, facility: Facility) -> io::Result<bool> {
    let is_v6 = socket.local_addr()?.is_ipv6();
    match datagram_names::options(facility, is_v6)[0] {
        Some(option) => Ok(option.get(socket.as_fd())? != 0),
        None => Ok(false),
    }
}

/// The most datagrams that the kernel divides one message of `socket` into; 1 if it divides none.
pub(crate) fn segments_max(socket: &UdpSocket) -> usize {
    match datagram_names::SEGMENT_SIZE {
        Some(option) if option.get(socket.as_fd()).is_ok() => SEGMENTS_MAX,
        _ => 1,
    }
}

/// `UDP_MAX_SEGMENTS` of the kernels that have the fewest.
const SEGMENTS_MAX: usize = 64;
