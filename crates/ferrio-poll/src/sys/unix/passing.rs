//! Descriptors that are passed over Unix sockets, by sendmsg(2) and recvmsg(2).
//!
//! The kernel puts a descriptor into this process by the receive that gives its number, so each
//! number has an owner before anything else is done. recvmsg(2) is called directly: a reader
//! that skips messages which it does not know would leave their descriptors open.
#![allow(
    unsafe_code,
    reason = "recvmsg(2) with a raw buffer, and ownership of the descriptors that it gives"
)]

use std::io::{self, IoSlice};
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use crate::error::unix as error;
use crate::sys::messages::control::{self, Controls};
use crate::sys::system::calls::{RECORDS_ARE_WHOLE, TAKES_DESCRIPTOR};
use crate::sys::unix::made::{CONTROL_BYTES, SEND, TAKE};

/// What a receive gave beside descriptors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) len: usize,
    /// The rest of the record is lost.
    pub(crate) is_truncated: bool,
    /// The next receive begins another record.
    pub(crate) is_end: bool,
}

/// Memory for the control messages that come with a number of descriptors.
#[derive(Debug)]
pub(crate) struct Memory {
    /// A little more than is used, so that a part of it is aligned as the kernel wants it.
    bytes: Box<[u8]>,
    /// How many descriptors there is room for.
    room: usize,
}

impl Memory {
    pub(crate) fn new(room: usize) -> Memory {
        Memory { bytes: vec![0; length(room) + control::ALIGNMENT].into(), room }
    }

    /// The aligned part.
    fn aligned(&mut self) -> &mut [u8] {
        let start = self.bytes.as_ptr().align_offset(control::ALIGNMENT);
        &mut self.bytes[start..start + length(self.room)]
    }
}

/// How many bytes of control messages a kernel is given for so many descriptors.
fn length(room: usize) -> usize {
    // Without the padding after the descriptors, which the kernel would fill with another one.
    CONTROL_BYTES + BESIDE + control::len(room * size_of::<i32>())
}

/// Sends `buf` with duplicates of `fds`. With `is_record` it is a record of its own.
pub(crate) fn send(
    socket: &impl AsFd,
    buf: &[u8],
    fds: &[BorrowedFd<'_>],
    is_record: bool,
) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FDS_MAX))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if fds.len() > FDS_MAX {
        return Err(error::too_many_descriptors(fds.len()));
    }
    // The kernel would pass a message with no descriptors as it is.
    if !fds.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(fds));
    }
    let flags = if is_record { SEND | SendFlags::EOR } else { SEND };
    Ok(sendmsg(socket, &[IoSlice::new(buf)], &mut control, flags)?)
}

/// Receives into `buf`, and the descriptors that come with it into `fds`, which has room for as
/// many as `memory`. If more came, or not all of them could be opened here, those that were are
/// closed and that is the error.
#[allow(clippy::unnecessary_cast, reason = "the type of the length depends on the C library")]
pub(crate) fn receive(
    socket: &impl AsFd,
    buf: &mut [u8],
    memory: &mut Memory,
    fds: &mut Vec<OwnedFd>,
) -> io::Result<Taken> {
    let room = memory.room;
    let space = memory.aligned();
    let mut slice = libc::iovec { iov_base: buf.as_mut_ptr().cast(), iov_len: buf.len() };
    // SAFETY: a `msghdr` is made of integers and pointers, which may all be zero.
    let mut message: libc::msghdr = unsafe { mem::zeroed() };
    message.msg_iov = &raw mut slice;
    message.msg_iovlen = 1;
    message.msg_control = space.as_mut_ptr().cast();
    message.msg_controllen = space.len() as _;
    // SAFETY: `message` points to one slice, which is `buf`, and to `space`, both with their
    // lengths, and both are borrowed mutably until the call has returned.
    let len = unsafe { libc::recvmsg(socket.as_fd().as_raw_fd(), &raw mut message, TAKE) };
    let len = usize::try_from(len).map_err(|_| refusal(io::Error::last_os_error(), room))?;
    let filled = (message.msg_controllen as usize).min(space.len());
    let came = take(&space[..filled], room, fds);
    if came > room || message.msg_flags & libc::MSG_CTRUNC != 0 {
        fds.clear();
        // A kernel that stops although there is room for one more can open no more.
        let has_room = came < room && space.len() - filled >= control::len(size_of::<i32>());
        return Err(if has_room { error::descriptors_unopened(room) } else { error::descriptors_cut(room) });
    }
    if TAKE == 0 {
        for fd in &*fds {
            rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC)?;
        }
    }
    Ok(Taken {
        len,
        is_truncated: message.msg_flags & libc::MSG_TRUNC != 0,
        is_end: RECORDS_ARE_WHOLE || message.msg_flags & libc::MSG_EOR != 0,
    })
}

/// Takes each descriptor in the messages that the kernel wrote, and says how many a peer has
/// passed. Those beyond `room`, and those that nobody asked for, are closed.
pub(crate) fn take(messages: &[u8], room: usize, fds: &mut Vec<OwnedFd>) -> usize {
    let mut came = 0;
    for (raw, is_passed) in descriptors(messages) {
        // SAFETY: the kernel has just opened this descriptor for the receiver of the message,
        // which this is, and nobody else has seen its number.
        let fd = unsafe { OwnedFd::from_raw_fd(raw) };
        came += usize::from(is_passed);
        if is_passed && fds.len() < room {
            fds.push(fd);
        }
    }
    came
}

/// The descriptors in the messages that the kernel wrote, of which the last may be cut; true for
/// those that a peer has passed.
fn descriptors(messages: &[u8]) -> impl Iterator<Item = (RawFd, bool)> {
    Controls::clipped(messages).flat_map(|control| {
        let name = (control.level, control.kind);
        let is_passed = name == (libc::SOL_SOCKET, libc::SCM_RIGHTS);
        let brings = is_passed || TAKES_DESCRIPTOR.contains(&name);
        // A number below zero is an error in the place of a descriptor.
        control.ints().filter(move |raw| brings && *raw >= 0).map(move |raw| (raw, is_passed))
    })
}

/// The answer to a receive that the kernel refused. The BSDs and Apple's systems lose a message
/// whose descriptors cannot all be opened, and say so by a code that means nothing else here.
fn refusal(error: io::Error, room: usize) -> io::Error {
    match error.raw_os_error() {
        Some(libc::EMSGSIZE) => error::descriptors_unopened(room),
        _ => error,
    }
}

/// The flags of a receive.
pub(crate) const FLAGS: i32 = TAKE;

/// The most descriptors that Linux passes by one message: `SCM_MAX_FD`.
pub(crate) const FDS_MAX: usize = 253;

/// Room for what may come before the descriptors if an option of the socket asks for it: the
/// credentials of the sender, and a descriptor for its process.
const BESIDE: usize = control::space(3 * size_of::<u32>()) + control::space(size_of::<i32>());

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;
    use crate::sys::messages::control::ControlBuffer;
    use crate::sys::messages::fuzz;

    /// The bytes of one message.
    fn message(level: i32, kind: i32, data: &[u8]) -> Vec<u8> {
        let mut buffer = ControlBuffer::<128>::EMPTY;
        buffer.push(level, kind, data);
        buffer.messages().to_vec()
    }

    fn numbers(numbers: &[i32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
    }

    #[test]
    fn descriptors_are_those_that_were_passed_and_that_the_kernel_adds() {
        let rights = message(libc::SOL_SOCKET, libc::SCM_RIGHTS, &numbers(&[5, 6, 7]));
        let other = message(libc::SOL_SOCKET, libc::SCM_RIGHTS + 100, &numbers(&[9]));
        let all = [&other[..], &rights].concat();
        let passed = |bytes: &[u8]| descriptors(bytes).collect::<Vec<_>>();
        assert_eq!(passed(&all), [(5, true), (6, true), (7, true)]);
        // What a cut has left has to be closed, and a part of a number is none.
        assert_eq!(passed(&rights[..control::len(2 * 4)]), [(5, true), (6, true)]);
        assert_eq!(passed(&rights[..control::len(2 * 4) - 1]), [(5, true)]);
        let failed = message(libc::SOL_SOCKET, libc::SCM_RIGHTS, &numbers(&[-1, 8]));
        assert_eq!(passed(&failed), [(8, true)]);
        for &(level, kind) in TAKES_DESCRIPTOR {
            assert_eq!(passed(&message(level, kind, &numbers(&[4]))), [(4, false)]);
        }
    }

    #[test]
    fn fuzz_the_reader_of_descriptors() {
        let mut valid = vec![
            message(libc::SOL_SOCKET, libc::SCM_RIGHTS, &numbers(&[5, 6, 7])),
            message(libc::SOL_SOCKET, libc::SCM_RIGHTS + 100, &[1; 12]),
        ];
        valid.extend(TAKES_DESCRIPTOR.iter().map(|&(level, kind)| message(level, kind, &numbers(&[4]))));
        let valid: Vec<&[u8]> = valid.iter().map(Vec::as_slice).collect();
        let mut seen = 0;
        fuzz::inputs(&valid, |bytes| {
            let mut count = 0;
            for (raw, _) in descriptors(bytes) {
                assert!(raw >= 0, "an error in the place of a descriptor");
                count += 1;
            }
            assert!(count <= bytes.len() / size_of::<i32>(), "more descriptors than bytes");
            seen += count;
        });
        assert!(seen > 0, "no input has a descriptor");
    }
}
