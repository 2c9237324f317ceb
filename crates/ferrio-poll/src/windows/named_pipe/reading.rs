//! Reading from a pipe: by an operation that is always under way.

use std::io::{self, IoSliceMut, Read};
use std::mem;
use std::sync::Arc;

use crate::error::windows as error;
use crate::queue::LatchState;
use crate::sync::lock;
use crate::sys::overlapped::{Landing, Operation};
use crate::sys::pipe;
use crate::windows::named_pipe::message::MessagePart;
use crate::windows::named_pipe::progress::{READ_MIN, Reading, Received};
use crate::windows::named_pipe::state::{Inner, State};

/// How an empty message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Empty {
    /// As any other.
    Given,
    /// Not at all.
    Passed,
}

impl Inner {
    pub(super) fn read(self: &Arc<Inner>, buf: &mut [u8]) -> io::Result<usize> {
        let part = self.take(buf.len(), Empty::Passed, |mut bytes| bytes.read(buf))?;
        Ok(part.map_or(0, |part| part.len()))
    }

    pub(super) fn read_vectored(self: &Arc<Inner>, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let room = bufs.iter().map(|buf| buf.len()).fold(0, usize::saturating_add);
        let part = self.take(room, Empty::Passed, |mut bytes| bytes.read_vectored(bufs))?;
        Ok(part.map_or(0, |part| part.len()))
    }

    pub(super) fn read_message(self: &Arc<Inner>, buf: &mut [u8]) -> io::Result<Option<MessagePart>> {
        if !lock(&self.state).reads_messages {
            return Err(error::pipe_without_messages());
        }
        self.take(buf.len(), Empty::Given, |mut bytes| bytes.read(buf))
    }

    pub(super) fn set_message_mode(&self, on: bool) -> io::Result<()> {
        let state = &mut *lock(&self.state);
        pipe::read_messages(self.handle(), on)?;
        state.reads_messages = on;
        Ok(())
    }

    /// Gives the user what was read, by `copy`, which has `room` for so many bytes; `None` is the
    /// end.
    fn take(
        self: &Arc<Inner>,
        room: usize,
        empty: Empty,
        copy: impl FnOnce(&[u8]) -> io::Result<usize>,
    ) -> io::Result<Option<MessagePart>> {
        let state = &mut *lock(&self.state);
        // The next operation fills such a buffer in one go.
        state.read_len = room.clamp(READ_MIN, self.read_max);
        if empty == Empty::Passed && matches!(&state.read, Reading::Ready(received) if received.len == 0) {
            self.read_on(state);
        }
        match &mut state.read {
            Reading::Idle | Reading::UnderWay(_) if !state.is_registered => Err(error::pipe_not_registered()),
            Reading::Idle | Reading::UnderWay(_) => {
                self.unmark(state, LatchState::READABLE);
                Err(io::ErrorKind::WouldBlock.into())
            }
            Reading::Ready(received) => {
                let len = copy(&received.memory.bytes[received.given..received.len])?;
                received.given += len;
                let is_all = received.given == received.len;
                let part = MessagePart::new(len, is_all && received.ends_message);
                if is_all {
                    self.read_on(state);
                }
                Ok(Some(part))
            }
            Reading::Failed(_) => {
                let failed = mem::replace(&mut state.read, Reading::Idle);
                self.read_on(state);
                match failed {
                    Reading::Failed(error) => Err(error),
                    _ => Err(io::ErrorKind::WouldBlock.into()),
                }
            }
            Reading::Ended => Ok(None),
        }
    }

    /// Goes on to the next read; nothing is left of the last.
    fn read_on(self: &Arc<Inner>, state: &mut State) {
        if let Reading::Ready(received) = mem::replace(&mut state.read, Reading::Idle) {
            state.read_memory = Some(received.memory);
        }
        self.start_read(state);
        if !state.read.is_ready() {
            self.unmark(state, LatchState::READABLE);
        }
    }

    /// Starts a read, unless there is one or what was read waits for the user. False if there is
    /// nobody to read from yet.
    pub(super) fn start_read(self: &Arc<Inner>, state: &mut State) -> bool {
        if state.is_disconnected {
            return false;
        }
        if !matches!(state.read, Reading::Idle) || !state.is_registered {
            return true;
        }
        let mut memory = state.read_memory.take().unwrap_or_default();
        let len = state.read_len;
        if memory.bytes.len() < len {
            memory.bytes.resize(len, 0);
        }
        match self.start(state, Operation::Read { len }, memory) {
            Ok(id) => {
                state.read = Reading::UnderWay(id);
                true
            }
            Err((error, memory)) => {
                state.read_memory = Some(memory);
                if pipe::has_no_client(&error) {
                    return false;
                }
                state.read = Reading::failed(error);
                self.mark(state, LatchState::READABLE);
                true
            }
        }
    }

    pub(super) fn read_landed(&self, state: &mut State, landing: Landing) {
        if !matches!(state.read, Reading::UnderWay(id) if id == landing.id) {
            // It was cancelled.
            return;
        }
        state.read = match landing.result {
            Ok(len) => Reading::Ready(Received {
                memory: landing.memory,
                given: 0,
                len,
                ends_message: !landing.is_cut,
            }),
            Err(error) => {
                state.read_memory = Some(landing.memory);
                Reading::failed(error)
            }
        };
        self.mark(state, LatchState::READABLE);
    }
}
