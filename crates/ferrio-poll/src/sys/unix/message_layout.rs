//! How the C library lays out control messages and internet addresses.
#![allow(unsafe_code, reason = "the C library's sizes of control messages are unsafe functions")]

use std::mem::{offset_of, size_of};

use libc::cmsghdr;

pub(crate) use libc::{AF_INET, AF_INET6};

/// The bytes of a message with so many bytes of data, with the padding after it.
const fn space(bytes: libc::c_uint) -> usize {
    // SAFETY: it computes with its argument alone and asks for nothing.
    let space = unsafe { libc::CMSG_SPACE(bytes) };
    space as usize
}

/// The bytes of a message without data, without the padding after it.
const fn header() -> usize {
    // SAFETY: as in `space`.
    let len = unsafe { libc::CMSG_LEN(0) };
    len as usize
}

/// Where the data of a control message begins.
pub(crate) const CONTROL_HEADER: usize = header();
/// Control messages begin at multiples of this.
pub(crate) const CONTROL_ALIGNMENT: usize = space(1) - space(0);
/// Where the length of a control message stands.
pub(crate) const CONTROL_LEN_AT: usize = offset_of!(cmsghdr, cmsg_len);
/// Where its protocol stands.
pub(crate) const CONTROL_LEVEL_AT: usize = offset_of!(cmsghdr, cmsg_level);
/// Where its kind stands.
pub(crate) const CONTROL_KIND_AT: usize = offset_of!(cmsghdr, cmsg_type);

/// The length of an address of IPv4.
pub(crate) const V4_BYTES: usize = size_of::<libc::sockaddr_in>();
/// The length of an address of IPv6, which is the longer of the two.
pub(crate) const V6_BYTES: usize = size_of::<libc::sockaddr_in6>();
/// Where the family of an address stands.
pub(crate) const FAMILY_AT: usize = offset_of!(libc::sockaddr, sa_family);
/// How many bytes the family has.
pub(crate) const FAMILY_BYTES: usize = size_of::<libc::sa_family_t>();
