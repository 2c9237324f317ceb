//! Control data for whoever calls recvmsg(2) and sendmsg(2) by another way than the sockets of this
//! crate: read and written as they do it.

use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::time::SystemTime;

use rustix::io::FdFlags;

use crate::sys::datagram::{Ecn, Facts, LocalAddress};
use crate::sys::messages::control::{self, Control, Controls, OutControl, bytes_at};
use crate::sys::system::calls::CREDENTIALS;
use crate::sys::system::datagram_names as names;
use crate::sys::unix::passing;

/// What the control data of a message says. What the socket was not asked for is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ancillary {
    facts: Facts,
    /// The process, the user and the group of the sender.
    credentials: Option<(u32, u32, u32)>,
}

impl Ancillary {
    /// Reads what the kernel wrote. Of other bytes anything may come, but nothing goes wrong.
    pub fn read(bytes: &[u8]) -> Ancillary {
        let mut ancillary = Ancillary::default();
        for control in Controls::new(bytes) {
            match (control.level, control.kind) {
                (libc::SOL_SOCKET, kind) if Some(kind) == CREDENTIALS => {
                    ancillary.credentials = credentials(control.data).or(ancillary.credentials);
                }
                _ => names::read(control, &mut ancillary.facts),
            }
        }
        ancillary
    }

    /// Where the message arrived.
    pub fn local_address(&self) -> Option<LocalAddress> {
        self.facts.local
    }

    /// The mark in its header.
    pub fn ecn(&self) -> Option<Ecn> {
        self.facts.class.and_then(Ecn::from_class)
    }

    /// How many hops it had left.
    pub fn ttl(&self) -> Option<u8> {
        self.facts.ttl
    }

    /// When the kernel took it from the network.
    pub fn timestamp(&self) -> Option<SystemTime> {
        self.facts.timestamp
    }

    /// The length of each datagram but the last, if several were joined.
    pub fn segment_size(&self) -> Option<usize> {
        self.facts.segment_size
    }

    /// The process, the user and the group of its sender.
    pub fn credentials(&self) -> Option<(u32, u32, u32)> {
        self.credentials
    }
}

/// That of a `struct ucred`.
fn credentials(data: &[u8]) -> Option<(u32, u32, u32)> {
    let [pid, uid, gid] = [0, 4, 8].map(|at| bytes_at(data, at).map(u32::from_ne_bytes));
    Some((pid?, uid?, gid?))
}

/// Each control message: its level, its type and its data.
pub fn messages(bytes: &[u8]) -> impl Iterator<Item = (i32, i32, &[u8])> {
    Controls::new(bytes).map(|Control { level, kind, data }| (level, kind, data))
}

/// Takes the descriptors that a peer has passed, and closes those that nobody asked for. Where no
/// flag of the receive has marked them, they are marked as closed on exec here.
///
/// # Safety
///
/// The bytes are those that the kernel wrote for a message that was received, and it is the first
/// time that descriptors are taken from them.
#[allow(unsafe_code, reason = "a promise that is asked for; the descriptors get their owners below")]
pub unsafe fn take_descriptors(bytes: &[u8], fds: &mut Vec<OwnedFd>) {
    let first = fds.len();
    passing::take(bytes, usize::MAX, fds);
    if RECEIVE_FLAGS == 0 {
        for fd in &fds[first..] {
            // It fails for no descriptor that is open.
            let _ = rustix::io::fcntl_setfd(fd, FdFlags::CLOEXEC);
        }
    }
}

/// Adds the message that asks for datagrams of `size` bytes each.
pub fn add_segment_size(bytes: &mut Vec<u8>, size: u16) {
    let mut control = OutControl::EMPTY;
    names::write_segment_size(&mut control, size);
    bytes.extend_from_slice(control.messages());
}

/// Adds the messages that ask for a mark, in the headers of both families: a socket passes over
/// that which is not its own.
pub fn add_ecn(bytes: &mut Vec<u8>, ecn: Ecn) {
    let mut control = OutControl::EMPTY;
    // Linux has them for both families. Other kernels would have to know which it is.
    let _ = names::write_ecn(&mut control, ecn, None);
    bytes.extend_from_slice(control.messages());
}

/// Adds the message that asks for an address to be sent from.
pub fn add_source(bytes: &mut Vec<u8>, source: IpAddr) {
    let mut control = OutControl::EMPTY;
    names::write_source(&mut control, source);
    bytes.extend_from_slice(control.messages());
}

/// Adds the message that tells who sends, where a receiver is told so: the numbers of the process,
/// the user and the group.
pub fn add_credentials(bytes: &mut Vec<u8>, ids: &[u8]) {
    if let Some(kind) = CREDENTIALS {
        control::append(bytes, libc::SOL_SOCKET, kind, ids);
    }
}

/// Adds a message of any kind.
pub fn add_message(bytes: &mut Vec<u8>, level: i32, kind: i32, data: &[u8]) {
    control::append(bytes, level, kind, data);
}

/// How many bytes a control message with so many bytes of data takes.
pub const fn space(bytes: usize) -> usize {
    control::space(bytes)
}

/// The flags of recvmsg(2) that have descriptors closed on exec, where there is one.
pub const RECEIVE_FLAGS: i32 = passing::FLAGS;

/// The most descriptors that one message passes.
pub const DESCRIPTORS_MAX: usize = passing::FDS_MAX;

#[cfg(all(test, target_os = "linux", not(ferrio_loom)))]
mod tests {
    use super::{Ancillary, add_ecn, add_message, add_segment_size, add_source, messages};
    use crate::sys::datagram::Ecn;
    use crate::sys::messages::fuzz;

    #[test]
    fn what_is_asked_for_is_read_as_what_is_told() {
        let mut bytes = Vec::new();
        add_ecn(&mut bytes, Ecn::Ce);
        add_source(&mut bytes, "::1".parse().unwrap());
        add_segment_size(&mut bytes, 1200);
        let ids = [7_u32, 8, 9].map(u32::to_ne_bytes).concat();
        add_message(&mut bytes, libc::SOL_SOCKET, libc::SCM_CREDENTIALS, &ids);
        let ancillary = Ancillary::read(&bytes);
        assert_eq!((ancillary.ecn(), ancillary.credentials()), (Some(Ecn::Ce), Some((7, 8, 9))));
        assert_eq!(ancillary.local_address().map(|local| local.address()), "::1".parse().ok());
        // The size is asked for and told by two messages.
        assert_eq!((ancillary.ttl(), ancillary.segment_size()), (None, None));
        let size = 1200_u16.to_ne_bytes();
        let sizes = messages(&bytes).filter(|(level, _, data)| *level == libc::IPPROTO_UDP && *data == size);
        assert_eq!((sizes.count(), messages(&bytes).count()), (1, 5));
    }

    #[test]
    fn fuzz_the_reader_of_credentials() {
        let mut bytes = Vec::new();
        add_message(&mut bytes, libc::SOL_SOCKET, libc::SCM_CREDENTIALS, &[1; 12]);
        let mut seen = 0;
        fuzz::inputs(&[&bytes], |bytes| seen += usize::from(Ancillary::read(bytes).credentials().is_some()));
        assert!(seen > 0, "no input has credentials");
    }
}
