//! Control data for whoever calls recvmsg(2) and sendmsg(2) by another way than the sockets of this
//! crate: read and written as they do it.

use std::os::fd::OwnedFd;

use rustix::io::FdFlags;

use crate::sys::datagram::Ecn;
use crate::sys::messages::control::{self, Control, OutControl, bytes_at};
use crate::sys::system::calls::CREDENTIALS;
use crate::sys::system::datagram_names as names;
use crate::sys::unix::passing;

/// The process, the user and the group of the sender, if that is what `control` says.
pub(crate) fn credentials(control: Control<'_>) -> Option<(u32, u32, u32)> {
    let is_it = control.level == libc::SOL_SOCKET && Some(control.kind) == CREDENTIALS;
    is_it.then(|| ids(control.data)).flatten()
}

/// Asks for a mark in the headers of both families.
pub(crate) fn write_ecn(control: &mut OutControl, ecn: Ecn) {
    // Linux has them for both families. Other kernels would have to know which it is.
    let _ = names::write_ecn(control, ecn, None);
}

/// That of a `struct ucred`.
fn ids(data: &[u8]) -> Option<(u32, u32, u32)> {
    let [pid, uid, gid] = [0, 4, 8].map(|at| bytes_at(data, at).map(u32::from_ne_bytes));
    Some((pid?, uid?, gid?))
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

/// Adds the message that tells who sends, where a receiver is told so: the numbers of the process,
/// the user and the group.
pub fn add_credentials(bytes: &mut Vec<u8>, ids: &[u8]) {
    if let Some(kind) = CREDENTIALS {
        control::append(bytes, libc::SOL_SOCKET, kind, ids);
    }
}

/// The flags of recvmsg(2) that have descriptors closed on exec, where there is one.
pub const RECEIVE_FLAGS: i32 = passing::FLAGS;

/// The most descriptors that one message passes.
pub const DESCRIPTORS_MAX: usize = passing::FDS_MAX;

#[cfg(all(test, target_os = "linux", not(ferrio_loom)))]
mod tests {
    use crate::sys::datagram::Ecn;
    use crate::sys::messages::ancillary::{
        Ancillary, add_ecn, add_message, add_segment_size, add_source, messages,
    };
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
