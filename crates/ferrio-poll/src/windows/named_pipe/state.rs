//! What the operations of a pipe share.
//!
//! A pipe is readable while bytes, an error or the end wait to be read; it is writable while it
//! has a peer and nothing is being written. Both are kept up to date in its readiness, under one
//! lock together with what is under way: an operation that lands, a call of the user and a
//! registration change them one after the other.

use std::io;
use std::os::windows::io::OwnedHandle;
use std::sync::{Arc, Weak};

use crate::error::windows as error;
use crate::interest::Interest;
use crate::queue::LatchState;
use crate::registry::Registry;
use crate::registry::readiness::{Readiness, wanted};
use crate::registry::shared::Shared;
use crate::sync::{Mutex, lock};
use crate::sys::overlapped::{FlightId, Landing, Memory, Operation, Owner};
use crate::sys::pipe;
use crate::token::Token;
use crate::windows::named_pipe::progress::{READ_MAX, READ_MIN, Reading, Writing};

/// What a pipe shares with its operations.
#[derive(Debug)]
pub(super) struct Inner {
    /// Shared with the operations that are under way, which keep it open.
    handle: Arc<OwnedHandle>,
    pub(super) readiness: Readiness,
    pub(super) state: Mutex<State>,
    /// The most bytes that one operation reads.
    pub(super) read_max: usize,
}

/// What the lock of a pipe guards.
#[derive(Debug)]
pub(super) struct State {
    /// The Poll that it was first registered with.
    pub(super) poll: Option<Arc<Shared>>,
    pub(super) is_registered: bool,
    /// What it is registered for.
    pub(super) wants: LatchState,
    /// What its readiness says.
    ready: LatchState,
    /// True from when its client was sent away until it waits for the next.
    pub(super) is_disconnected: bool,
    /// The wait for a client, while it is under way.
    pub(super) connect: Option<FlightId>,
    pub(super) connect_error: Option<io::Error>,
    pub(super) read: Reading,
    /// How many bytes the next operation reads.
    pub(super) read_len: usize,
    /// True if reads end where a message does.
    pub(super) reads_messages: bool,
    pub(super) write: Writing,
    /// Memory for the next read.
    pub(super) read_memory: Option<Memory>,
    /// Memory for the next write.
    pub(super) write_memory: Option<Memory>,
}

impl Inner {
    pub(super) fn new(handle: OwnedHandle, reads_messages: bool) -> Inner {
        let read_max = if pipe::is_pipe(&handle) { READ_MAX } else { READ_MIN };
        Inner {
            handle: Arc::new(handle),
            readiness: Readiness::both(),
            state: Mutex::new(State::new(reads_messages)),
            read_max,
        }
    }

    pub(super) fn handle(&self) -> &OwnedHandle {
        &self.handle
    }

    pub(super) fn register(
        self: &Arc<Inner>,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        let wants = wanted(interest, "a named pipe")?;
        let state = &mut *lock(&self.state);
        if state.poll.is_some() {
            state.check_poll(registry)?;
        }
        if state.is_registered {
            return Err(error::pipe_registered());
        }
        registry.shared().check_process()?;
        if state.poll.is_none() {
            let shared = registry.shared();
            shared.selector.adopt(&self.handle).map_err(|cause| error::not_overlapped(&cause))?;
            state.poll = Some(Arc::clone(shared));
        }
        state.is_registered = true;
        state.wants = wants;
        // Before it is armed, so that what is ready is one event.
        self.begin(state);
        let registered = self.readiness.register_for(registry, token, wants);
        state.is_registered = registered.is_ok();
        registered
    }

    pub(super) fn reregister(
        self: &Arc<Inner>,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        let wants = wanted(interest, "a named pipe")?;
        let state = &mut *lock(&self.state);
        state.check_registered(registry)?;
        state.wants = wants;
        self.begin(state);
        self.readiness.reregister_for(registry, token, wants)
    }

    pub(super) fn deregister(&self, registry: &Registry) -> io::Result<()> {
        let state = &mut *lock(&self.state);
        state.check_registered(registry)?;
        self.readiness.deregister(registry)?;
        state.is_registered = false;
        Ok(())
    }

    /// The pipe is dropped: it hears of nothing more, and what it waits for ends. What it writes
    /// goes on.
    pub(super) fn close(&self) {
        let state = &mut *lock(&self.state);
        self.readiness.end_registration();
        state.is_registered = false;
        state.cancel_connect();
        state.cancel_read();
    }

    /// Starts a read if there is none, and tells what is ready: a client has come, or the pipe was
    /// registered.
    pub(super) fn begin(self: &Arc<Inner>, state: &mut State) {
        if !self.start_read(state) {
            return;
        }
        if state.read.is_ready() && !state.ready.contains(LatchState::READABLE) {
            self.mark(state, LatchState::READABLE);
        }
        if !state.write.is_under_way() && !state.ready.contains(LatchState::WRITABLE) {
            self.mark(state, LatchState::WRITABLE);
        }
    }

    /// The pipe has become ready for `direction`.
    pub(super) fn mark(&self, state: &mut State, direction: LatchState) {
        state.ready |= direction;
        // It fails if the kernel has no memory left for a packet. Nobody could be told here.
        let _ = self.readiness.fire_for(direction);
    }

    /// The pipe is no longer ready for `directions`.
    pub(super) fn unmark(&self, state: &mut State, directions: LatchState) {
        if state.ready.intersects(directions) {
            state.ready -= directions;
            self.readiness.take_directions(directions);
        }
    }

    /// Starts an operation.
    pub(super) fn start(
        self: &Arc<Inner>,
        state: &State,
        operation: Operation,
        memory: Memory,
    ) -> Result<FlightId, (io::Error, Memory)> {
        let Some(poll) = &state.poll else { return Err((error::pipe_not_registered(), memory)) };
        let owner: Weak<Inner> = Arc::downgrade(self);
        poll.selector.start(operation, &self.handle, owner, memory)
    }
}

impl Owner for Inner {
    fn landed(self: Arc<Inner>, landing: Landing) {
        let state = &mut *lock(&self.state);
        match landing.operation {
            Operation::Connect => self.connect_landed(state, landing),
            Operation::Read { .. } => self.read_landed(state, landing),
            Operation::Write { from } => self.write_landed(state, from, landing),
        }
    }
}

impl State {
    fn new(reads_messages: bool) -> State {
        State {
            poll: None,
            is_registered: false,
            wants: LatchState::empty(),
            ready: LatchState::empty(),
            is_disconnected: false,
            connect: None,
            connect_error: None,
            read: Reading::Idle,
            read_len: READ_MIN,
            reads_messages,
            write: Writing::Idle,
            read_memory: None,
            write_memory: None,
        }
    }

    /// Has an operation end early; its memory is dropped when it lands.
    pub(super) fn cancel(&self, id: FlightId) {
        if let Some(poll) = &self.poll {
            poll.selector.cancel(id);
        }
    }

    /// Makes sure that the pipe belongs to the Poll of `registry`.
    fn check_poll(&self, registry: &Registry) -> io::Result<()> {
        match &self.poll {
            Some(poll) if Arc::ptr_eq(poll, registry.shared()) => Ok(()),
            Some(_) => Err(error::pipe_of_other_poll()),
            None => Err(error::pipe_not_registered()),
        }
    }

    fn check_registered(&self, registry: &Registry) -> io::Result<()> {
        self.check_poll(registry)?;
        if self.is_registered { Ok(()) } else { Err(error::pipe_not_registered()) }
    }
}
