//! How a server gets and loses a client.

use std::io;
use std::sync::Arc;

use crate::error::windows as error;
use crate::queue::LatchState;
use crate::sync::lock;
use crate::sys::overlapped::{Landing, Memory, Operation};
use crate::sys::pipe;
use crate::windows::named_pipe::progress::{Reading, Writing};
use crate::windows::named_pipe::state::{Inner, State};

impl Inner {
    pub(super) fn connect(self: &Arc<Inner>) -> io::Result<()> {
        let state = &mut *lock(&self.state);
        if !state.is_registered {
            return Err(error::pipe_not_registered());
        }
        if state.connect.is_some() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        match self.start(state, Operation::Connect, Memory::default()) {
            Ok(id) => {
                state.is_disconnected = false;
                state.connect = Some(id);
                Err(io::ErrorKind::WouldBlock.into())
            }
            Err((error, _)) if pipe::has_client(&error) => {
                state.is_disconnected = false;
                self.begin(state);
                Ok(())
            }
            Err((error, _)) => Err(error),
        }
    }

    pub(super) fn connect_landed(self: &Arc<Inner>, state: &mut State, landing: Landing) {
        if state.connect != Some(landing.id) {
            // It was cancelled.
            return;
        }
        state.connect = None;
        state.connect_error = landing.result.err().filter(|error| !pipe::has_client(error));
        self.begin(state);
        // The end of the wait is an event whatever its result is, and whatever the pipe is
        // registered for.
        let direction = if state.wants.contains(LatchState::WRITABLE) {
            LatchState::WRITABLE
        } else {
            LatchState::READABLE
        };
        self.mark(state, direction);
    }

    pub(super) fn take_error(&self) -> Option<io::Error> {
        lock(&self.state).connect_error.take()
    }

    pub(super) fn disconnect(&self) -> io::Result<()> {
        let state = &mut *lock(&self.state);
        pipe::disconnect(self.handle())?;
        state.is_disconnected = true;
        state.connect_error = None;
        state.cancel_connect();
        state.cancel_read();
        if let Writing::UnderWay(id) = state.write {
            state.cancel(id);
        }
        state.write = Writing::Idle;
        self.unmark(state, LatchState::FIRED);
        Ok(())
    }
}

impl State {
    pub(super) fn cancel_connect(&mut self) {
        if let Some(id) = self.connect.take() {
            self.cancel(id);
        }
    }

    /// Ends a read that is under way, and drops what was read.
    pub(super) fn cancel_read(&mut self) {
        if let Reading::UnderWay(id) = self.read {
            self.cancel(id);
        }
        self.read = Reading::Idle;
    }
}
