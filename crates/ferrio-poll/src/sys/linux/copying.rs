//! Bytes that are moved inside the kernel: splice(2), sendfile(2).

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::retry_on_intr;
use rustix::pipe::SpliceFlags;

/// They are there.
pub(crate) fn check() -> io::Result<()> {
    Ok(())
}

/// How many bytes a pipe holds, after it was asked to hold `wanted`.
pub(crate) fn pipe_capacity(pipe: BorrowedFd<'_>, wanted: Option<usize>) -> io::Result<usize> {
    if let Some(wanted) = wanted {
        rustix::pipe::fcntl_setpipe_size(pipe, wanted.max(1))?;
    }
    Ok(rustix::pipe::fcntl_getpipe_size(pipe)?)
}

/// Moves at most `len` bytes from one to the other, of which one is a pipe.
pub(crate) fn splice(from: &impl AsFd, to: &impl AsFd, len: usize) -> io::Result<usize> {
    let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
    Ok(retry_on_intr(|| rustix::pipe::splice(from, None, to, None, len, flags))?)
}

/// Sends at most `len` bytes of `file` from `offset` on, which is moved on.
pub(crate) fn send_file(
    socket: &impl AsFd,
    file: &impl AsFd,
    offset: &mut u64,
    len: usize,
) -> io::Result<usize> {
    Ok(retry_on_intr(|| rustix::fs::sendfile(socket, file, Some(&mut *offset), len))?)
}
