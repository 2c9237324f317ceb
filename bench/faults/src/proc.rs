//! What the system says of this process, and what it may have.

use std::fs;
use std::io;
use std::process;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How many descriptors are open. The one that reads the list is always among them.
pub(crate) fn descriptors() -> io::Result<u64> {
    Ok(fs::read_dir("/proc/self/fd")?.count() as u64)
}

/// Limits the descriptors of this process, or lets it have what it may.
pub(crate) fn limit(most: Option<u64>) -> io::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = most.or(maximum);
    Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
}

/// How many children there are, running or not waited for yet.
pub(crate) fn offspring() -> io::Result<u64> {
    let mut count = 0;
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        let is_process = entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit());
        if !is_process {
            continue;
        }
        // One that is gone by now is no child of ours: only we could have waited for it.
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        count += u64::from(parent(&stat) == Some(process::id()));
    }
    Ok(count)
}

/// The parent in a `stat`, which stands behind the name in brackets and the state.
fn parent(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}
