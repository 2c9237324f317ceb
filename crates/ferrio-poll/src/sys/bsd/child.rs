//! Exits of processes, as a kqueue reports them, and the stops of children.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::process::ExitStatus;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, test_kill_process};

use super::kqueue::kevent::{EV_ADD, EV_ENABLE, EV_RECEIPT, Filter, Kevent, NOTE_EXIT};
use super::kqueue::queue::Queue;
use super::kqueue::wake::Wake;
use super::waiting::{self, WaitId, WaitIdOptions, gone};
use crate::error::kernel;
use crate::sys::job_change::JobChange;

/// The exit of a process: readable once the process has exited.
///
/// It is a kqueue of its own, from which nobody takes the event: so it stays readable, as a
/// pidfd of Linux does, in every mode and for every Poll.
#[derive(Debug)]
pub(crate) struct Exit {
    queue: Queue,
    process: Pid,
    /// What made it readable, if the process had exited before.
    trigger: Option<Wake>,
}

impl Exit {
    /// Watches the child `pid`.
    pub(crate) fn open(pid: u32) -> io::Result<Exit> {
        if pid == 0 {
            return Err(kernel::no_process_id(pid));
        }
        let process = process(pid).ok_or_else(|| kernel::no_process(pid))?;
        // Before it is watched: only a child says how it exited.
        match exit_status(process, WaitIdOptions::NOWAIT) {
            Ok(_) | Err(Errno::AGAIN) => {}
            Err(Errno::CHILD) if test_kill_process(process) == Err(Errno::SRCH) => {
                return Err(kernel::no_process(pid));
            }
            Err(Errno::CHILD) => return Err(kernel::not_a_child(pid)),
            Err(errno) => return Err(errno.into()),
        }
        let mut exit = Exit { queue: Queue::new()?, process, trigger: None };
        let watched = exit.watch();
        // Some kernels do not watch a process that has exited, and some say nothing of it.
        if exit_status(process, WaitIdOptions::NOWAIT).is_ok() {
            exit.trigger()?;
        } else {
            watched?;
        }
        Ok(exit)
    }

    /// Watches the process `pid`, of which only `pid` and `has_exited` may be asked.
    pub(crate) fn open_any(pid: u32) -> io::Result<Exit> {
        if pid == 0 {
            return Err(kernel::not_a_process_id(pid));
        }
        let process = process(pid).ok_or_else(|| kernel::no_such_process(pid))?;
        let mut exit = Exit { queue: Queue::new()?, process, trigger: None };
        match exit.watch() {
            Ok(()) => {}
            // It has exited, and its parent has not waited for it.
            Err(Errno::SRCH) if test_kill_process(process) != Err(Errno::SRCH) => exit.trigger()?,
            Err(Errno::SRCH) => return Err(kernel::no_such_process(pid)),
            Err(Errno::PERM | Errno::ACCESS) => return Err(kernel::no_process_events(pid)),
            Err(errno) => return Err(errno.into()),
        }
        Ok(exit)
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.as_raw_pid() as u32
    }

    /// True once the process has exited, whether or not it was waited for.
    pub(crate) fn has_exited(&self) -> io::Result<bool> {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let mut fds = [PollFd::from_borrowed_fd(self.as_fd(), PollFlags::IN)];
        Ok(retry_on_intr(|| poll(&mut fds, Some(&now)))? > 0)
    }

    /// How the child exited; it is left to be waited for.
    pub(crate) fn peek(&self) -> io::Result<ExitStatus> {
        // The event comes before the child can be waited for, by a moment.
        let options = if self.has_exited()? { WaitIdOptions::empty() } else { WaitIdOptions::NOHANG };
        let status = waiting::exit_status(self.id(), options | WaitIdOptions::NOWAIT);
        status.map_err(|errno| gone(errno, self.pid()))
    }

    /// How the child exited; its place is free afterwards.
    pub(crate) fn reap(&self) -> io::Result<ExitStatus> {
        // Looked at first: on some systems waitid(2) takes what it is not asked for from a child
        // that is traced from here.
        self.peek()?;
        exit_status(self.process, WaitIdOptions::empty()).map_err(|errno| gone(errno, self.pid()))
    }

    /// The last stop of the child, or that it continued, unless that was taken before.
    pub(crate) fn take_job_change(&self) -> io::Result<JobChange> {
        let change = waiting::job_change(self.id(), WaitIdOptions::NOWAIT);
        match change.and_then(|_| waiting::job_change(self.id(), WaitIdOptions::empty())) {
            // A child that has exited neither stops nor continues.
            Err(Errno::CHILD) => Err(self.peek().err().unwrap_or_else(|| Errno::AGAIN.into())),
            result => Ok(result?),
        }
    }

    fn id(&self) -> WaitId<'_> {
        WaitId::Pid(self.process)
    }

    fn watch(&self) -> Result<(), Errno> {
        let change = Kevent::new(self.pid() as usize, Filter::Proc, ADD);
        self.change(Kevent { fflags: NOTE_EXIT, ..change })
    }

    /// Makes it readable.
    fn trigger(&mut self) -> io::Result<()> {
        // Nobody takes the event of this either.
        self.trigger.insert(Wake::new(&self.queue)?).signal(&self.queue)
    }

    fn change(&self, change: Kevent) -> Result<(), Errno> {
        let mut changes = [change];
        let result = self.queue.change(&mut changes);
        result.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::NOTSUP))?;
        match changes[0].error() {
            0 => Ok(()),
            code => Err(Errno::from_raw_os_error(code)),
        }
    }
}

impl AsFd for Exit {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.queue.descriptor()
    }
}

fn process(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

fn exit_status(process: Pid, options: WaitIdOptions) -> Result<ExitStatus, Errno> {
    waiting::exit_status(WaitId::Pid(process), options | WaitIdOptions::NOHANG)
}

const ADD: u16 = EV_ADD | EV_ENABLE | EV_RECEIPT;
