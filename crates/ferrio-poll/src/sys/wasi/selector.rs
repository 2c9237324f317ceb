//! Readiness by questions to the host. See the contract in [`sys`](crate::sys).

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{self, host, kernel};
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sync::{Mutex, lock};
use crate::sys::backend::Backend;
use crate::sys::capabilities::{Capabilities, Support};
use crate::sys::selected::Selected;
use crate::sys::wasi::CANDIDATES;
use crate::sys::wasi::event::{self, Event, Found};
use crate::sys::wasi::handle::{Handle, Place, Registration};
use crate::sys::wasi::look::look;
use crate::sys::wasi::questions::{self, Questions};
use crate::sys::wasi::table::Table;
use crate::token::Token;

/// What a Poll waits with.
#[derive(Debug)]
pub(crate) struct Selector {
    /// The registrations, shared with the places of their sources.
    table: Arc<Mutex<Table>>,
    /// True from a wake until the next wait. Nobody is asleep while it is set.
    signalled: AtomicBool,
}

impl Selector {
    pub(crate) fn new(backend: Backend) -> io::Result<Selector> {
        if !CANDIDATES.contains(&backend) {
            return Err(error::backend_unavailable(backend, CANDIDATES));
        }
        Ok(Selector { table: Arc::default(), signalled: AtomicBool::new(false) })
    }

    pub(crate) fn register(
        &self,
        handle: Handle<'_>,
        place: &mut Place,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let fd = handle.as_raw_fd();
        if questions::is_always_ready(fd)? {
            return Err(kernel::not_pollable());
        }
        if place.is_registered() {
            return Err(kernel::descriptor_registered());
        }
        let id = lock(&self.table).register(fd, token, interest, mode)?;
        place.0 = Some(Registration::new(&self.table, fd, id));
        Ok(())
    }

    pub(crate) fn reregister(
        &self,
        handle: Handle<'_>,
        _place: &mut Place,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let fd = handle.as_raw_fd();
        questions::is_always_ready(fd)?;
        lock(&self.table).reregister(fd, token, interest, mode)
    }

    pub(crate) fn deregister(&self, handle: Handle<'_>, place: &mut Place) -> io::Result<()> {
        let fd = handle.as_raw_fd();
        let result = lock(&self.table).deregister(fd);
        if result.is_ok() {
            place.0 = None;
        }
        // A descriptor that was closed before is an error, though nothing is registered any more.
        questions::is_always_ready(fd).and(result)
    }

    #[allow(clippy::unnecessary_wraps, reason = "other systems can fail")]
    pub(crate) fn signal(&self) -> io::Result<()> {
        self.signalled.store(true, Ordering::Release);
        Ok(())
    }

    pub(crate) fn wait(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        let deadline = timeout
            .filter(|timeout| !timeout.is_zero())
            .and_then(|timeout| Instant::now().checked_add(timeout));
        let woken = self.signalled.swap(false, Ordering::AcqRel);
        let mut left = if woken { Some(Duration::ZERO) } else { timeout };
        // No other thread could want it meanwhile.
        let mut table = lock(&self.table);
        loop {
            let count = scratch.pass(&mut table, events, left)?;
            if let Some(deadline) = deadline.filter(|_| !woken) {
                left = Some(deadline.saturating_duration_since(Instant::now()));
            }
            if count != 0 || left == Some(Duration::ZERO) {
                return Ok(Selected { count, woken });
            }
        }
    }

    #[allow(clippy::unused_self, reason = "other systems choose between backends")]
    pub(crate) fn capabilities(&self) -> Capabilities {
        Capabilities {
            edge: Support::Emulated,
            level: Support::Native,
            oneshot: Support::Emulated,
            hangup: Support::Absent,
            priority: Support::Absent,
            aio: Support::Absent,
            lio: Support::Absent,
            raw_flags: Support::Absent,
            busy_poll: Support::Absent,
            nanosecond_timeout: questions::NANOSECOND_TIMEOUT,
            // That is up to the host.
            short_read_drains: false,
            raw_descriptors_rearm: false,
            embeddable: false,
            refuses_second: true,
            refuses_files: true,
        }
    }
}

/// What a wait needs of memory.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    questions: Questions,
    /// The registrations that were asked about, in the order of their descriptors, and what was
    /// found of each.
    asked: Vec<Asked>,
    /// The descriptor of the registration that was served last: the next one has its turn.
    served: RawFd,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    fd: RawFd,
    want: Found,
    found: Found,
}

impl Scratch {
    /// Asks the host once, for what is armed in `table`. How many events were written.
    fn pass(
        &mut self,
        table: &mut Table,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<usize> {
        self.lay_out(table);
        if self.asked.is_empty() && timeout.is_none() {
            return Err(host::endless_wait());
        }
        match self.questions.ask(timeout) {
            Ok(()) => {
                for (name, found) in self.questions.answers() {
                    self.asked[name].found |= found;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(_) => self.ask_each()?,
        }
        Ok(self.collect(table, events))
    }

    fn lay_out(&mut self, table: &Table) {
        self.questions.clear();
        self.asked.clear();
        for (fd, want) in table.armed() {
            self.questions.push(self.asked.len(), fd, want);
            self.asked.push(Asked { fd, want, found: Found::empty() });
        }
    }

    /// Asks about each registration by itself, after an answer that was an error of any of them.
    fn ask_each(&mut self) -> io::Result<()> {
        let mut is_explained = false;
        for asked in &mut self.asked {
            asked.found = look(asked.fd, asked.want);
            is_explained |= !asked.found.is_empty();
        }
        if is_explained {
            return Ok(());
        }
        // The host lacks something that others may give back.
        self.questions.clear();
        self.questions.ask(Some(PAUSE))
    }

    /// Writes what was found to `events`, beginning after the registration that was served
    /// last, so that each is served in its turn when there is room for few.
    fn collect(&mut self, table: &mut Table, events: &mut [Event]) -> usize {
        let first = self.asked.partition_point(|asked| asked.fd <= self.served);
        let mut count = 0;
        for asked in self.asked[first..].iter().chain(&self.asked[..first]) {
            if count == events.len() {
                break;
            }
            if asked.found.is_empty() {
                continue;
            }
            if let Some(token) = table.report(asked.fd, asked.found) {
                events[count] = event::of_found(token, asked.found);
                count += 1;
                self.served = asked.fd;
            }
        }
        count
    }
}

/// How long a wait pauses when the host fails for no reason of a registration.
const PAUSE: Duration = Duration::from_millis(1);
