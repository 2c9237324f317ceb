//! Exits of processes, as pidfds report them, and the stops of children.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::ExitStatus;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, pidfd_open};

use super::waiting::{self, gone};
use crate::error::kernel;
use crate::sys::job_change::JobChange;

/// The exit of a process: readable once the process has exited.
#[derive(Debug)]
pub(crate) struct Exit {
    /// Close-on-exec, as every pidfd is.
    pidfd: OwnedFd,
    pid: u32,
}

impl Exit {
    /// Watches the child `pid`.
    pub(crate) fn open(pid: u32) -> io::Result<Exit> {
        let pidfd = open(pid).map_err(|errno| refusal(errno, pid))?;
        // Any process can be opened, but only a child says how it exited.
        match exit_status(pidfd.as_fd(), WaitIdOptions::NOWAIT) {
            Ok(_) | Err(Errno::AGAIN) => Ok(Exit { pidfd, pid }),
            Err(Errno::CHILD) => Err(kernel::not_a_child(pid)),
            // Linux 5.3 opens what it cannot wait for.
            Err(Errno::INVAL) => Err(kernel::no_pidfd(pid)),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Watches the process `pid`, of which only `pid` and `has_exited` may be asked.
    pub(crate) fn open_any(pid: u32) -> io::Result<Exit> {
        match open(pid) {
            Ok(pidfd) => Ok(Exit { pidfd, pid }),
            Err(errno) => Err(refusal_of_any(errno, pid)),
        }
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// True once the process has exited, whether or not it was waited for.
    pub(crate) fn has_exited(&self) -> io::Result<bool> {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let count = retry_on_intr(|| poll(&mut [PollFd::new(&self.pidfd, PollFlags::IN)], Some(&now)))?;
        Ok(count > 0)
    }

    /// How the child exited; it is left to be waited for.
    pub(crate) fn peek(&self) -> io::Result<ExitStatus> {
        exit_status(self.pidfd.as_fd(), WaitIdOptions::NOWAIT).map_err(|errno| gone(errno, self.pid))
    }

    /// How the child exited; its place is free afterwards.
    pub(crate) fn reap(&self) -> io::Result<ExitStatus> {
        // waitid(2) also reports, and takes, the stops of a child that is traced from here,
        // whatever it is asked for. They are the tracer's: only an exit, which is final, is
        // taken.
        self.peek()?;
        exit_status(self.pidfd.as_fd(), WaitIdOptions::empty()).map_err(|errno| gone(errno, self.pid))
    }

    /// The last stop of the child, or that it continued, unless that was taken before.
    pub(crate) fn take_job_change(&self) -> io::Result<JobChange> {
        // As in `reap`: looked at first, so that the stops of a traced child stay its tracer's.
        let change = self.job_change(WaitIdOptions::NOWAIT);
        match change.and_then(|_| self.job_change(WaitIdOptions::empty())) {
            // A child that has exited neither stops nor continues.
            Err(Errno::CHILD) => Err(self.peek().err().unwrap_or_else(|| Errno::AGAIN.into())),
            result => Ok(result?),
        }
    }

    fn job_change(&self, options: WaitIdOptions) -> Result<JobChange, Errno> {
        waiting::job_change(WaitId::PidFd(self.pidfd.as_fd()), options)
    }
}

impl AsFd for Exit {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

/// A pidfd of the process `pid`.
fn open(pid: u32) -> Result<OwnedFd, Errno> {
    let raw = i32::try_from(pid).map_err(|_| Errno::SRCH)?;
    let raw = Pid::from_raw(raw).ok_or(Errno::INVAL)?;
    match pidfd_open(raw, PidfdFlags::NONBLOCK) {
        // Linux before 5.10 does not know the flag, which matters only to code that uses
        // the descriptor by itself.
        Err(Errno::INVAL) => pidfd_open(raw, PidfdFlags::empty()),
        result => result,
    }
}

/// How the child exited; `EAGAIN` while it runs.
fn exit_status(pidfd: BorrowedFd<'_>, options: WaitIdOptions) -> Result<ExitStatus, Errno> {
    waiting::exit_status(WaitId::PidFd(pidfd), options | WaitIdOptions::NOHANG)
}

/// The answer to an `open` that the kernel refused with `errno`.
fn refusal(errno: Errno, pid: u32) -> io::Error {
    match errno {
        Errno::SRCH => kernel::no_process(pid),
        Errno::INVAL | Errno::NOENT => kernel::no_process_id(pid),
        Errno::NOSYS | Errno::PERM | Errno::ACCESS => kernel::no_pidfd(pid),
        other => other.into(),
    }
}

/// The same for a process that need not be a child.
fn refusal_of_any(errno: Errno, pid: u32) -> io::Error {
    match errno {
        Errno::SRCH => kernel::no_such_process(pid),
        Errno::INVAL | Errno::NOENT => kernel::not_a_process_id(pid),
        Errno::NOSYS | Errno::PERM | Errno::ACCESS => kernel::no_process_events(pid),
        other => other.into(),
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_or_sandbox_without_pidfds_is_told_from_a_wrong_pid() {
        for errno in [Errno::NOSYS, Errno::PERM] {
            for (error, version) in [(refusal(errno, 4711), "5.4"), (refusal_of_any(errno, 4711), "5.3")] {
                assert_eq!(error.kind(), io::ErrorKind::Unsupported);
                let text = error.to_string();
                assert!(text.contains("process 4711") && text.contains(version), "{text}");
            }
        }
    }

    #[test]
    fn an_error_without_an_advice_keeps_its_code() {
        assert_eq!(refusal(Errno::MFILE, 1).raw_os_error(), Some(Errno::MFILE.raw_os_error()));
    }
}
