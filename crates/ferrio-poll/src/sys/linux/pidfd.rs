//! Exits of child processes, as pidfds report them.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, WaitIdStatus, pidfd_open, waitid};

use crate::error::kernel;

/// The exit of a child process: readable once the child has exited.
#[derive(Debug)]
pub(crate) struct Exit {
    /// Close-on-exec, as every pidfd is.
    pidfd: OwnedFd,
    pid: u32,
}

impl Exit {
    /// Watches the child `pid`.
    pub(crate) fn open(pid: u32) -> io::Result<Exit> {
        let raw = i32::try_from(pid).map_err(|_| kernel::no_process(pid))?;
        let raw = Pid::from_raw(raw).ok_or_else(|| kernel::no_process_id(pid))?;
        let pidfd = match pidfd_open(raw, PidfdFlags::NONBLOCK) {
            // Linux before 5.10 does not know the flag, which matters only to code that uses
            // the descriptor by itself.
            Err(Errno::INVAL) => pidfd_open(raw, PidfdFlags::empty()),
            result => result,
        };
        let pidfd = pidfd.map_err(|errno| refusal(errno, pid))?;
        // Any process can be opened, but only a child says how it exited.
        match wait(pidfd.as_fd(), WaitIdOptions::NOWAIT) {
            Ok(_) | Err(Errno::AGAIN) => Ok(Exit { pidfd, pid }),
            Err(Errno::CHILD) => Err(kernel::not_a_child(pid)),
            // Linux 5.3 opens what it cannot wait for.
            Err(Errno::INVAL) => Err(kernel::no_pidfd(pid)),
            Err(errno) => Err(errno.into()),
        }
    }

    /// The process id of the child.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// How the child exited; it is left to be waited for.
    pub(crate) fn peek(&self) -> io::Result<ExitStatus> {
        wait(self.pidfd.as_fd(), WaitIdOptions::NOWAIT).map_err(|errno| gone(errno, self.pid))
    }

    /// How the child exited; its place is free afterwards.
    pub(crate) fn reap(&self) -> io::Result<ExitStatus> {
        wait(self.pidfd.as_fd(), WaitIdOptions::empty()).map_err(|errno| gone(errno, self.pid))
    }
}

impl AsFd for Exit {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

/// `EAGAIN` while the child runs.
fn wait(pidfd: BorrowedFd<'_>, options: WaitIdOptions) -> Result<ExitStatus, Errno> {
    let options = options | WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    let status = retry_on_intr(|| waitid(WaitId::PidFd(pidfd), options))?;
    status.as_ref().and_then(to_std).ok_or(Errno::AGAIN)
}

/// waitid(2) takes the number apart that wait(2) gives and std wants.
fn to_std(status: &WaitIdStatus) -> Option<ExitStatus> {
    let raw = match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => code << 8,
        (None, Some(signal)) => signal | if status.dumped() { CORE_DUMPED } else { 0 },
        (None, None) => return None,
    };
    Some(ExitStatus::from_raw(raw))
}

/// The bit of wait(2) for a process that left a core file.
const CORE_DUMPED: i32 = 0x80;

/// The answer to an `open` that the kernel refused with `errno`.
fn refusal(errno: Errno, pid: u32) -> io::Error {
    match errno {
        Errno::SRCH => kernel::no_process(pid),
        Errno::INVAL | Errno::NOENT => kernel::no_process_id(pid),
        Errno::NOSYS | Errno::PERM | Errno::ACCESS => kernel::no_pidfd(pid),
        other => other.into(),
    }
}

/// The answer to a wait that the kernel refused with `errno`.
fn gone(errno: Errno, pid: u32) -> io::Error {
    if errno == Errno::CHILD { kernel::child_waited_for(pid) } else { errno.into() }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_or_sandbox_without_pidfds_is_told_from_a_wrong_pid() {
        for errno in [Errno::NOSYS, Errno::PERM] {
            let error = refusal(errno, 4711);
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
            assert!(
                error.to_string().contains("process 4711") && error.to_string().contains("5.4"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_error_without_an_advice_keeps_its_code() {
        assert_eq!(refusal(Errno::MFILE, 1).raw_os_error(), Some(Errno::MFILE.raw_os_error()));
        assert_eq!(gone(Errno::NOMEM, 1).raw_os_error(), Some(Errno::NOMEM.raw_os_error()));
    }
}
