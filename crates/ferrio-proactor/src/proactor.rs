//! The proactor: operations and readiness by one wait.

pub(crate) mod inner;
mod mailbox;
mod park;
pub(crate) mod remote;
pub(crate) mod teardown;

use std::fmt::{self, Debug, Formatter};
use std::io;
use std::marker::PhantomData;
use std::time::Duration;

use ferrio_poll::{Events, Poll, Registry, Token};

use crate::buffer::chunk::Chunk;
use crate::capabilities::{Capabilities, DriverKind};
use crate::completion::Completions;
use crate::config::Config;
use crate::core::stats::Stats;
use crate::driver::Driver;
use crate::error;
use crate::id::{Handle, OpId};
use crate::op::Operation;
use crate::proactor::inner::Inner;
use crate::proactor::remote::Remote;
use crate::rejected::{Busy, Reason, Rejected};
use crate::sys::{self, Borrowed, Owned};

/// Does I/O operations and delivers their completions, together with the readiness of a
/// [`Poll`], by one wait.
///
/// An operation is a value of [`op`](crate::op) that owns its buffers. [`submit`](Proactor::submit)
/// takes it, and a later [`poll`](Proactor::poll) gives it back with its result. Descriptors are
/// the proactor's too, from [`attach`](Proactor::attach) to [`close`](Proactor::close) or
/// [`detach`](Proactor::detach).
///
/// It is made of a [`Poll`], and everything that is registered there goes on as it is: its
/// wakers, timers and channels end the same wait. While no operation is under way and there is no
/// [`Remote`], a wait is that of the Poll and costs the same.
///
/// A proactor stays in the thread that made it, for the kernel ends operations with the thread that
/// submitted them; other threads ask through a [`Remote`]. It is neither `Send`,
///
/// ```compile_fail,E0277
/// fn is_send<T: Send>() {}
/// is_send::<ferrio_proactor::Proactor>();
/// ```
///
/// nor `Sync`:
///
/// ```compile_fail,E0277
/// fn is_sync<T: Sync>() {}
/// is_sync::<ferrio_proactor::Proactor>();
/// ```
///
/// # Implementation notes
///
/// io_uring where the system lets the program have a ring, else system calls that do not block
/// once a descriptor is ready; [`capabilities`](Proactor::capabilities) tells which, and why. The
/// driver is made with the first operation.
///
/// # Examples
///
/// ```
/// use std::io::Write;
/// use std::net::{TcpListener, TcpStream};
///
/// use ferrio_poll::{Events, Poll, Token};
/// use ferrio_proactor::{Completions, Config, Kind, Proactor, op};
///
/// # fn main() -> std::io::Result<()> {
/// let mut proactor = Proactor::new(Poll::new()?, Config::default())?;
/// let mut events = Events::with_capacity(64);
/// let mut completions = Completions::with_capacity(64);
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let mut client = TcpStream::connect(listener.local_addr()?)?;
/// client.write_all(b"hello")?;
///
/// let listener = proactor.attach(listener);
/// proactor.submit(Token(0), op::AcceptMany { handle: listener })?;
/// let mut received = Vec::new();
/// while received.len() < 5 {
///     proactor.poll(&mut events, &mut completions, None)?;
///     while let Some(completion) = completions.next() {
///         match completion.kind {
///             Kind::Accepted(stream) => {
///                 let handle = proactor.attach(stream);
///                 proactor.submit(Token(1), op::RecvMany { handle })?;
///             }
///             Kind::Received(chunk) => received.extend_from_slice(&chunk),
///             _ => {}
///         }
///     }
/// }
/// assert_eq!(received, b"hello");
/// # Ok(())
/// # }
/// ```
pub struct Proactor {
    inner: Inner,
    poll: Poll,
    /// What the kernel does belongs to this thread.
    not_send: PhantomData<*mut ()>,
}

impl Proactor {
    /// Makes a proactor of `poll`, in the thread that will poll it.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the configuration is not possible; `OutOfMemory` if the pool finds no memory.
    pub fn new(poll: Poll, config: Config) -> io::Result<Proactor> {
        config.check()?;
        let inner = Inner::new(config, poll.nudge()?)?;
        Ok(Proactor { inner, poll, not_send: PhantomData })
    }

    /// Where sources of readiness are registered.
    pub fn registry(&self) -> &Registry {
        self.poll.registry()
    }

    /// The Poll that it was made of.
    pub fn get_ref(&self) -> &Poll {
        &self.poll
    }

    /// Waits until a source is ready, an operation has a completion, or `timeout` is over.
    ///
    /// Both lists are emptied first: what was not taken from `completions` is dropped. Completions
    /// for which there is no room come by the next call, which does not wait then: no more are taken
    /// in than there is room for, and connections stay in the backlog of their listener.
    ///
    /// # Errors
    ///
    /// As [`Poll::poll`]: `Interrupted` if a signal handler ran, `InvalidInput` if `events` has no
    /// room. `Unsupported` in a forked process. An error of io_uring_enter(2), such as
    /// `PermissionDenied` under a filter that came later, or want of memory. A call that brings
    /// completions does not fail: none of this is then told.
    pub fn poll(
        &mut self,
        events: &mut Events,
        completions: &mut Completions,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        completions.clear();
        let Proactor { inner, poll, .. } = self;
        inner.check_process()?;
        inner.core.set_finished_max(completions.capacity());
        let polled = if inner.is_idle() {
            poll.poll(events, timeout)
        } else {
            poll.poll_parked(events, timeout, inner)
        };
        if inner.core.finished.is_empty() {
            return polled;
        }
        // An error comes again, if it is one that stays.
        inner.core.deliver(completions);
        Ok(())
    }

    /// Takes a descriptor over: a socket, a file, a pipe. Whatever becomes an `OwnedFd` on Unix, or a
    /// `windows::Descriptor` on Windows, can be one.
    ///
    /// Its status flags are the proactor's as well: `O_NONBLOCK` is cleared or set as the driver
    /// needs it, also for duplicates, for they share it. On Windows a socket blocks no longer.
    pub fn attach(&mut self, fd: impl Into<Owned>) -> Handle {
        let fd = fd.into();
        sys::adopt(sys::borrow(&fd));
        self.inner.core.table.insert(fd)
    }

    /// Gives a descriptor back, on which no operation is.
    ///
    /// # Errors
    ///
    /// [`Busy`] if operations are on it, or the handle is stale.
    pub fn detach(&mut self, handle: Handle) -> Result<Owned, Busy> {
        let Some(entry) = self.inner.core.table.get(handle) else { return Err(Busy::Stale) };
        if entry.operations > 0 {
            return Err(Busy::Operations(entry.operations));
        }
        Ok(self.inner.take_out(handle.slot))
    }

    /// Closes a descriptor: cancels the operations on it and closes it once they are over.
    ///
    /// The handle is stale from now on. The operations have their completions as after
    /// [`cancel`](Proactor::cancel). Where none is on it, the descriptor is closed at once, else
    /// in the next [`poll`](Proactor::poll): a peer sees the end of the connection then. A stale
    /// handle is ignored, and in a forked process one with operations, which are not its own.
    pub fn close(&mut self, handle: Handle) {
        let Some(entry) = self.inner.core.table.get(handle) else { return };
        if entry.operations > 0 && self.inner.check_process().is_err() {
            return;
        }
        if self.inner.core.begin_close(handle) {
            drop(self.inner.take_out(handle.slot));
            return;
        }
        self.inner.cancel_on(handle);
    }

    /// The descriptor of a handle. `None` if the handle is stale.
    pub(crate) fn borrow(&self, handle: Handle) -> Option<Borrowed<'_>> {
        self.inner.core.table.get(handle).map(|entry| entry.fd())
    }

    /// The handles of all descriptors that the proactor owns, without those that are being closed.
    pub fn handles(&self) -> impl Iterator<Item = Handle> {
        self.inner.core.table.handles()
    }

    /// Submits an operation. Its completions have `token`, and the id that is given.
    ///
    /// The next [`poll`](Proactor::poll) tells the kernel of it, so that many cost one system call.
    /// The first one makes the driver, and a full ring ([`Config::entries`]) is submitted at once.
    /// Without a ring a send that waits for no other is tried at once.
    ///
    /// # Errors
    ///
    /// [`Rejected`] gives the operation back with its buffers and says why.
    pub fn submit<O: Operation>(&mut self, token: Token, operation: O) -> Result<OpId, Rejected<O>> {
        match self.open() {
            Ok(()) => self.inner.submit(token, operation),
            Err(error) => Err(Rejected::new(operation, Reason::Driver(error))),
        }
    }

    /// Sends now what the socket takes without waiting, by one system call: no operation, and no
    /// completion. The number of bytes may be less than `bytes` has; [`op::Send`](crate::op::Send)
    /// sends the rest.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if the socket takes nothing, if operations that send are under way, which come
    /// first, or if one has failed that was not delivered yet. `NotFound` if the handle is stale.
    /// `Unsupported` in a forked process. Others as send(2).
    ///
    /// # Implementation notes
    ///
    /// send(2) with `MSG_DONTWAIT` and `MSG_NOSIGNAL`. For an answer that fits into the buffer of
    /// the socket it is the cheapest way of the readiness driver; a ring is told of many
    /// [`op::Send`](crate::op::Send) by one call.
    pub fn send_now(&self, handle: Handle, bytes: &[u8]) -> io::Result<usize> {
        self.inner.check_process()?;
        let entry = self.inner.core.table.get(handle).ok_or_else(error::stale)?;
        if !entry.writes.is_empty() || self.inner.core.has_gap(handle) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(sys::send(entry.fd(), bytes)? as usize)
    }

    /// Sends the same bytes to each of `handles`, as an [`op::Send`](crate::op::Send) to each would,
    /// but with one completion for all: [`op::SendAll`](crate::op::SendAll), which lists those that
    /// failed.
    ///
    /// # Errors
    ///
    /// [`Rejected`] gives the chunk back. Stale handles are no error: they are listed.
    pub fn send_all(
        &mut self,
        token: Token,
        handles: impl IntoIterator<Item = Handle>,
        chunk: Chunk,
    ) -> Result<OpId, Rejected<Chunk>> {
        match self.open() {
            Ok(()) => self.inner.send_all(token, handles, chunk),
            Err(error) => Err(Rejected::new(chunk, Reason::Driver(error))),
        }
    }

    /// Cancels an operation. False if it is over already, or is that of another process, from which
    /// this one was forked off.
    ///
    /// Its last completion comes in any case, by a later [`poll`](Proactor::poll): with an error
    /// that [`is_cancelled`](crate::is_cancelled) knows, or with the result if it was done before
    /// the cancel arrived. Nothing is lost: data that a cancelled receive did not deliver is still
    /// in the socket. What a disk has begun is not cancelled.
    pub fn cancel(&mut self, id: OpId) -> bool {
        self.inner.cancel(id)
    }

    /// A [`Remote`], for other threads.
    ///
    /// # Errors
    ///
    /// Those of making the driver, as want of descriptors or of memory.
    pub fn remote(&mut self) -> io::Result<Remote> {
        self.open()?;
        Ok(self.inner.remote())
    }

    /// How each kind of operation is done here, and why there is no ring.
    ///
    /// # Errors
    ///
    /// Those of making the driver, as want of descriptors or of memory.
    pub fn capabilities(&mut self) -> io::Result<Capabilities> {
        self.open()?;
        Ok(self.inner.driver.as_ref().expect("it is open").capabilities())
    }

    /// Makes the driver now, a ring in the way that [`Capabilities`] calls `setup`: for tests of
    /// ways that a younger kernel would not choose.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if there is no such way here, or the driver was made before.
    #[doc(hidden)]
    pub fn open_with_setup(&mut self, setup: &str) -> io::Result<()> {
        self.inner.check_process()?;
        if self.inner.driver.is_some() {
            let text = "the driver was made before: ask for its set-up first";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        self.inner.open_driver(&self.poll, Some(setup))
    }

    /// Which driver does the operations. `None` before the first.
    pub fn driver(&self) -> Option<DriverKind> {
        self.inner.driver.as_ref().map(Driver::kind)
    }

    /// What it has done.
    pub fn stats(&self) -> Stats {
        let Inner { core, driver, .. } = &self.inner;
        let (enters, overflows) = driver.as_ref().map_or((0, 0), Driver::ring_counts);
        Stats {
            submitted: core.counters.submitted,
            completed: core.counters.completed,
            in_flight_max: core.slab.high_water(),
            enters,
            overflows,
            starved: core.counters.starved,
            buffers_free: core.pool.free(),
            buffers_free_min: core.pool.low_water(),
            handles: core.table.len(),
            letters_max: self.inner.letters_max(),
            completions_max: core.counters.completions_max,
        }
    }

    /// Ends the proactor and gives its parts.
    pub(crate) fn into_parts(self) -> (Inner, Poll) {
        (self.inner, self.poll)
    }

    fn open(&mut self) -> io::Result<()> {
        self.inner.check_process()?;
        if self.inner.driver.is_some() { Ok(()) } else { self.inner.open_driver(&self.poll, None) }
    }
}

impl Debug for Proactor {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (driver, poll) = (self.driver(), &self.poll);
        f.debug_struct("Proactor").field("driver", &driver).field("poll", poll).finish_non_exhaustive()
    }
}
