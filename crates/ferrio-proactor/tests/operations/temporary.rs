//! Files and pipes for one test.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

use crate::harness::{PATIENCE, Way};

/// A path of its own, which is removed with the value.
#[derive(Debug)]
pub(crate) struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// A path where nothing is.
    pub(crate) fn vacant() -> Temporary {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Temporary { path: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name) }
    }

    /// A file with `bytes` in it, on its device.
    pub(crate) fn file(bytes: &[u8]) -> Temporary {
        let temporary = Temporary::vacant();
        let mut file = File::create_new(&temporary.path).unwrap();
        file.write_all(bytes).unwrap();
        file.sync_all().unwrap();
        temporary
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file to read and write.
    pub(crate) fn open(&self) -> File {
        File::options().read(true).write(true).open(&self.path).unwrap()
    }

    /// The same, out of the cache as far as the system can.
    pub(crate) fn open_cold(&self) -> File {
        let file = self.open();
        #[cfg(target_os = "linux")]
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
        file
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

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

/// Bytes that do not repeat within a page, nor from page to page.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len as u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}
