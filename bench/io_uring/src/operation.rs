//! What a completion belongs to, and the entries that are submitted.

use std::os::fd::{AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};

use io_uring::squeue::{Entry, Flags};
use io_uring::{opcode, types};
use rustix::net::{RecvFlags, SendFlags, SocketFlags};

use crate::buffers::GROUP;

/// What was submitted, with the key of its connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    /// Accepts all who come.
    Accept,
    /// Receives all that comes.
    Receive(usize),
    /// Sends some bytes.
    Send(usize),
    /// Closes a descriptor. It completes only if it fails.
    Close,
}

/// How far up the kind of an operation stands, above the key.
const KIND: u32 = 32;

impl Operation {
    /// What was submitted with `data`.
    pub(crate) fn of(data: u64) -> Self {
        let key = data as u32 as usize;
        match data >> KIND {
            0 => Self::Accept,
            1 => Self::Receive(key),
            2 => Self::Send(key),
            _ => Self::Close,
        }
    }

    fn data(self) -> u64 {
        match self {
            Self::Accept => 0,
            Self::Receive(key) => 1 << KIND | key as u64,
            Self::Send(key) => 2 << KIND | key as u64,
            Self::Close => 3 << KIND,
        }
    }
}

/// Accepts from a listener until it is told to end.
pub(crate) fn accept(listener: BorrowedFd<'_>) -> Entry {
    let flags = SocketFlags::CLOEXEC.bits() as i32;
    let accept = opcode::AcceptMulti::new(types::Fd(listener.as_raw_fd())).flags(flags).build();
    accept.user_data(Operation::Accept.data())
}

/// Receives into the buffers until the stream ends.
pub(crate) fn receive(stream: BorrowedFd<'_>, key: usize) -> Entry {
    let flags = RecvFlags::empty().bits() as i32;
    let receive = opcode::RecvMulti::new(types::Fd(stream.as_raw_fd()), GROUP).flags(flags).build();
    receive.user_data(Operation::Receive(key).data())
}

/// Sends all of `bytes`, which have to stay until it has completed.
pub(crate) fn send(stream: BorrowedFd<'_>, key: usize, bytes: &[u8]) -> Entry {
    // MSG_WAITALL: it completes when all is sent, not when some is.
    let flags = (SendFlags::NOSIGNAL.bits() | RecvFlags::WAITALL.bits()) as i32;
    let send = opcode::Send::new(types::Fd(stream.as_raw_fd()), bytes.as_ptr(), bytes.len() as u32);
    send.flags(flags).build().user_data(Operation::Send(key).data())
}

/// Closes a descriptor with the next submission.
pub(crate) fn close(fd: OwnedFd) -> Entry {
    let close = opcode::Close::new(types::Fd(fd.into_raw_fd())).build();
    close.flags(Flags::SKIP_SUCCESS).user_data(Operation::Close.data())
}

#[cfg(test)]
mod tests {
    use super::Operation;

    #[test]
    fn an_operation_is_what_was_submitted() {
        for operation in [Operation::Accept, Operation::Receive(0), Operation::Send(9999), Operation::Close] {
            assert_eq!(Operation::of(operation.data()), operation);
        }
    }
}
