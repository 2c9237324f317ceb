//! Writing to a pipe: by an operation for each write.

use std::io;
use std::mem;
use std::ops::Deref;
use std::sync::Arc;

use crate::error::windows as error;
use crate::queue::LatchState;
use crate::sync::lock;
use crate::sys::overlapped::{Landing, Memory, Operation};
use crate::windows::named_pipe::progress::Writing;
use crate::windows::named_pipe::state::{Inner, State};

impl Inner {
    /// Writes all bytes of `bufs` by one operation.
    pub(super) fn write(self: &Arc<Inner>, bufs: &[impl Deref<Target = [u8]>]) -> io::Result<usize> {
        let state = &mut *lock(&self.state);
        match mem::replace(&mut state.write, Writing::Idle) {
            Writing::Failed(error) => return Err(error),
            write if !state.is_registered => {
                state.write = write;
                return Err(error::pipe_not_registered());
            }
            Writing::Idle => {}
            under_way => {
                state.write = under_way;
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
        let mut memory = state.write_memory.take().unwrap_or_default();
        memory.bytes.clear();
        memory.bytes.reserve(bufs.iter().map(|buf| buf.len()).fold(0, usize::saturating_add));
        bufs.iter().for_each(|buf| memory.bytes.extend_from_slice(buf));
        let len = memory.bytes.len();
        self.start_write(state, 0, memory)?;
        self.unmark(state, LatchState::WRITABLE);
        Ok(len)
    }

    fn start_write(self: &Arc<Inner>, state: &mut State, from: usize, memory: Memory) -> io::Result<()> {
        match self.start(state, Operation::Write { from }, memory) {
            Ok(id) => {
                state.write = Writing::UnderWay(id);
                Ok(())
            }
            Err((error, memory)) => {
                state.keep_write_memory(memory);
                Err(error)
            }
        }
    }

    pub(super) fn write_landed(self: &Arc<Inner>, state: &mut State, from: usize, landing: Landing) {
        if !matches!(state.write, Writing::UnderWay(id) if id == landing.id) {
            // It was cancelled.
            return;
        }
        let len = landing.memory.bytes.len();
        let failed = match landing.result {
            Ok(written) if from + written >= len => None,
            Ok(0) => Some(io::ErrorKind::WriteZero.into()),
            // A device may take less than it was given.
            Ok(written) => match self.start_write(state, from + written, landing.memory) {
                Ok(()) => return,
                Err(error) => return self.write_ended(state, Some(error)),
            },
            Err(error) => Some(error),
        };
        state.keep_write_memory(landing.memory);
        self.write_ended(state, failed);
    }

    fn write_ended(&self, state: &mut State, failed: Option<io::Error>) {
        state.write = failed.map_or(Writing::Idle, Writing::Failed);
        self.mark(state, LatchState::WRITABLE);
    }
}

impl State {
    /// Keeps memory for the next write, unless it is much.
    fn keep_write_memory(&mut self, memory: Memory) {
        if memory.bytes.capacity() <= KEPT_MAX {
            self.write_memory = Some(memory);
        }
    }
}

/// The most bytes that a pipe keeps for its next write.
const KEPT_MAX: usize = 1024 * 1024;
