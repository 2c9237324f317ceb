//! Pipes between threads, or to and from a child process.
//!
//! A sender reports that it is writable and a receiver that it is readable. When a
//! receiver is dropped its sender is told by `is_write_closed`, and the other way
//! round by `is_read_closed`.
//!
//! Writing to a pipe without a reader raises SIGPIPE, which std ignores in every
//! program whose `main` is Rust's; a pipe has no way to write without it.
//!
//! # Examples
//!
//! ```
//! # extern crate ferrio_poll as ferrio;
//! # fn main() -> std::io::Result<()> {
//! use std::io::{Read, Write};
//! use ferrio::unix::pipe;
//! use ferrio::{Events, Interest, Poll, Token};
//!
//! let mut poll = Poll::new()?;
//! let (mut sender, mut receiver) = pipe::new()?;
//! poll.registry().register(&mut receiver, Token(0), Interest::READABLE)?;
//!
//! sender.write_all(b"hello")?;
//! poll.poll(&mut Events::with_capacity(1), None)?;
//! let mut buf = [0; 64];
//! assert_eq!(receiver.read(&mut buf)?, 5);
//! # Ok(())
//! # }
//! ```

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::OwnedFd;
use std::process::{ChildStderr, ChildStdin, ChildStdout};

use crate::source::impls::io_impls;
use crate::source::io_source::IoSource;
use crate::sys;
use crate::sys::socket::BUFFERS_MAX;

/// A new pipe, non-blocking and close-on-exec on both sides.
///
/// # Errors
///
/// What the system says: `EMFILE` if this process has no descriptor left.
///
/// # Implementation notes
///
/// pipe2(2) with `O_NONBLOCK | O_CLOEXEC`.
pub fn new() -> io::Result<(Sender, Receiver)> {
    let (receiver, sender) = sys::pipe::new()?;
    Ok((Sender::from(sender), Receiver::from(receiver)))
}

/// The writing end of a pipe; made by [`new`], or from a child's standard input.
pub struct Sender {
    /// A file, for that is what std reads and writes a bare descriptor by.
    inner: IoSource<File>,
}

/// The reading end of a pipe; made by [`new`], or from a child's standard output or
/// error.
pub struct Receiver {
    /// A file, for that is what std reads and writes a bare descriptor by.
    inner: IoSource<File>,
}

/// Implements what both ends have.
macro_rules! pipe_end {
    ($type:ident) => {
        impl $type {
            /// Makes this end non-blocking or blocking.
            ///
            /// A blocking end stops the whole loop when it has to wait. An end that was a
            /// child's is blocking until this is called.
            ///
            /// # Errors
            ///
            /// What the system says.
            pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
                sys::pipe::set_nonblocking(std::os::fd::AsFd::as_fd(&*self.inner), nonblocking)
            }

            /// Runs an operation of the caller's own on this end; see
            /// [`TcpStream::try_io`](crate::net::TcpStream::try_io).
            ///
            /// # Errors
            ///
            /// Those of the closure.
            pub fn try_io<F, T>(&self, operation: F) -> io::Result<T>
            where
                F: FnOnce() -> io::Result<T>,
            {
                self.inner.do_io(|_| operation())
            }
        }
    };
}

io_impls!(Sender, File);
pipe_end!(Sender);
io_impls!(Receiver, File);
pipe_end!(Receiver);

impl From<ChildStdin> for Sender {
    /// Takes over the pipe to a child, which stays blocking: call
    /// [`set_nonblocking`](Sender::set_nonblocking).
    fn from(stdin: ChildStdin) -> Sender {
        Sender::from(OwnedFd::from(stdin))
    }
}

impl From<ChildStdout> for Receiver {
    /// Takes over the pipe from a child, which stays blocking: call
    /// [`set_nonblocking`](Receiver::set_nonblocking).
    fn from(stdout: ChildStdout) -> Receiver {
        Receiver::from(OwnedFd::from(stdout))
    }
}

impl From<ChildStderr> for Receiver {
    /// Takes over the pipe from a child, which stays blocking: call
    /// [`set_nonblocking`](Receiver::set_nonblocking).
    fn from(stderr: ChildStderr) -> Receiver {
        Receiver::from(OwnedFd::from(stderr))
    }
}

impl Write for Sender {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&*self).write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        (&*self).write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self).flush()
    }
}

impl Write for &Sender {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.inner.write(buf.len(), |mut file| file.write(buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let len = bufs.iter().take(BUFFERS_MAX).map(|buf| buf.len()).sum();
        self.inner.write(len, |mut file| file.write_vectored(bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        // A pipe keeps nothing back.
        Ok(())
    }
}

impl Read for Receiver {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        (&*self).read_vectored(bufs)
    }
}

impl Read for &Receiver {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf.len(), |mut file| file.read(buf))
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let len = bufs.iter().take(BUFFERS_MAX).map(|buf| buf.len()).sum();
        self.inner.read(len, |mut file| file.read_vectored(bufs))
    }
}
