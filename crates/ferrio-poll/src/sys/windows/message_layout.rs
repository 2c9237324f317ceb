//! How Winsock lays out control messages and internet addresses.

use std::mem::{offset_of, size_of};

use windows_sys::Win32::Networking::WinSock::{self, CMSGHDR, SOCKADDR, SOCKADDR_IN, SOCKADDR_IN6};

/// The number of IPv4.
pub(crate) const AF_INET: i32 = WinSock::AF_INET as i32;
/// The number of IPv6.
pub(crate) const AF_INET6: i32 = WinSock::AF_INET6 as i32;

/// Where the data of a control message begins: `WSA_CMSG_LEN(0)`.
pub(crate) const CONTROL_HEADER: usize = size_of::<CMSGHDR>().next_multiple_of(CONTROL_ALIGNMENT);
/// Control messages begin at multiples of this: `MAX_NATURAL_ALIGNMENT`, by which their data is
/// aligned as well.
pub(crate) const CONTROL_ALIGNMENT: usize = size_of::<usize>();
/// Where the length of a control message stands.
pub(crate) const CONTROL_LEN_AT: usize = offset_of!(CMSGHDR, cmsg_len);
/// Where its protocol stands.
pub(crate) const CONTROL_LEVEL_AT: usize = offset_of!(CMSGHDR, cmsg_level);
/// Where its kind stands.
pub(crate) const CONTROL_KIND_AT: usize = offset_of!(CMSGHDR, cmsg_type);

/// The length of an address of IPv4.
pub(crate) const V4_BYTES: usize = size_of::<SOCKADDR_IN>();
/// The length of an address of IPv6, which is the longer of the two.
pub(crate) const V6_BYTES: usize = size_of::<SOCKADDR_IN6>();
/// Where the family of an address stands.
pub(crate) const FAMILY_AT: usize = offset_of!(SOCKADDR, sa_family);
/// How many bytes the family has.
pub(crate) const FAMILY_BYTES: usize = size_of::<WinSock::ADDRESS_FAMILY>();
