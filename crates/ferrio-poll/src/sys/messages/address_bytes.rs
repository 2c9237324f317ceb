//! Internet addresses as the kernel writes them, as plain bytes.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::sys::message_layout::{
    AF_INET, AF_INET6, FAMILY_AT, FAMILY_BYTES, V4_BYTES, V6_BYTES as ADDRESS_MAX,
};
use crate::sys::messages::control::bytes_at;

/// Memory for an internet address: that of a `sockaddr_in6`, which is the longer of the two.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(8))]
pub(crate) struct AddressBytes([u8; ADDRESS_MAX]);

impl AddressBytes {
    /// One of no family.
    pub(crate) const EMPTY: AddressBytes = AddressBytes([0; ADDRESS_MAX]);

    /// The memory itself, for a kernel to read or to write.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// The address in its first `len` bytes.
    pub(crate) fn read(&self, len: usize) -> Option<SocketAddr> {
        read(&self.0[..len.min(ADDRESS_MAX)])
    }

    /// Writes `address`; returns how many bytes it has.
    pub(crate) fn write(&mut self, address: SocketAddr) -> usize {
        let port = address.port().to_be_bytes();
        let (family, len) = match address {
            SocketAddr::V4(_) => (AF_INET, V4_BYTES),
            SocketAddr::V6(_) => (AF_INET6, ADDRESS_MAX),
        };
        let bytes = &mut self.0;
        bytes.fill(0);
        // Where the family is one byte, the length of the address stands before it.
        match FAMILY_BYTES {
            1 => (bytes[0], bytes[FAMILY_AT]) = (len as u8, family as u8),
            _ => bytes[FAMILY_AT..FAMILY_AT + 2].copy_from_slice(&(family as u16).to_ne_bytes()),
        }
        bytes[2..4].copy_from_slice(&port);
        match address {
            SocketAddr::V4(v4) => bytes[4..8].copy_from_slice(&v4.ip().octets()),
            SocketAddr::V6(v6) => {
                // As std does: it takes and gives the field as it stands.
                bytes[4..8].copy_from_slice(&v6.flowinfo().to_ne_bytes());
                bytes[8..24].copy_from_slice(&v6.ip().octets());
                bytes[24..28].copy_from_slice(&v6.scope_id().to_ne_bytes());
            }
        }
        len
    }
}

/// The internet address at the front of `bytes`, if there is one.
pub(crate) fn read(bytes: &[u8]) -> Option<SocketAddr> {
    let family = match FAMILY_BYTES {
        1 => i32::from(*bytes.get(FAMILY_AT)?),
        _ => i32::from(u16::from_ne_bytes(bytes_at(bytes, FAMILY_AT)?)),
    };
    let port = u16::from_be_bytes(bytes_at(bytes, 2)?);
    match family {
        AF_INET => {
            let address = Ipv4Addr::from(bytes_at::<4>(bytes, 4)?);
            Some(SocketAddrV4::new(address, port).into())
        }
        AF_INET6 => {
            let flow = u32::from_ne_bytes(bytes_at(bytes, 4)?);
            let address = Ipv6Addr::from(bytes_at::<16>(bytes, 8)?);
            let scope = u32::from_ne_bytes(bytes_at(bytes, 24)?);
            Some(SocketAddrV6::new(address, port, flow, scope).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::{AddressBytes, read};

    #[test]
    fn an_address_is_read_as_it_was_written_and_not_if_it_is_cut() {
        for text in ["192.0.2.7:4433", "[2001:db8::1]:1", "[fe80::1%3]:65535", "0.0.0.0:0"] {
            let address: SocketAddr = text.parse().unwrap();
            let mut bytes = AddressBytes::EMPTY;
            let len = bytes.write(address);
            assert_eq!(bytes.read(len), Some(address));
            assert_eq!(bytes.read(len - len / 2 - 1), None);
        }
        assert_eq!(AddressBytes::EMPTY.read(28), None);
        assert_eq!(read(&[]), None);
    }

    #[cfg(not(ferrio_loom))]
    #[test]
    fn fuzz_the_reader_of_addresses() {
        let mut written = ["192.0.2.7:4433", "[2001:db8::1]:1"].map(|text| {
            let mut bytes = AddressBytes::EMPTY;
            let len = bytes.write(text.parse().unwrap());
            (bytes, len)
        });
        let [(v4, v4_len), (v6, v6_len)] = &mut written;
        crate::sys::messages::fuzz::inputs(&[&v4.room()[..*v4_len], &v6.room()[..*v6_len]], |bytes| {
            if let Some(address) = read(bytes) {
                let mut again = AddressBytes::EMPTY;
                let len = again.write(address);
                assert_eq!(again.read(len), Some(address));
            }
        });
    }

    #[test]
    fn the_kernel_takes_what_was_written() {
        let socket = std::net::UdpSocket::bind("[::1]:0").unwrap();
        let address = socket.local_addr().unwrap();
        let mut bytes = AddressBytes::EMPTY;
        let len = bytes.write(address);
        assert_eq!((len, bytes.room().len()), (28, 28));
        let raw = socket2::SockAddr::from(address);
        assert_eq!(usize::from(raw.len() as u16), len);
        // A zero is a zero in each order of bytes.
        assert_eq!(bytes.read(len), Some(address));
    }
}
