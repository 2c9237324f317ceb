//! Pipes for one test.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

use crate::harness::{PATIENCE, Way};

/// A pipe: the end to read, and the end to write.
pub(crate) fn pipe() -> (File, File) {
    let (writer, reader) = ferrio_poll::unix::pipe::new().unwrap();
    let (reader, writer) = (OwnedFd::from(reader), OwnedFd::from(writer));
    for end in [&reader, &writer] {
        rustix::io::ioctl_fionbio(end, false).unwrap();
    }
    (reader.into(), writer.into())
}

/// Sees that nobody has the other end of a pipe that does not block. A child of another test may have
/// it for a moment, until it runs its program.
pub(crate) fn expect_end(mut reader: &File, way: Way) {
    let start = Instant::now();
    loop {
        match reader.read(&mut [0; 8]) {
            Ok(count) => return assert_eq!(count, 0, "{way}: no end, but data"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        assert!(start.elapsed() < PATIENCE, "{way}: the other end is open");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Sees that nobody has the reading end of a pipe, also no child of another test.
pub(crate) fn expect_no_reader(writer: BorrowedFd<'_>) {
    let patience = PATIENCE.try_into().unwrap();
    let mut fds = [PollFd::from_borrowed_fd(writer, PollFlags::empty())];
    assert_eq!(poll(&mut fds, Some(&patience)).unwrap(), 1, "somebody reads still");
}
