//! The exit of any process.

use std::io;

use crate::source::impls::source_impls;
use crate::source::io_source::IoSource;
use crate::sys::child::Exit;
use crate::sys::handle::object_impls;

/// The exit of any process that this one can see: readable once it has exited.
///
/// For a child use [`ChildExit`](super::ChildExit), which also has the status: the system
/// gives that to the parent alone.
///
/// Register it as readable. It follows the process and not its id, which the system may give
/// to another one after the exit. A second event may come when the parent waits for the
/// process, and says nothing new. The descriptor stays readable for ever: in
/// [`Mode::Level`](crate::Mode::Level) deregister or drop it after the event.
///
/// # Implementation notes
///
/// On Linux a pidfd of Linux 5.3, see pidfd_open(2). It needs no permission but to see the
/// process. On Android making one is `Unsupported`.
///
/// On Windows the handle of the process, which keeps its id from being given to another one.
/// Opening it needs the rights `SYNCHRONIZE` and `PROCESS_QUERY_LIMITED_INFORMATION`.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::process::{Command, Stdio};
/// use ferrio::process::ProcessExit;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// // A shell that tells the id of a process which it started, and which is not our child.
/// let shell = Command::new("sh").args(["-c", "sleep 0.3 >/dev/null 2>&1 & echo $!"]).output()?;
/// let pid = String::from_utf8_lossy(&shell.stdout).trim().parse().unwrap();
///
/// let mut poll = Poll::new()?;
/// let mut exit = ProcessExit::from_pid(pid)?;
/// poll.registry().register(&mut exit, Token(0), Interest::READABLE)?;
/// poll.wait(&mut Events::with_capacity(1), None)?;
/// assert!(exit.has_exited()?);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "pidfd")]
#[derive(Debug)]
pub struct ProcessExit {
    /// What becomes readable.
    inner: IoSource<Exit>,
}

impl ProcessExit {
    /// Watches for the exit of the process with the id `pid`.
    ///
    /// One that has exited and was not waited for yet is reported at once. The id of a process
    /// that was waited for may belong to another one by now: take it from a source that says
    /// that the process still runs, such as a connection to it.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for 0 and for the id of a thread, `NotFound` if there is no such
    /// process, `Unsupported` if the system cannot watch it, and on Windows `PermissionDenied` if
    /// this process may not open it.
    pub fn from_pid(pid: u32) -> io::Result<ProcessExit> {
        Ok(ProcessExit { inner: IoSource::new(Exit::open_any(pid)?) })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.inner.pid()
    }

    /// True once the process has exited.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn has_exited(&self) -> io::Result<bool> {
        self.inner.has_exited()
    }
}

source_impls!(ProcessExit);
object_impls!(ProcessExit);
