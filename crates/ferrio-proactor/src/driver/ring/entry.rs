//! A request as an entry of the ring.

use std::os::fd::RawFd;

use io_uring::squeue::{self, Entry};
use io_uring::{opcode, types};

use crate::op::perform::{Code, Shape};
use crate::op::request::{Request, SEND_MAX};

/// What an entry needs to know beside its request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    pub(super) fd: RawFd,
    pub(super) shape: Shape,
    /// A receive into the pool that is submitted again after each piece of data. Of a Unix socket
    /// whose end comes before its data was received, Linux 6.18 does not tell a receive that
    /// completes many times: after the last data it waits for news, and none comes.
    pub(super) is_single: bool,
    /// The group of the pool's buffers.
    pub(super) group: u16,
    /// How many bytes a read or write of a file moves at most.
    pub(super) file_bytes: u32,
    pub(super) user_data: u64,
}

/// The entry of `request`.
pub(super) fn entry(request: Request, context: Context) -> Entry {
    let fd = types::Fd(context.fd);
    let entry = match request {
        Request::Accept if context.shape == Shape::AcceptMany => {
            opcode::AcceptMulti::new(fd).flags(libc::SOCK_CLOEXEC).build()
        }
        Request::Accept => {
            let (address, len) = (std::ptr::null_mut(), std::ptr::null_mut());
            opcode::Accept::new(fd, address, len).flags(libc::SOCK_CLOEXEC).build()
        }
        Request::Connect { address } => {
            // SAFETY: the address is that of the operation, which is under way.
            let address = unsafe { &*address };
            opcode::Connect::new(fd, address.as_ptr().cast(), address.len()).build()
        }
        Request::RecvPooled if context.is_single => {
            // As long as the buffer that the kernel chooses.
            let recv = opcode::Recv::new(fd, std::ptr::null_mut(), 0).buf_group(context.group);
            recv.build().flags(squeue::Flags::BUFFER_SELECT)
        }
        Request::RecvPooled => opcode::RecvMulti::new(fd, context.group).build(),
        Request::RecvMsgPooled { message } => opcode::RecvMsgMulti::new(fd, message.cast(), context.group)
            .flags(libc::MSG_CMSG_CLOEXEC as u32)
            .build(),
        Request::Recv { into, len, flags } => {
            opcode::Recv::new(fd, into, len.min(SEND_MAX) as u32).flags(flags).build()
        }
        Request::RecvMsg { message, flags } => {
            opcode::RecvMsg::new(fd, message.cast()).flags(flags as u32).build()
        }
        Request::Send { from, len, flags } => {
            opcode::Send::new(fd, from, len.min(SEND_MAX) as u32).flags(flags | WHOLE).build()
        }
        Request::SendMsg { message, flags, .. } => {
            opcode::SendMsg::new(fd, message.cast()).flags((flags | WHOLE) as u32).build()
        }
        Request::SendZc { from, len, flags } => {
            opcode::SendZc::new(fd, from, len.min(SEND_MAX) as u32).flags(flags | WHOLE).build()
        }
        Request::Read { into, len, offset } => {
            opcode::Read::new(fd, into, file_len(len, context)).offset(offset).build()
        }
        Request::Write { from, len, offset } => {
            opcode::Write::new(fd, from, file_len(len, context)).offset(offset).build()
        }
        Request::Fsync { data_only } => {
            let flags = if data_only { types::FsyncFlags::DATASYNC } else { types::FsyncFlags::empty() };
            opcode::Fsync::new(fd).flags(flags).build()
        }
        Request::Open { path, flags, mode } => opcode::OpenAt::new(types::Fd(libc::AT_FDCWD), path)
            .flags(flags | libc::O_CLOEXEC)
            .mode(mode)
            .build(),
        Request::Statx { path, into } => {
            let folder = types::Fd(libc::AT_FDCWD);
            opcode::Statx::new(folder, path, into.cast()).mask(libc::STATX_BASIC_STATS).build()
        }
        Request::Splice { from, from_offset, to_offset, len, flags } => {
            let len = len.min(SEND_MAX) as u32;
            let splice = opcode::Splice::new(types::Fd(from), from_offset, fd, to_offset, len);
            splice.flags(flags).build()
        }
        Request::PollFd { events } => {
            // A wake for urgent data has both bits, and the kernel looks at the second only.
            let also = if is_urgent(request) { libc::POLLRDBAND as u32 } else { 0 };
            opcode::PollAdd::new(fd, events | also).build()
        }
        Request::Shutdown { .. } | Request::Timeout { .. } => unreachable!("the ring does no {request:?}"),
    };
    entry.user_data(context.user_data)
}

/// Whether it waits for urgent data. The ring tells of it also when other data has come.
pub(super) fn is_urgent(request: Request) -> bool {
    matches!(request, Request::PollFd { events } if events & libc::POLLPRI as u32 != 0)
}

/// All of it or an error, and no signal.
const WHOLE: i32 = libc::MSG_NOSIGNAL | libc::MSG_WAITALL;

fn file_len(len: usize, context: Context) -> u32 {
    len.min(context.file_bytes as usize) as u32
}

/// Asks for the descriptor of the Poll, once.
pub(super) fn poll_once(fd: RawFd, user_data: u64) -> Entry {
    opcode::PollAdd::new(types::Fd(fd), libc::POLLIN as u32).build().user_data(user_data)
}

/// Cancels the operation whose user data is `target`.
pub(super) fn cancel(target: u64, user_data: u64) -> Entry {
    opcode::AsyncCancel::new(target).build().user_data(user_data)
}

/// Cancels all that is under way.
pub(super) fn cancel_all(user_data: u64) -> Entry {
    opcode::AsyncCancel2::new(types::CancelBuilder::any().all()).build().user_data(user_data)
}

/// The number by which the kernel knows a kind of operation; `None` if it is not one of the ring.
pub(super) fn opcode(code: Code) -> Option<u8> {
    Some(match code {
        Code::Accept | Code::AcceptMany => opcode::Accept::CODE,
        Code::Connect => opcode::Connect::CODE,
        Code::Fsync => opcode::Fsync::CODE,
        Code::Open => opcode::OpenAt::CODE,
        Code::PollFd => opcode::PollAdd::CODE,
        Code::Read => opcode::Read::CODE,
        Code::Recv | Code::RecvMany => opcode::Recv::CODE,
        Code::RecvMsg | Code::RecvMsgMany => opcode::RecvMsg::CODE,
        Code::Send | Code::SendAll => opcode::Send::CODE,
        Code::SendMsg => opcode::SendMsg::CODE,
        Code::SendZc => opcode::SendZc::CODE,
        Code::Splice => opcode::Splice::CODE,
        Code::Statx => opcode::Statx::CODE,
        Code::Write => opcode::Write::CODE,
        Code::Shutdown | Code::Timeout => return None,
    })
}
