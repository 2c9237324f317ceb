//! What differs between systems, and which they are.
//!
//! The rest of the crate is the same on every Unix. A system provides, in this order:
//!
//! - `LACKS`: the kinds of operations that it has no call for, by the names of their types, each with
//!   the reason.
//! - `NETLINK`: the family of sockets whose `ENOBUFS` is a message that was lost, if it has such.
//! - `PASSING`: errors of accept(2) that concern one connection alone, and that only this system
//!   has.
//! - `SEND_FLAGS`: has a send to a peer that is gone fail without a signal, as far as a flag can.
//! - `adopt(fd)`: what is to be set on a descriptor that is taken over.
//! - `accept(fd)`: a connection, which is closed in programs that this one starts, and blocks.
//! - `read_cached(fd, into, offset)` and `write_cached(fd, from, offset)`: as much of a file as
//!   needs no wait for its device. `EAGAIN` if nothing does, or nobody can tell.
//! - `sync(fd, data_only)`: waits until a file is on its device.
//! - `splice(from, from_offset, to, to_offset, len)`: moves bytes inside the kernel.
//! - `Status`, what a file is, `status(path, into)`, which asks for it, and of such a status
//!   `size`, `mode`, `modified`, `is_file` and `is_folder`.

// The kernel that stands in for others has what they have, and no more.
#[cfg(all(target_os = "linux", not(ferrio_fake_kqueue)))]
#[path = "sys/linux.rs"]
mod system;
#[cfg(not(all(target_os = "linux", not(ferrio_fake_kqueue))))]
#[path = "sys/unix.rs"]
mod system;

use rustix::event::PollFlags;
use rustix::net::SendFlags;

pub(crate) use ferrio_poll::os::ancillary::RECEIVE_FLAGS;
pub(crate) use system::{
    LACKS, NETLINK, PASSING, SEND_FLAGS, Status, accept, adopt, is_file, is_folder, mode, modified,
    read_cached, size, splice, status, sync, write_cached,
};

/// An error as the result of an operation: always below zero, also on Haiku, whose errors are.
pub(crate) const fn failure(errno: i32) -> i32 {
    if errno < 0 { errno } else { -errno }
}

/// The error that a result below zero stands for.
pub(crate) const fn errno(failure: i32) -> i32 {
    if libc::EPERM < 0 { failure } else { -failure }
}

/// [`SEND_FLAGS`] as rustix has them.
pub(crate) fn send_flags() -> SendFlags {
    SendFlags::from_bits_retain(SEND_FLAGS as u32)
}

/// What poll(2) says of a peer that will send no more. 0 where it has no bit for it.
pub(crate) fn read_hangup() -> u32 {
    PollFlags::from_name("RDHUP").map_or(0, bits)
}

/// The bits of poll(2), whose type is signed on some systems.
#[allow(clippy::unnecessary_cast, reason = "they are signed on some systems")]
pub(crate) fn bits(flags: PollFlags) -> u32 {
    u32::from(flags.bits() as u16)
}

/// The flags with these bits.
#[allow(clippy::unnecessary_cast, reason = "they are signed on some systems")]
pub(crate) fn poll_flags(bits: u32) -> PollFlags {
    PollFlags::from_bits_truncate(bits as u16 as _)
}

/// A length in a structure of the kernel, whose type is not the same everywhere.
pub(crate) fn length(length: impl TryInto<usize>) -> usize {
    length.try_into().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{errno, failure};

    #[test]
    fn an_error_comes_back_from_its_result() {
        for error in [libc::EAGAIN, libc::ECANCELED, libc::EIO] {
            assert!(failure(error) < 0);
            assert_eq!(errno(failure(error)), error);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_has_a_bit_for_a_half_close() {
        assert_eq!(super::read_hangup(), libc::POLLRDHUP as u32);
    }
}
