//! What differs between systems, and which they are.
//!
//! The rest of the crate is the same on every system. A system provides, in this order:
//!
//! Types:
//!
//! - `Owned`, `Borrowed` and `Raw`: a descriptor, with `borrow`, `raw`, `borrow_raw` and `NO_RAW`.
//!   `OwnedSocket`, what accept(2) makes, `OwnedFile`, what open(2) makes, and `Passed`, what may come
//!   with a message.
//! - `Errno`: an error, with the names of rustix; `failure(errno)` and `errno(failure)`, an error as
//!   the result of an operation and back; `errno_of(error)`; `is_of_one_connection(errno)`, which
//!   tells errors of accept(2) that do not concern the next connection.
//! - `Header` and `Slice`: a message; `RECEIVE_FLAGS` for receiving one, `RESULT_FLAGS` for what was
//!   too long, `take_descriptors(control, into)`, and `RIGHTS`, the control message that they come by.
//! - `NativePath`, made by `native_path(path)`, of `PathUnit`s; `TO_READ` and `TO_WRITE`, the flags and
//!   the mode by which a file is opened.
//! - `Status`, what a file is, `status(path, into)`, which asks for it, and of such a status
//!   `size`, `mode`, `modified`, `is_regular` and `is_folder`.
//!
//! What it can do:
//!
//! - `LACKS`: the kinds of operations that it has no call for, by the names of their types, each with
//!   the reason.
//! - `POLL_EVENTS`: the events of poll(2) for reading, writing and urgent data, and `read_hangup()`,
//!   that for a peer that will send no more, or 0.
//!
//! Calls that do not wait:
//!
//! - `adopt(fd)`: what is to be set on a descriptor that is taken over.
//! - `set_non_blocking(fd)`, for calls that have no flag for it.
//! - `accept(fd)`: a connection, which is closed in programs that this one starts, and blocks.
//! - `connect(fd, address)` begins, and `is_connected(fd)` tells what came of it.
//! - `receive`, `send`, `receive_message`, `send_message`, `shutdown`.
//! - `domain(fd)`, `is_datagrams(fd)`, `is_stream(fd)`, `is_at_end(fd)`, `poll_now(fd, events)`.
//! - `is_file(fd)`: whether readiness says nothing of it. `read(fd, into)` and `write(fd, from)` do not
//!   wait if it is none.
//! - `read_cached(fd, into, offset)` and `write_cached(fd, from, offset)`: as much of a file as
//!   needs no wait for its device. `EAGAIN` if nothing does, or nobody can tell.
//! - `splice(from, from_offset, to, to_offset, len)`: moves bytes inside the kernel.
//!
//! Calls that may wait, for threads: `read`, `read_at`, `write` and `write_at` of a file,
//! `sync(fd, data_only)`, `open(path, flags, mode)`, whose result is for `take_opened`, and `status`.
//!
//! For the calls that all Unixes share, each tells `NETLINK`, the family of sockets whose `ENOBUFS` is a
//! message that was lost; `PASSING`, errors of accept(2) of one connection alone that others have not;
//! and `SEND_FLAGS`, by which a send to a peer that is gone raises no signal.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
pub(crate) mod windows;

// The kernel that stands in for others has what they have, and no more.
#[cfg(all(unix, target_os = "linux", not(ferrio_fake_kqueue)))]
#[path = "sys/linux.rs"]
mod system;
#[cfg(all(unix, not(all(target_os = "linux", not(ferrio_fake_kqueue)))))]
#[path = "sys/posix.rs"]
mod system;
// What all Unixes share stands apart from what each has of its own; Windows has both in one.
#[cfg(unix)]
use unix as family;
#[cfg(windows)]
use {windows as family, windows as system};

pub(crate) use family::{
    Borrowed, Errno, Header, NO_RAW, NativePath, Owned, OwnedFile, OwnedSocket, POLL_EVENTS, Passed,
    PathUnit, RECEIVE_FLAGS, RESULT_FLAGS, RIGHTS, Raw, Slice, TO_READ, TO_WRITE, borrow, borrow_raw,
    connect, domain, errno, errno_of, failure, is_at_end, is_connected, is_datagrams, is_file,
    is_of_one_connection, is_stream, native_path, open, poll_now, raw, read, read_at, read_hangup, receive,
    receive_message, send, send_message, set_non_blocking, shutdown, take_descriptors, take_opened, write,
    write_at,
};
pub(crate) use system::{
    LACKS, Status, accept, adopt, is_folder, is_regular, mode, modified, read_cached, size, splice, status,
    sync, write_cached,
};
#[cfg(unix)]
use system::{NETLINK, PASSING, SEND_FLAGS};

/// The domains of sockets that are treated in ways of their own.
#[allow(dead_code, reason = "Windows has others only")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Domain {
    /// Messages of the kernel. A receive fails with `ENOBUFS` if one was lost.
    Netlink,
    /// Any other domain, or no socket.
    Other,
    /// Streams of TCP, whichever addresses they have.
    #[allow(dead_code, reason = "not each system asks")]
    Tcp,
    /// Sockets of this machine.
    Unix,
}

/// The offset that stands for a file's own position.
pub(crate) const CURRENT: u64 = u64::MAX;
