//! The descriptor that ends a wait.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::{Errno, read, write};

use crate::sys::system::calls::eventfd;
use crate::sys::unix::pipe;

/// The descriptor that ends a wait: an eventfd, or a pipe where that is denied.
#[derive(Debug)]
pub(crate) enum WakeFd {
    /// A counter; any write makes it readable.
    Eventfd(OwnedFd),
    /// Any byte in it makes the reading end readable.
    Pipe {
        /// Watched by the selector.
        reader: OwnedFd,
        /// Written by wakers.
        writer: OwnedFd,
    },
}

impl WakeFd {
    pub(crate) fn new() -> io::Result<WakeFd> {
        if FORCE_PIPE {
            return WakeFd::new_pipe();
        }
        match eventfd() {
            Ok(fd) => Ok(WakeFd::Eventfd(fd)),
            // Other systems do not have the call; sandboxes and enclaves deny it with one of these.
            Err(Errno::NOSYS | Errno::PERM | Errno::ACCESS | Errno::INVAL) => WakeFd::new_pipe(),
            Err(errno) => Err(errno.into()),
        }
    }

    pub(crate) fn new_pipe() -> io::Result<WakeFd> {
        let (reader, writer) = pipe::new()?;
        Ok(WakeFd::Pipe { reader, writer })
    }

    /// The end that becomes readable.
    pub(crate) fn reader(&self) -> BorrowedFd<'_> {
        match self {
            WakeFd::Eventfd(fd) => fd.as_fd(),
            WakeFd::Pipe { reader, .. } => reader.as_fd(),
        }
    }

    /// Makes the reading end readable, and makes an edge of it.
    pub(crate) fn signal(&self) -> io::Result<()> {
        loop {
            let result = match self {
                WakeFd::Eventfd(fd) => write(fd, &1_u64.to_ne_bytes()),
                WakeFd::Pipe { writer, .. } => write(writer, &[1]),
            };
            match (result, self) {
                (Ok(_), _) => return Ok(()),
                (Err(Errno::INTR), _) => {}
                // The counter is full, and a full counter gives no new
                // edge: empty it and write again.
                (Err(Errno::AGAIN), WakeFd::Eventfd(_)) => self.drain(),
                // A full pipe is readable, and will be emptied before the poller
                // looks at what woke it.
                (Err(Errno::AGAIN), WakeFd::Pipe { .. }) => return Ok(()),
                (Err(errno), _) => return Err(errno.into()),
            }
        }
    }

    /// Makes the reading end unreadable.
    pub(crate) fn drain(&self) {
        let mut buffer = [0; 256];
        loop {
            match read(self.reader(), &mut buffer[..]) {
                // A full buffer may not have been all. A counter is 8 bytes.
                Ok(count) if count == buffer.len() => {}
                Err(Errno::INTR) => {}
                _ => return,
            }
        }
    }
}

/// True if the build asks for the pipe.
pub(crate) const FORCE_PIPE: bool = cfg!(any(ferrio_force_waker_pipe, mio_unsupported_force_waker_pipe));

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, poll};

    use super::*;

    fn is_readable(wake: &WakeFd) -> bool {
        let mut fds = [PollFd::from_borrowed_fd(wake.reader(), PollFlags::IN)];
        poll(&mut fds, Some(&rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap() == 1
    }

    #[test]
    fn each_kind_is_readable_from_signal_to_drain() {
        for wake in [WakeFd::new().unwrap(), WakeFd::new_pipe().unwrap()] {
            assert!(!is_readable(&wake));
            wake.signal().unwrap();
            wake.signal().unwrap();
            assert!(is_readable(&wake));
            wake.drain();
            assert!(!is_readable(&wake), "{wake:?}");
        }
    }

    #[test]
    fn a_full_counter_still_signals() {
        let Ok(fd) = eventfd() else { return };
        write(&fd, &(u64::MAX - 1).to_ne_bytes()).unwrap();
        let wake = WakeFd::Eventfd(fd);
        wake.signal().unwrap();
        assert!(is_readable(&wake));
    }

    #[test]
    fn a_full_pipe_is_signalled_already() {
        let wake = WakeFd::new_pipe().unwrap();
        for _ in 0..70_000 {
            wake.signal().unwrap();
        }
        wake.drain();
        assert!(!is_readable(&wake));
    }
}
