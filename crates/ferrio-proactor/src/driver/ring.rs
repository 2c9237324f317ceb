//! The ring: operations are entries for io_uring.
//!
//! A wait sleeps where the last one found something. If that was the Poll, its backend sleeps and
//! the ring signals the Poll's own wake descriptor; if it was the ring, the ring sleeps and asks
//! once for the descriptor of the Poll. So a program that uses one kind pays for one kind.
#![allow(unsafe_code, reason = "an entry of the ring holds addresses that the kernel reads and writes")]

mod bell;
mod buffers;
mod entry;
mod index;
mod losses;
mod probe;
mod queue;
mod reap;
mod setup;
pub(crate) mod signals;

use std::io;
use std::marker::PhantomData;
use std::mem;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use ferrio_poll::Poll;
use ferrio_poll::park::Harvest;

use crate::capabilities::{Capabilities, DriverKind, Way};
use crate::core::slab::{NO_SLOT, Stage};
use crate::core::{After, Core};
use crate::driver::direct;
use crate::driver::ring::bell::Bell;
use crate::driver::ring::buffers::BufferRing;
use crate::driver::ring::entry::Context;
use crate::driver::ring::losses::Losses;
pub(crate) use crate::driver::ring::probe::Denied;
use crate::driver::ring::probe::{Failure, Multishot, Probe};
use crate::driver::ring::queue::{Cqe, Queue};
use crate::driver::ring::setup::Setup;
use crate::driver::ring::signals::Signals;
use crate::id::OpId;
use crate::op::perform::{Code, Codes, Shape};
use crate::sys::Domain;

/// The group of the pool's buffers: a ring has one.
const GROUP: u16 = 0;

/// The user data of the entry that asks for the descriptor of the Poll. Its slot is none.
const OF_POLL: u64 = NO_SLOT as u64;

/// The user data of entries whose completions say nothing: cancels.
const SILENT: u64 = 1 << 32 | NO_SLOT as u64;

/// io_uring and what is to be remembered of it.
pub(crate) struct Ring {
    buffers: BufferRing,
    queue: Queue,
    /// What the kernel can do.
    codes: Codes,
    /// Memory for the completions of one reap.
    cqes: Vec<Cqe>,
    /// Memory for the buffers that came back, on their way to the kernel.
    returned: Vec<u16>,
    /// Memory for the receivers that have waited for a buffer and are started again.
    fed: Vec<OpId>,
    losses: Losses,
    /// An entry asks for the descriptor of the Poll.
    is_armed: bool,
    /// That entry was answered: the Poll has something.
    has_news: bool,
    /// What it signals while the Poll sleeps.
    bell: Bell,
    /// The last wait found readiness and no completion.
    readiness_is_next: bool,
    /// An operation dies with the thread that submitted it.
    not_send: PhantomData<*mut ()>,
}

impl Ring {
    /// Makes a ring for the thread that polls, set up as it is best or in the way that is called
    /// `setup`; the inner error says why the system denies one.
    pub(crate) fn open(core: &Core, poll: &Poll, setup: Option<&str>) -> io::Result<Result<Ring, Denied>> {
        match Ring::make(core, poll, setup) {
            Ok(ring) => Ok(Ok(ring)),
            Err(Failure::Denied(denied)) => Ok(Err(denied)),
            Err(Failure::Lack(error)) => Err(error),
        }
    }

    /// A filter may allow some of the calls of a ring and deny others, so each is asked.
    fn make(core: &Core, poll: &Poll, setup: Option<&str>) -> Result<Ring, Failure> {
        let unknown = || io::Error::from(io::ErrorKind::InvalidInput);
        let force = setup.map(|name| Setup::named(name).ok_or_else(unknown)).transpose()?;
        let mut queue = Queue::open(core.config.entries, force).map_err(Failure::of_call)?;
        let probe = Probe::of(&queue).map_err(Failure::of_call)?;
        let multishot = Multishot::of(&mut queue)?;
        if !multishot.accept || !multishot.recv {
            return Err(Failure::Denied(Denied::Kernel));
        }
        let bell = Bell::new(&queue, poll).map_err(Failure::of_call)?;
        // The last, for from here on the kernel has the buffers.
        let buffers = BufferRing::register(&queue, &core.pool, GROUP).map_err(Failure::of_call)?;
        Ok(Ring {
            buffers,
            codes: Codes::that(|code| entry::opcode(code).is_none_or(|opcode| probe.has(opcode))),
            cqes: Vec::with_capacity(queue.capacity()),
            returned: Vec::with_capacity(core.pool.count().into()),
            queue,
            fed: Vec::new(),
            losses: Losses::default(),
            is_armed: false,
            has_news: false,
            bell,
            readiness_is_next: false,
            not_send: PhantomData,
        })
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        let way = |&(code, name): &(Code, &'static str)| {
            let way = match entry::opcode(code) {
                None => Way::Emulated,
                Some(_) if self.codes.contains(code) => Way::Native,
                Some(_) => Way::Unsupported,
            };
            (name, way)
        };
        let operations: Vec<_> = Code::ALL.iter().map(way).collect();
        let lacking = operations.iter().filter(|(_, way)| *way == Way::Unsupported);
        let lacks = lacking.map(|(name, _)| (*name, "the kernel is too old for it")).collect();
        Capabilities {
            driver: DriverKind::Ring,
            reason: None,
            setup: Some(self.queue.setup().name()),
            operations,
            lacks,
        }
    }

    pub(crate) fn codes(&self) -> Codes {
        self.codes
    }

    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.queue.enters(), self.queue.overflows())
    }

    /// Starts an operation, and those that follow if it is over at once.
    pub(crate) fn start(&mut self, core: &mut Core, index: u32) {
        let mut next = Some(index);
        while let Some(index) = next.take() {
            let (request, fd) = core.request(index);
            let slot = core.slab.at(index);
            if slot.entry != NO_SLOT {
                if let Some(result) = direct::attempt(request, core.table.at(slot.entry).fd()) {
                    let after = core.complete(index, result);
                    Self::retire(core, after);
                    next = after.start;
                    continue;
                }
            }
            let (shape, place) = (slot.shape, slot.entry);
            if entry::is_urgent(request) {
                core.slab.at_mut(index).stage = Stage::Begun;
            }
            let is_single = shape == Shape::RecvMany && core.table.at_mut(place).domain() == Domain::Unix;
            let user_data = core.slab.id(index).to_user_data();
            let context =
                Context { fd, shape, is_single, group: GROUP, file_bytes: core.config.file_bytes, user_data };
            let entry = entry::entry(request, context);
            // SAFETY: the addresses are those of an operation in its slot, which neither moves nor
            // goes before the final completion, and the descriptor stays in the table as long.
            unsafe { self.queue.push(&entry) };
        }
    }

    pub(crate) fn cancel(&mut self, core: &mut Core, index: u32) {
        let target = core.slab.id(index).to_user_data();
        // SAFETY: a cancel holds no address and no descriptor.
        unsafe { self.queue.push(&entry::cancel(target, SILENT)) };
    }

    pub(crate) fn follow(&mut self, core: &mut Core, after: After) {
        Self::retire(core, after);
        if let Some(index) = after.start {
            self.start(core, index);
        }
    }

    /// Closes the descriptors that were only waiting for that.
    fn retire(core: &mut Core, after: After) {
        for entry in after.retire.into_iter().flatten() {
            drop(core.table.remove(entry));
        }
    }

    /// Has no receiver wait for a buffer while there is one. To be called before each sleep after
    /// completions were taken in: a buffer that came back before a receiver had to wait nudges
    /// nobody, and one that was started may leave its buffer to the next.
    fn feed(&mut self, core: &mut Core) -> io::Result<()> {
        while self.refill(core) && core.has_starved() {
            self.turn(core, 0, None)?;
        }
        Ok(())
    }

    /// Gives buffers that came back to the kernel, and starts a receiver again for each that is
    /// free. True if it started any.
    fn refill(&mut self, core: &mut Core) -> bool {
        if core.pool.has_returned() {
            let returned = &mut self.returned;
            core.pool.collect(|index| returned.push(index));
            self.buffers.publish(&core.pool, returned.drain(..));
        }
        if !core.has_starved() {
            return false;
        }
        let mut fed = mem::take(&mut self.fed);
        let is_fed = core.feed(&mut fed);
        for id in fed.drain(..) {
            self.start(core, id.slot);
        }
        self.fed = fed;
        is_fed
    }

    /// Sleeps until something is over, the Poll has something, or `timeout` is over.
    pub(crate) fn park(
        &mut self,
        core: &mut Core,
        harvest: &mut Harvest<'_>,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        self.feed(core)?;
        let is_look = timeout == Some(Duration::ZERO) || !core.finished.is_empty();
        let is_next = self.readiness_is_next && self.bell.can_sleep_in_poll();
        let found = if is_look || is_next || !self.bell.can_sleep_in_ring() {
            self.sleep_in_poll(core, harvest, timeout, is_look)
        } else {
            self.sleep_in_ring(core, harvest, timeout)
        };
        self.readiness_is_next = found.as_ref().is_ok_and(|&found| found > 0) && core.finished.is_empty();
        found.map(drop)
    }

    /// The backend of the Poll sleeps, and the ring signals the Poll's wake descriptor.
    fn sleep_in_poll(
        &mut self,
        core: &mut Core,
        harvest: &mut Harvest<'_>,
        timeout: Option<Duration>,
        is_look: bool,
    ) -> io::Result<usize> {
        if self.queue.has_work() {
            self.turn(core, 0, None)?;
            self.feed(core)?;
        }
        if is_look || !core.finished.is_empty() {
            return self.bell.wait(harvest, Some(Duration::ZERO));
        }
        let Ring { bell, queue, .. } = self;
        let found = signals::wait_signalled(queue, timeout, |timeout| bell.wait(harvest, timeout));
        if self.queue.has_work() {
            self.turn(core, 0, None)?;
        }
        found
    }

    /// The ring sleeps, and is asked to tell of the Poll.
    fn sleep_in_ring(
        &mut self,
        core: &mut Core,
        harvest: &mut Harvest<'_>,
        timeout: Option<Duration>,
    ) -> io::Result<usize> {
        if !self.is_armed {
            let entry = entry::poll_once(harvest.descriptor().as_raw_fd(), OF_POLL);
            // SAFETY: it holds no address, and the Poll outlives the ring: the proactor shuts the
            // ring down before it lets go of the Poll.
            unsafe { self.queue.push(&entry) };
            self.is_armed = true;
        }
        let entered = self.turn(core, 1, timeout);
        if mem::take(&mut self.has_news) {
            return harvest.look();
        }
        entered.map(|()| 0)
    }

    /// Submits, waits for `want` completions, and takes in what is there.
    fn turn(&mut self, core: &mut Core, want: u32, timeout: Option<Duration>) -> io::Result<()> {
        let entered = self.queue.enter(want, timeout);
        self.reap(core);
        match entered {
            // The kernel wants completions to be taken before it takes entries, which was done,
            // or is short of memory for a moment; the entries are still there.
            Err(error) if queue::is_refusal(&error) => Ok(()),
            other => other,
        }
    }

    /// Cancels all that is under way, and waits for its end until `timeout` is over.
    pub(crate) fn shut_down(&mut self, core: &mut Core, timeout: Duration) {
        // None is too far away to be a time.
        let deadline = Instant::now().checked_add(timeout);
        // SAFETY: a cancel holds no address and no descriptor.
        unsafe { self.queue.push(&entry::cancel_all(SILENT)) };
        loop {
            // Those that wait for others or for buffers are in no kernel.
            let left = deadline.map_or(timeout, |at| at.saturating_duration_since(Instant::now()));
            let entered = self.turn(core, u32::from(core.slab.len() > 0), Some(left));
            let is_interrupted = |error: &io::Error| error.kind() == io::ErrorKind::Interrupted;
            let is_hopeless = entered.is_err_and(|error| !is_interrupted(&error));
            if core.slab.len() == 0 || left.is_zero() || is_hopeless {
                return;
            }
        }
    }
}
