//! Threads for what makes a caller wait whatever it asks for: files.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::park::Nudge;

use crate::driver::readiness::calls;
use crate::id::OpId;
use crate::op::request::Request;
use crate::sys::Raw;

/// The threads, of which none runs until there is something to do.
#[derive(Debug)]
pub(super) struct Threads {
    shared: Arc<Shared>,
    max: usize,
    nudge: Nudge,
    /// How many jobs have no result yet.
    away: usize,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// A job was added, or the end has come.
    has_job: Condvar,
    /// A result was added, or a thread has ended.
    has_result: Condvar,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    results: VecDeque<(OpId, i32)>,
    /// How many threads there are.
    running: usize,
    /// How many of them wait for a job.
    idle: usize,
    is_over: bool,
}

/// How long the end waits for threads that have nothing to do. At the end of a process there may be
/// none left to wait for.
const END_MAX: Duration = Duration::from_secs(5);

/// A system call that may take long. Its addresses belong to an operation that stays in its slot
/// until the result was taken.
#[derive(Debug)]
struct Job {
    id: OpId,
    call: calls::Blocking,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a thread does until the end.
    fn run(&self, nudge: Nudge) {
        let mut state = self.lock();
        loop {
            if let Some(Job { id, call }) = state.jobs.pop_front() {
                drop(state);
                let result = call.run();
                state = self.lock();
                state.results.push_back((id, result));
                self.has_result.notify_all();
                // It fails only where nobody can be woken.
                let _ = nudge.nudge();
            } else if state.is_over {
                // It holds descriptors of the Poll.
                drop(nudge);
                state.running -= 1;
                self.has_result.notify_all();
                return;
            } else {
                state.idle += 1;
                state = self.has_job.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }
}

impl Threads {
    pub(super) fn new(max: usize, nudge: Nudge) -> Threads {
        Threads { shared: Arc::default(), max, nudge, away: 0 }
    }

    /// Whether there may be threads at all.
    pub(super) fn are_allowed(&self) -> bool {
        self.max > 0
    }

    /// Has a thread do `request` on `fd`. The result comes by [`next_result`](Threads::next_result).
    ///
    /// # Errors
    ///
    /// Those of starting the first thread.
    pub(super) fn add(&mut self, id: OpId, request: Request, fd: Raw, file_bytes: u32) -> io::Result<()> {
        let mut state = self.shared.lock();
        let is_wanted = state.idle <= state.jobs.len() && state.running < self.max;
        state.jobs.push_back(Job { id, call: calls::Blocking::new(request, fd, file_bytes) });
        drop(state);
        self.away += 1;
        self.shared.has_job.notify_one();
        if is_wanted {
            self.start(id)?;
        }
        Ok(())
    }

    fn start(&mut self, id: OpId) -> io::Result<()> {
        let (shared, nudge) = (Arc::clone(&self.shared), self.nudge.clone());
        let name = "ferrio-files".to_owned();
        self.shared.lock().running += 1;
        let Err(error) = thread::Builder::new().name(name).spawn(move || shared.run(nudge)) else {
            return Ok(());
        };
        let mut state = self.shared.lock();
        state.running -= 1;
        // Those that run will do it.
        if state.running > 0 {
            return Ok(());
        }
        drop(state);
        self.withdraw(id);
        Err(error)
    }

    /// Takes a job back that no thread has begun. False if one has.
    pub(super) fn withdraw(&mut self, id: OpId) -> bool {
        let mut state = self.shared.lock();
        let before = state.jobs.len();
        state.jobs.retain(|job| job.id != id);
        let is_withdrawn = state.jobs.len() < before;
        drop(state);
        self.away -= usize::from(is_withdrawn);
        is_withdrawn
    }

    /// A result that has come.
    pub(super) fn next_result(&mut self) -> Option<(OpId, i32)> {
        if self.away == 0 {
            return None;
        }
        let result = self.shared.lock().results.pop_front()?;
        self.away -= 1;
        Some(result)
    }

    /// Gives the results of all that is under way to `take`, as far as they come before `timeout`
    /// is over.
    pub(super) fn wait_for(&mut self, timeout: Duration, mut take: impl FnMut(OpId, i32)) {
        // None is too far away to be a time.
        let deadline = Instant::now().checked_add(timeout);
        while self.away > 0 {
            let mut state = self.shared.lock();
            if state.results.is_empty() {
                let left = deadline.map_or(timeout, |at| at.saturating_duration_since(Instant::now()));
                if left.is_zero() {
                    return;
                }
                let waited = self.shared.has_result.wait_timeout(state, left);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            if let Some((id, result)) = state.results.pop_front() {
                drop(state);
                self.away -= 1;
                take(id, result);
            }
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_over = true;
        self.shared.has_job.notify_all();
        // With nothing under way they end at once. What a disk holds up ends by itself: its
        // memory was leaked. None is joined: on Windows a thread ends under a lock that is held by
        // another that ends, and drops this.
        if self.away == 0 {
            let has_ended = &self.shared.has_result;
            drop(has_ended.wait_timeout_while(state, END_MAX, |state| state.running > 0));
        }
    }
}
