//! The exit of a child process.

use std::io;
use std::process::{Child, ExitStatus};
use std::sync::OnceLock;

use crate::source::impls::source_impls;
use crate::source::io_source::IoSource;
use crate::sys::child::Exit;
use crate::sys::handle::object_impls;
use crate::sys::job_change::JobChange;

/// The exit of a child process: readable once the child has exited.
///
/// It only watches. The [`Child`] stays its owner's, and its `wait` works before and
/// after the event; a program without a `Child` calls [`reap`](ChildExit::reap). No signal
/// takes part and no handler is set, so that any other part of the program may do
/// with SIGCHLD what it likes.
///
/// Register it as readable. A child that exited before is reported at once. A second
/// event may come when the child is waited for, and says nothing new. The descriptor stays
/// readable for ever: in [`Mode::Level`](crate::Mode::Level) deregister or drop it once the
/// status is known. Dropping it does nothing to the child.
///
/// A stop of the child is not an event here. A shell, which has to know of it, collects
/// SIGCHLD and calls [`take_job_change`](ChildExit::take_job_change).
///
/// # Implementation notes
///
/// On Linux a pidfd of Linux 5.4, see pidfd_open(2). On Apple's systems and the BSDs a kqueue of
/// its own with `EVFILT_PROC`. Elsewhere, and on Android, making one is `Unsupported`.
///
/// On Windows the handle of the process. Windows gives the status to whoever may open
/// the process, so that it need not be a child; it has no table of processes that a parent has to clear,
/// so that [`reap`](ChildExit::reap) is the same as [`try_wait`](ChildExit::try_wait), and a
/// status is never gone. It keeps the id of the process from being given to another one, as a
/// [`Child`] does. Nothing stops a process there: [`take_job_change`](ChildExit::take_job_change)
/// always gives `None`.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::process::Command;
/// use ferrio::process::ChildExit;
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut child = Command::new("sh").args(["-c", "exit 7"]).spawn()?;
/// let mut exit = ChildExit::new(&child)?;
/// poll.registry().register(&mut exit, Token(0), Interest::READABLE)?;
///
/// poll.wait(&mut Events::with_capacity(1), None)?;
/// assert_eq!(exit.try_wait()?.and_then(|status| status.code()), Some(7));
/// // The child is still there to be waited for.
/// assert_eq!(child.wait()?.code(), Some(7));
/// # Ok(())
/// # }
/// ```
#[doc(alias = "pidfd")]
#[doc(alias = "ev_child")]
#[doc(alias = "SIGCHLD")]
#[derive(Debug)]
pub struct ChildExit {
    /// What becomes readable.
    inner: IoSource<Exit>,
    /// How the child exited, once that was seen: it can be asked for only until the
    /// child was waited for.
    status: OnceLock<ExitStatus>,
}

impl ChildExit {
    /// Watches for the exit of `child`.
    ///
    /// # Errors
    ///
    /// Those of [`from_pid`](ChildExit::from_pid); `NotFound` if `child` was waited for
    /// already.
    pub fn new(child: &Child) -> io::Result<ChildExit> {
        ChildExit::from_pid(child.id())
    }

    /// Watches for the exit of the child with the process id `pid`.
    ///
    /// Until a child is waited for its id is its own; afterwards it may be given to
    /// another one. So call this before anybody waits for the child.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for 0 and for the id of a thread, `NotFound` if there is no such
    /// process, `PermissionDenied` if it is not a child of this process, `Unsupported` if
    /// the system cannot watch it. On Windows a process that is not a child can be watched, and
    /// `PermissionDenied` says that this process may not open it.
    pub fn from_pid(pid: u32) -> io::Result<ChildExit> {
        Ok(ChildExit { inner: IoSource::new(Exit::open(pid)?), status: OnceLock::new() })
    }

    /// The process id of the child.
    pub fn pid(&self) -> u32 {
        self.inner.pid()
    }

    /// How the child exited; `None` while it runs.
    ///
    /// The child is left to be waited for. Once this has given a status it goes on to
    /// give it, also after that.
    ///
    /// # Errors
    ///
    /// `NotFound` if the child was waited for before its status was seen here.
    pub fn try_wait(&self) -> io::Result<Option<ExitStatus>> {
        match self.status.get() {
            Some(status) => Ok(Some(*status)),
            None => self.keep(self.inner.take(Exit::peek)),
        }
    }

    /// How the child exited, and frees its entry in the table of processes; `None`
    /// while it runs.
    ///
    /// It is for children without a [`Child`]: the `wait` of one fails after this.
    ///
    /// # Errors
    ///
    /// `NotFound` if somebody else waited for the child before its status was seen here.
    ///
    /// # Implementation notes
    ///
    /// On Unix waitid(2) with `WNOWAIT`, and again without it if the child has exited. The stops of a
    /// child that this process traces stay to be waited for by the tracer.
    pub fn reap(&self) -> io::Result<Option<ExitStatus>> {
        match (self.inner.take(Exit::reap), self.status.get()) {
            // It was waited for already, and what that is for is known.
            (Err(error), Some(status)) if error.kind() == io::ErrorKind::NotFound => Ok(Some(*status)),
            (result, _) => self.keep(result),
        }
    }

    /// The last stop of the child, or that it was continued; `None` if nothing of that kind
    /// has happened since the last time.
    ///
    /// Call it for each child when SIGCHLD has arrived: the system tells of stops by that
    /// signal alone, and makes this source readable only by the exit. A stop and its end that
    /// both came before the call are one change, the last. An exit is left alone, and so are
    /// the stops of a child that this process traces.
    ///
    /// # Errors
    ///
    /// `NotFound` if the child was waited for before its status was seen here.
    ///
    /// # Implementation notes
    ///
    /// On Unix waitid(2) with `WSTOPPED` and `WCONTINUED`. Other code of the process that waits for
    /// stops of its children takes them from here.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use std::process::Command;
    /// use ferrio::process::{ChildExit, JobChange};
    ///
    /// let mut child = Command::new("sh").args(["-c", "kill -STOP $$; exit 7"]).spawn()?;
    /// let exit = ChildExit::new(&child)?;
    /// // A loop would call it when it has taken a SIGCHLD.
    /// let change = loop {
    ///     if let Some(change) = exit.take_job_change()? {
    ///         break change;
    ///     }
    /// };
    /// assert!(matches!(change, JobChange::Stopped(_)));
    /// # let pid = child.id().to_string();
    /// # Command::new("sh").args(["-c", "kill -CONT $0", &pid]).status()?;
    /// # child.wait()?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "WUNTRACED")]
    #[doc(alias = "WCONTINUED")]
    pub fn take_job_change(&self) -> io::Result<Option<JobChange>> {
        if self.status.get().is_some() {
            return Ok(None);
        }
        // Not an operation on the readiness, which is about the exit alone.
        match self.inner.take_job_change() {
            Ok(change) => Ok(Some(change)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn keep(&self, result: io::Result<ExitStatus>) -> io::Result<Option<ExitStatus>> {
        match result {
            Ok(status) => Ok(Some(*self.status.get_or_init(|| status))),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }
}

source_impls!(ChildExit);
object_impls!(ChildExit);
