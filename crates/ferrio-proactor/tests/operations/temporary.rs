//! Files and pipes for one test.

#[cfg(unix)]
mod pipes;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(unix)]
pub(crate) use crate::temporary::pipes::{expect_end, expect_no_reader, pipe};

/// A path of its own, which is removed with the value.
#[derive(Debug)]
pub(crate) struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// A path where nothing is.
    pub(crate) fn vacant() -> Temporary {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        loop {
            let name = format!("{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            // A process that was killed has left its files, and another may get its number.
            if !path.exists() {
                return Temporary { path };
            }
        }
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

/// Bytes that do not repeat within a page, nor from page to page.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len as u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}
