//! One attempt at an operation with one result.
#![allow(unsafe_code, reason = "the addresses of a request are those of an operation under way")]

use socket2::SockAddr;

use crate::driver::direct::{self, code};
use crate::driver::readiness::calls;
use crate::driver::readiness::want::Want;
use crate::op::request::{Request, SEND_MAX, UNPOSITIONED};
use crate::sys::{self, Borrowed, Errno, Header};

/// What came of an attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Attempt {
    /// It is over.
    Done(i32),
    /// It waits for its descriptor.
    Wait(Want),
    /// It waits for its second descriptor.
    WaitOther(Want),
    /// So many bytes are done; the rest waits.
    Partial(u32),
    /// A connect was begun.
    Begun,
    /// No readiness tells when to try again.
    Later,
    /// A thread is to do it.
    Away,
}

/// What an attempt needs to know beside the request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub(super) fd: Borrowed<'a>,
    /// The second descriptor.
    pub(super) other: Option<Borrowed<'a>>,
    /// How much is done already.
    pub(super) done: u32,
    /// Whether it is a connect that was begun.
    pub(super) is_begun: bool,
    pub(super) is_file: bool,
    pub(super) file_bytes: usize,
}

/// Tries `request`, whose operation is under way, once.
pub(super) fn attempt(request: Request, context: Context<'_>) -> Attempt {
    let Context { fd, done, is_file, file_bytes, .. } = context;
    match request {
        Request::Recv { into, len, .. } => {
            // SAFETY: the memory is that of an operation under way.
            waiting(unsafe { calls::receive(fd, into, len.min(SEND_MAX)) }, Want::READ)
        }
        Request::RecvMsg { message, flags } => {
            // SAFETY: the memory is that of an operation under way.
            waiting(unsafe { sys::receive_message(fd, message, flags) }, Want::READ)
        }
        Request::Send { from, len, .. } | Request::SendZc { from, len, .. } => {
            let len = len.min(SEND_MAX);
            let (from, left) = (from.wrapping_add(done as usize), len - done as usize);
            // SAFETY: the memory is that of an operation under way, less what was sent.
            sent(unsafe { calls::send(fd, from, left) }, done, len)
        }
        Request::SendMsg { message, len, .. } => send_message(fd, message, len, done),
        Request::Connect { .. } if context.is_begun => connected(fd),
        Request::Connect { address } => {
            // SAFETY: the address is that of an operation under way.
            connect(fd, unsafe { &*address })
        }
        Request::Read { into, len, offset } => {
            // SAFETY: the memory is that of an operation under way.
            of_file(
                unsafe { calls::read_now(fd, into, len.min(file_bytes), offset, is_file) },
                is_file,
                Want::READ,
            )
        }
        Request::Write { from, len, offset } => {
            // SAFETY: the memory is that of an operation under way.
            of_file(
                unsafe { calls::write_now(fd, from, len.min(file_bytes), offset, is_file) },
                is_file,
                Want::WRITE,
            )
        }
        Request::Splice { from_offset, to_offset, len, .. } => splice(context, from_offset, to_offset, len),
        Request::PollFd { events } => poll_fd(fd, events),
        Request::Fsync { .. } | Request::Open { .. } | Request::Statx { .. } => Attempt::Away,
        other => Attempt::Done(direct::attempt(other, fd).unwrap_or(sys::failure(Errno::OPNOTSUPP))),
    }
}

/// A result, or a wait if it would have blocked.
fn waiting(result: Result<u32, Errno>, want: Want) -> Attempt {
    match result {
        Err(Errno::AGAIN) => Attempt::Wait(want),
        Err(Errno::INTR) => Attempt::Later,
        result => Attempt::Done(code(result)),
    }
}

/// The result of a send of what was left of `len` bytes after `done`.
fn sent(result: Result<u32, Errno>, done: u32, len: usize) -> Attempt {
    match result {
        Ok(count) if ((done + count) as usize) < len => Attempt::Partial(done + count),
        Ok(count) => Attempt::Done((done + count) as i32),
        Err(Errno::AGAIN) => Attempt::Wait(Want::WRITE),
        Err(Errno::INTR) => Attempt::Later,
        // The error comes again with the next; what was sent is not taken back.
        Err(_) if done > 0 => Attempt::Done(done as i32),
        Err(errno) => Attempt::Done(code(Err(errno))),
    }
}

fn of_file(result: Result<u32, Errno>, is_file: bool, want: Want) -> Attempt {
    match result {
        // It is not cached, or the file system or the kernel cannot tell.
        Err(Errno::AGAIN | Errno::OPNOTSUPP | Errno::NOSYS) if is_file => Attempt::Away,
        result => waiting(result, want),
    }
}

/// Sends what is left of a message. A datagram is never sent in part.
fn send_message(fd: Borrowed<'_>, message: *const Header, len: usize, done: u32) -> Attempt {
    if done == 0 {
        // SAFETY: the memory is that of an operation under way.
        return sent(unsafe { sys::send_message(fd, message) }, done, len);
    }
    // SAFETY: the header is that of an operation under way, which nobody else uses meanwhile.
    let header = unsafe { &*message };
    // SAFETY: its slices are those of the same operation.
    let slices = unsafe { header.slices() };
    // The control data went with the first bytes.
    let mut before = done as usize;
    let slice = slices.iter().find(|slice| {
        let is_rest = before < slice.len();
        before -= if is_rest { 0 } else { slice.len() };
        is_rest
    });
    let Some(slice) = slice else { return Attempt::Done(done as i32) };
    let from = slice.at().wrapping_add(before);
    // SAFETY: the memory is that of an operation under way, less what was sent.
    sent(unsafe { calls::send(fd, from, slice.len() - before) }, done, len)
}

fn connect(fd: Borrowed<'_>, address: &SockAddr) -> Attempt {
    match sys::connect(fd, address) {
        Ok(()) => Attempt::Done(0),
        Err(Errno::INPROGRESS) => Attempt::Begun,
        // The backlog of a Unix socket is full, and nothing tells when there is room.
        Err(Errno::AGAIN) => Attempt::Later,
        Err(errno) => Attempt::Done(code(Err(errno))),
    }
}

/// The result of a connect that was begun.
fn connected(fd: Borrowed<'_>) -> Attempt {
    match sys::is_connected(fd) {
        Ok(true) => Attempt::Done(0),
        Ok(false) => Attempt::Wait(Want::WRITE),
        Err(errno) => Attempt::Done(code(Err(errno))),
    }
}

fn splice(context: Context<'_>, from_offset: i64, to_offset: i64, len: usize) -> Attempt {
    let Context { fd: to, other, .. } = context;
    let from = other.expect("a splice has two descriptors");
    let offset = |offset: i64| (offset != UNPOSITIONED).then_some(offset as u64);
    let [readable, ..] = sys::POLL_EVENTS;
    match sys::splice(from, offset(from_offset), to, offset(to_offset), len) {
        Ok(count) => Attempt::Done(count as i32),
        // Either nothing is there or there is no room.
        Err(Errno::AGAIN) if sys::poll_now(from, readable).is_ok_and(|found| found > 0) => {
            Attempt::Wait(Want::WRITE)
        }
        Err(Errno::AGAIN) => Attempt::WaitOther(Want::READ),
        Err(Errno::INTR) => Attempt::Later,
        Err(errno) => Attempt::Done(code(Err(errno))),
    }
}

fn poll_fd(fd: Borrowed<'_>, events: u32) -> Attempt {
    if events == 0 {
        // The hang-up alone, of which this system's poll(2) does not tell.
        return Attempt::Done(sys::failure(Errno::OPNOTSUPP));
    }
    match sys::poll_now(fd, events) {
        Ok(0) => {}
        // Some systems say so for want of memory, which passes.
        Err(Errno::AGAIN | Errno::INTR) => return Attempt::Later,
        found => return Attempt::Done(code(found)),
    }
    let [readable, writable, urgent] = sys::POLL_EVENTS;
    let all = [
        (readable, Want::READ),
        (writable, Want::WRITE),
        (urgent, Want::PRIORITY),
        (sys::read_hangup(), Want::HANGUP),
    ];
    let wanted = all.into_iter().filter(|(event, _)| events & *event != 0);
    // A hang-up is told whatever is asked for.
    Attempt::Wait(wanted.fold(Want::HANGUP, |all, (_, want)| all | want))
}
