//! The place of one registration: its state, and the memory of its polls.
#![allow(unsafe_code, reason = "the memory of polls that are under way is the kernel's")]

use std::fmt;
use std::io;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::sync::Arc;

use windows_sys::Win32::Networking::WinSock::SOCKET;

use crate::interest::Interest;
use crate::mode::Mode;
#[cfg(test)]
use crate::sync::{AtomicUsize, Ordering};
use crate::sync::{Mutex, MutexGuard, lock};
use crate::sys::windows::afd::{Afd, Block, PollInfo};
use crate::sys::windows::batch::{Batch, Reported};
use crate::sys::windows::event::{Event, Flags};
use crate::sys::windows::found::Found;
use crate::sys::windows::port::Port;
use crate::sys::windows::state::{Operations, Outcome, Return, State};
use crate::sys::windows::wait::{self, Wait};
use crate::token::Token;

/// The place of one registration.
pub(super) struct Slot {
    /// The memory of each operation.
    blocks: [Block; OPERATIONS],
    inner: Mutex<Inner>,
}

/// What the lock of a slot guards.
#[derive(Debug)]
pub(super) struct Inner {
    state: State<OPERATIONS>,
    subject: Subject,
    /// Where it was reported last.
    reported: Reported,
    /// Where its events go, if it is of a parker.
    beside: Option<Arc<Found>>,
}

/// What a slot watches.
#[derive(Debug)]
pub(super) enum Subject {
    Nothing,
    /// The lowest socket beneath that of the user.
    Socket(SOCKET),
    Object(Object),
}

/// An object that can be waited for.
#[derive(Debug)]
pub(super) struct Object {
    /// A handle of our own, so that it is that of the object for as long as it is waited for.
    pub(super) handle: OwnedHandle,
    /// True if a wait that ends has reset the object.
    pub(super) resets_itself: bool,
    /// True if the look at its registration has reset it, which counts as the first wait.
    pub(super) is_taken: bool,
    /// The wait that is under way.
    pub(super) wait: Option<Wait>,
}

/// A slot as seen by whatever works on it, with what its operations need.
#[derive(Clone, Copy)]
pub(super) struct SlotRef<'a> {
    pub(super) slot: &'a Slot,
    pub(super) afd: &'a Afd,
    pub(super) port: &'a Arc<Port>,
    pub(super) id: u32,
    #[cfg(test)]
    pub(super) counts: &'a Counts,
}

/// What tests count.
#[cfg(test)]
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) polls: AtomicUsize,
    pub(super) cancels: AtomicUsize,
}

impl Slot {
    pub(super) fn new() -> Slot {
        Slot {
            blocks: std::array::from_fn(|_| Block::new()),
            inner: Mutex::new(Inner {
                state: State::new(),
                subject: Subject::Nothing,
                reported: Reported::default(),
                beside: None,
            }),
        }
    }

    /// True if its registration has ended and operations of it are still under way.
    pub(super) fn is_closing(&self) -> bool {
        self.lock().state.is_closing()
    }

    /// True while a registration has it, and its socket is open as far as is known.
    pub(super) fn is_live(&self) -> bool {
        self.lock().state.is_live()
    }

    /// True if registration `generation` has ended.
    pub(super) fn has_ended(&self, generation: u32) -> bool {
        let inner = self.lock();
        inner.state.generation() != generation || !inner.state.is_live()
    }

    /// True if an event of it would need room among those of the wait.
    pub(super) fn needs_room(&self) -> bool {
        let inner = self.lock();
        inner.beside.is_none() && !inner.state.is_closing()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl SlotRef<'_> {
    /// Begins a registration of `subject`, whose events go to `beside` if that is given.
    pub(super) fn open(
        self,
        subject: Subject,
        token: Token,
        interest: Interest,
        mode: Mode,
        beside: Option<Arc<Found>>,
    ) -> io::Result<()> {
        let inner = &mut *self.slot.lock();
        inner.subject = subject;
        inner.beside = beside;
        // What the wait in progress has reported is of another registration, or another token.
        inner.reported = Reported::default();
        let (want, mode) = inner.subject.wants(interest, mode);
        let mut operations = self.operations(&mut inner.subject, inner.state.generation().wrapping_add(1));
        let result = inner.state.open(token, interest, mode, want, &mut operations);
        if result.is_err() {
            inner.subject = Subject::Nothing;
            inner.beside = None;
        }
        result
    }

    /// Changes the registration. False if its socket was closed behind its back.
    pub(super) fn set(self, token: Token, interest: Interest, mode: Mode) -> io::Result<bool> {
        let inner = &mut *self.slot.lock();
        if !inner.state.is_live() {
            return Ok(false);
        }
        inner.reported = Reported::default();
        let (want, mode) = inner.subject.wants(interest, mode);
        let mut operations = self.operations(&mut inner.subject, inner.state.generation());
        inner.state.set(token, interest, mode, want, &mut operations).map(|()| true)
    }

    /// Arms `direction` anew. If that fails, the generation to look at the slot with again.
    pub(super) fn rearm(self, direction: Interest) -> Result<(), u32> {
        let inner = &mut *self.slot.lock();
        let generation = inner.state.generation();
        let mut operations = self.operations(&mut inner.subject, generation);
        inner.state.rearm(direction, &mut operations).map_err(|_| generation)
    }

    /// Ends the registration. True if the slot is free at once.
    pub(super) fn close(self) -> bool {
        let inner = &mut *self.slot.lock();
        let generation = inner.state.generation();
        let is_free = inner.state.close(&mut self.operations(&mut inner.subject, generation));
        inner.subject = Subject::Nothing;
        inner.beside = None;
        is_free
    }

    /// Asks for what is missing on behalf of registration `generation`; an event if it cannot be asked for.
    pub(super) fn ask_listed(self, generation: u32, batch: &mut Batch<'_>) {
        let inner = &mut *self.slot.lock();
        let mut operations = self.operations(&mut inner.subject, inner.state.generation());
        if inner.state.ask_listed(generation, &mut operations).is_err() {
            let returned = inner.state.fail();
            inner.report(returned, batch);
        }
    }

    /// Takes operation `op` back, whose packet was taken from the port.
    pub(super) fn poll_ended(self, op: usize, batch: &mut Batch<'_>) -> Followed {
        let inner = &mut *self.slot.lock();
        // SAFETY: the caller has the packet of this operation, and the next begins under the
        // lock that is held here.
        let outcome = unsafe { self.slot.blocks[op].outcome() };
        self.came_back(inner, op, outcome, batch)
    }

    /// The object of registration `generation` was signalled.
    pub(super) fn signalled(self, generation: u32, batch: &mut Batch<'_>) -> Followed {
        let inner = &mut *self.slot.lock();
        let object = match &mut inner.subject {
            Subject::Object(object) if inner.state.generation() == generation => object,
            // The registration has ended, and its wait with it.
            _ => return Followed::default(),
        };
        if object.wait.take().is_none() {
            return Followed::default();
        }
        // It may have been reset in the meantime.
        let still_is = object.resets_itself || wait::look(object.handle.as_handle()).unwrap_or(true);
        let outcome = if still_is { Outcome::Found(Flags::RECEIVE) } else { Outcome::Nothing };
        self.came_back(inner, WAIT, outcome, batch)
    }

    fn came_back(self, inner: &mut Inner, op: usize, outcome: Outcome, batch: &mut Batch<'_>) -> Followed {
        let returned = inner.state.came_back(op, outcome);
        inner.report(returned, batch);
        Followed {
            is_freed: returned == Return::Freed,
            listed: inner.state.list().then(|| inner.state.generation()),
        }
    }

    fn operations<'b>(self, subject: &'b mut Subject, generation: u32) -> SlotOperations<'b>
    where
        Self: 'b,
    {
        SlotOperations { slot: self, subject, generation }
    }
}

/// What follows from an operation that came back.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// The slot may be used for another registration.
    pub(super) is_freed: bool,
    /// The poller has to ask for something of this generation before its next wait.
    pub(super) listed: Option<u32>,
}

/// Carries out the operations of a slot.
struct SlotOperations<'a> {
    slot: SlotRef<'a>,
    subject: &'a mut Subject,
    generation: u32,
}

impl Operations for SlotOperations<'_> {
    fn start(&mut self, op: usize, conditions: Flags) -> io::Result<()> {
        let context = self.slot.id as usize;
        match self.subject {
            Subject::Socket(socket) => {
                #[cfg(test)]
                self.slot.counts.polls.fetch_add(1, Ordering::Relaxed);
                let block = &self.slot.slot.blocks[op];
                let context = poll_context(self.slot.id, op);
                // SAFETY: the state starts only operations that are idle, under the slot's
                // lock. A slot is part of a chunk, which is freed only if all its slots are free.
                unsafe { self.slot.afd.poll(block, PollInfo::new(*socket, conditions), context) }
            }
            Subject::Object(object) => {
                let (port, bytes) = (self.slot.port, self.generation);
                object.wait = Some(if object.is_taken {
                    Wait::of_the_past(port, context, bytes)?
                } else {
                    Wait::begin(port, object.handle.as_handle(), context, bytes)?
                });
                object.is_taken = false;
                Ok(())
            }
            Subject::Nothing => Ok(()),
        }
    }

    fn cancel(&mut self, op: usize) -> bool {
        match self.subject {
            Subject::Socket(_) => {
                #[cfg(test)]
                self.slot.counts.cancels.fetch_add(1, Ordering::Relaxed);
                self.slot.afd.cancel(&self.slot.slot.blocks[op]);
                true
            }
            Subject::Object(object) => {
                object.wait = None;
                false
            }
            Subject::Nothing => false,
        }
    }
}

impl Inner {
    fn report(&mut self, returned: Return, batch: &mut Batch<'_>) {
        if let Return::Event(token, flags) = returned {
            match &self.beside {
                Some(found) => found.push(Event::of_flags(token, flags)),
                None => batch.report(token, flags, &mut self.reported),
            }
        }
    }
}

impl Subject {
    /// The conditions and the mode of a registration with `interest` and `mode`.
    fn wants(&self, interest: Interest, mode: Mode) -> (Flags, Mode) {
        match self {
            Subject::Object(object) => {
                // The wait has used up the signal, as a read that finds nothing left would have.
                let is_level = object.resets_itself && mode == Mode::Edge;
                (Flags::RECEIVE, if is_level { Mode::Level } else { mode })
            }
            _ => (Flags::asked_by(interest), mode),
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The blocks may be the kernel's.
        f.debug_struct("Slot").field("inner", &self.inner).finish_non_exhaustive()
    }
}

/// The context of operation `op` of slot `id`: never 0.
fn poll_context(id: u32, op: usize) -> usize {
    (id as usize + 1) * OPERATIONS + op
}

/// The slot and the operation that a context stands for.
pub(super) fn of_context(context: usize) -> (u32, usize) {
    ((context / OPERATIONS - 1) as u32, context % OPERATIONS)
}

/// How many polls one registration may have under way. With one, a thread that arms a condition
/// while another waits has to cancel what is under way. Three are enough for one that asks for
/// reading, writing and ends apart; only several changes of the interest use them up.
pub(super) const OPERATIONS: usize = 3;

/// The operation that the wait for an object is.
const WAIT: usize = 0;
