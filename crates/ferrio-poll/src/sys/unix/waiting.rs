//! What there is to tell of a child: waitid(2).

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::io::{Errno, retry_on_intr};
#[cfg(not(any(target_os = "netbsd", target_os = "openbsd")))]
pub(crate) use rustix::process::{WaitId, WaitIdOptions};
#[cfg(not(any(target_os = "netbsd", target_os = "openbsd")))]
use rustix::process::{WaitIdStatus, waitid};

use crate::error::kernel;
use crate::sys::job_change::JobChange;
#[cfg(any(target_os = "netbsd", target_os = "openbsd"))]
pub(crate) use crate::sys::unix::waitid::{WaitId, WaitIdOptions};
#[cfg(any(target_os = "netbsd", target_os = "openbsd"))]
use crate::sys::unix::waitid::{WaitIdStatus, waitid};

/// How the child exited; `EAGAIN` while it runs, unless `options` say to wait.
pub(crate) fn exit_status(id: WaitId<'_>, options: WaitIdOptions) -> Result<ExitStatus, Errno> {
    to_std(&wait(id, options | WaitIdOptions::EXITED)?).ok_or(Errno::AGAIN)
}

/// The last stop of the child, or that it continued; `EAGAIN` if there is nothing to tell.
pub(crate) fn job_change(id: WaitId<'_>, options: WaitIdOptions) -> Result<JobChange, Errno> {
    let changes = WaitIdOptions::STOPPED | WaitIdOptions::CONTINUED | WaitIdOptions::NOHANG;
    let status = wait(id, changes | options)?;
    match status.stopping_signal() {
        Some(signal) => Ok(JobChange::Stopped(signal)),
        None if status.continued() => Ok(JobChange::Continued),
        // It is traced.
        None => Err(Errno::AGAIN),
    }
}

/// The answer to a wait for `pid` that the kernel refused with `errno`.
pub(crate) fn gone(errno: Errno, pid: u32) -> io::Error {
    if errno == Errno::CHILD { kernel::child_waited_for(pid) } else { errno.into() }
}

fn wait(id: WaitId<'_>, options: WaitIdOptions) -> Result<WaitIdStatus, Errno> {
    retry_on_intr(|| waitid(id.clone(), options))?.ok_or(Errno::AGAIN)
}

/// waitid(2) takes the number apart that wait(2) gives and std wants.
fn to_std(status: &WaitIdStatus) -> Option<ExitStatus> {
    let raw = match (status.exit_status(), status.terminating_signal()) {
        // Some systems tell more of the number than the eight bits that wait(2) has.
        (Some(code), _) => (code & 0xff) << 8,
        (None, Some(signal)) => signal | if status.dumped() { CORE_DUMPED } else { 0 },
        (None, None) => return None,
    };
    Some(ExitStatus::from_raw(raw))
}

/// The bit of wait(2) for a process that left a core file.
const CORE_DUMPED: i32 = 0x80;

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_error_without_an_advice_keeps_its_code() {
        assert_eq!(gone(Errno::NOMEM, 1).raw_os_error(), Some(Errno::NOMEM.raw_os_error()));
        assert_eq!(gone(Errno::CHILD, 1).kind(), io::ErrorKind::NotFound);
    }
}
