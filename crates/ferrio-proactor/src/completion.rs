//! What a wait brings of operations.

use std::collections::VecDeque;
use std::fmt::{self, Debug, Formatter};
use std::io;

use ferrio_poll::Token;

use crate::buffer::chunk::Chunk;
use crate::id::OpId;
use crate::op::Operation;
use crate::op::datagram::{Datagram, Fds, Layout};
use crate::op::erased::Erased;
use crate::op::request::result;
use crate::sys::{Errno, OwnedFile, OwnedSocket};

/// The completions that one wait brings.
///
/// [`Proactor::poll`](crate::Proactor::poll) fills it, and what is not taken until the next wait
/// is dropped there: a buffer is freed, a chunk goes back to the pool, and a descriptor is closed.
#[derive(Debug)]
pub struct Completions {
    capacity: usize,
    pub(crate) finished: Finished,
}

/// Completions in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Finished {
    list: VecDeque<Entry>,
    /// The operations of those that are [`What::Done`], in the same order: few completions have
    /// one, and it is large.
    operations: VecDeque<Erased>,
    /// The first of them belongs to a completion that was handed out. It goes with that, but for
    /// one that was forgotten.
    is_lent: bool,
}

#[derive(Debug)]
struct Entry {
    token: Token,
    id: OpId,
    more: bool,
    what: What,
}

/// What came of an operation.
#[derive(Debug)]
pub(crate) enum What {
    Accepted(OwnedSocket),
    Opened(OwnedFile),
    Received(Chunk),
    /// With the descriptors that came with it: smaller than a [`Datagram`], for a tag has room in it.
    Datagram(Chunk, Layout, Fds),
    Ended(i32),
    Done(i32),
    Woken,
}

/// A completion: what came of an operation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Completion<'a> {
    /// The token that the operation was submitted with.
    pub token: Token,
    /// The operation.
    pub id: OpId,
    /// Whether more completions of this operation follow. The last one has `false`.
    pub more: bool,
    /// What came of it.
    pub kind: Kind<'a>,
}

/// What came of an operation.
#[derive(Debug)]
#[non_exhaustive]
pub enum Kind<'a> {
    /// A connection, of [`Accept`](crate::op::Accept) or [`AcceptMany`](crate::op::AcceptMany):
    /// close-on-exec. An `OwnedFd` on Unix and an `OwnedSocket` on Windows; std's `TcpStream` is made
    /// of either by `from`. [`attach`](crate::Proactor::attach) makes a handle of it; if it is
    /// dropped, it is closed.
    Accepted(OwnedSocket),
    /// A file, of [`Open`](crate::op::Open): close-on-exec. As for a connection; an `OwnedHandle` on
    /// Windows, and std's `File` is made of either.
    Opened(OwnedFile),
    /// Data, of [`RecvMany`](crate::op::RecvMany): never empty.
    Received(Chunk),
    /// A datagram, of [`RecvMsgMany`](crate::op::RecvMsgMany).
    Datagram(Datagram),
    /// The operation is over, and has nothing to give back: the end of a stream (`Ok`), the end
    /// of a [`Timeout`](crate::op::Timeout) (`Ok`), or an error. A cancelled one ends with
    /// [`is_cancelled`].
    Ended(io::Result<()>),
    /// The operation is over, and gives its buffers back.
    Done(Done<'a>),
    /// [`Remote::wake`](crate::Remote::wake) was called with this token. No operation.
    Woken,
}

/// An operation that is over, to be taken by its type.
pub struct Done<'a> {
    result: i32,
    finished: &'a mut Finished,
}

impl Done<'_> {
    /// Whether it succeeded.
    pub fn is_ok(&self) -> bool {
        self.result >= 0
    }

    /// The operation with its buffers, and what the kernel said: mostly a number of bytes.
    ///
    /// `None` if it is of another type, or was taken before. What is not taken is dropped with
    /// the completion.
    ///
    /// # Errors
    ///
    /// The inner result is an error if the operation failed or was cancelled.
    pub fn take<O: Operation>(&mut self) -> Option<(io::Result<u32>, O)> {
        if !self.finished.is_lent {
            return None;
        }
        let erased = self.finished.operations.pop_front().expect("an operation for each that is done");
        match erased.take::<O>() {
            Ok(operation) => {
                self.finished.is_lent = false;
                Some((result(self.result), operation))
            }
            Err(erased) => {
                self.finished.operations.push_front(erased);
                None
            }
        }
    }
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.finished.drop_lent();
    }
}

impl Debug for Done<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Done").field("result", &self.result).finish_non_exhaustive()
    }
}

/// Whether `error` is that of an operation that was cancelled, or whose descriptor was closed, or that
/// waited behind a [`Send`](crate::op::Send) which failed.
///
/// What a cancelled operation has done is not undone: data that it received before has come in a
/// completion of its own, and data that it would have received next is still in the socket.
pub fn is_cancelled(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::CANCELED.raw_os_error())
}

impl Completions {
    /// Room for `capacity` completions of one wait. More wait for the next.
    ///
    /// # Panics
    ///
    /// If `capacity` is 0.
    pub fn with_capacity(capacity: usize) -> Completions {
        assert!(capacity > 0, "completions need room for at least one: the capacity is 0");
        let mut finished = Finished::default();
        finished.reserve(capacity);
        Completions { capacity, finished }
    }

    /// The next completion of the last wait.
    ///
    /// Not an iterator, since a completion borrows the list until its operation was taken.
    #[allow(clippy::should_implement_trait, reason = "an iterator cannot lend what it gives")]
    pub fn next(&mut self) -> Option<Completion<'_>> {
        self.finished.drop_lent();
        let Entry { token, id, more, what } = self.finished.list.pop_front()?;
        let kind = match what {
            What::Accepted(fd) => Kind::Accepted(fd),
            What::Opened(fd) => Kind::Opened(fd),
            What::Received(chunk) => Kind::Received(chunk),
            What::Datagram(chunk, layout, fds) => Kind::Datagram(Datagram::new(chunk, layout, fds)),
            What::Ended(code) => Kind::Ended(result(code).map(drop)),
            What::Done(result) => {
                self.finished.is_lent = true;
                Kind::Done(Done { result, finished: &mut self.finished })
            }
            What::Woken => Kind::Woken,
        };
        Some(Completion { token, id, more, kind })
    }

    /// How many completions are left of the last wait.
    pub fn len(&self) -> usize {
        self.finished.list.len()
    }

    /// Whether none is left of the last wait.
    pub fn is_empty(&self) -> bool {
        self.finished.list.is_empty()
    }

    /// How many completions one wait brings at most.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Drops what is left of the last wait.
    pub fn clear(&mut self) {
        self.finished.clear();
    }
}

impl Finished {
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Makes room for `max` completions, so that the list does not grow while it is in use.
    pub(crate) fn reserve(&mut self, max: usize) {
        self.list.reserve(max.saturating_sub(self.list.len()));
        self.operations.reserve(max.saturating_sub(self.operations.len()));
    }

    /// The operations that are over.
    pub(crate) fn over(&self) -> impl Iterator<Item = OpId> {
        self.list.iter().filter(|entry| !entry.more).map(|entry| entry.id)
    }

    pub(crate) fn push(&mut self, token: Token, id: OpId, more: bool, what: What) {
        self.list.push_back(Entry { token, id, more, what });
    }

    /// Adds an operation that is over, and is to be taken.
    pub(crate) fn push_done(&mut self, token: Token, id: OpId, result: i32, operation: Erased) {
        self.operations.push_back(operation);
        self.push(token, id, false, What::Done(result));
    }

    fn clear(&mut self) {
        self.list.clear();
        self.operations.clear();
        self.is_lent = false;
    }

    /// Drops the operation of a completion that was handed out and did not take it.
    fn drop_lent(&mut self) {
        if std::mem::take(&mut self.is_lent) {
            self.operations.pop_front();
        }
    }

    /// Moves as many as there is room for to `completions`, which is empty.
    pub(crate) fn deliver(&mut self, completions: &mut Completions) {
        if self.len() <= completions.capacity {
            std::mem::swap(self, &mut completions.finished);
            return;
        }
        let moved = self.list.drain(..completions.capacity);
        let is_done = |entry: &Entry| matches!(entry.what, What::Done(_));
        completions.finished.list.extend(moved);
        let operations = completions.finished.list.iter().filter(|entry| is_done(entry)).count();
        completions.finished.operations.extend(self.operations.drain(..operations));
    }
}

#[cfg(test)]
mod tests {
    use ferrio_poll::Token;

    use super::{Completions, Finished, Kind, is_cancelled, result};
    use crate::id::{Handle, OpId};
    use crate::op::erased::Erased;
    use crate::op::{Recv, Send};
    use crate::sys::{self, Errno};

    const HANDLE: Handle = Handle { slot: 0, generation: 0 };
    const ID: OpId = OpId { slot: 0, generation: 0 };

    fn send(text: &'static str) -> Erased {
        Erased::new(Send::new(HANDLE, text))
    }

    fn text(completions: &mut Completions) -> Option<&'static str> {
        let Kind::Done(mut done) = completions.next()?.kind else { panic!("not done") };
        assert!(done.take::<Recv<Vec<u8>>>().is_none(), "another type");
        let (_, send) = done.take::<Send<&'static str>>()?;
        assert!(done.take::<Send<&'static str>>().is_none(), "taken before");
        Some(send.buf)
    }

    #[test]
    fn what_finds_no_room_waits_for_the_next() {
        let mut finished = Finished::default();
        for text in ["a", "b", "c"] {
            finished.push_done(Token(1), ID, 1, send(text));
            finished.push(Token(2), ID, true, super::What::Woken);
        }
        let mut completions = Completions::with_capacity(3);
        finished.deliver(&mut completions);
        assert_eq!((completions.len(), finished.len()), (3, 3));
        assert_eq!(text(&mut completions), Some("a"));
        assert!(matches!(completions.next().map(|completion| completion.kind), Some(Kind::Woken)));
        assert_eq!(text(&mut completions), Some("b"));
        assert!(completions.next().is_none());

        finished.deliver(&mut completions);
        assert!(matches!(completions.next().map(|completion| completion.kind), Some(Kind::Woken)));
        assert_eq!(text(&mut completions), Some("c"));
        assert_eq!((completions.len(), finished.len()), (1, 0));
    }

    #[test]
    fn an_operation_that_is_not_taken_does_not_stand_for_the_next() {
        let mut finished = Finished::default();
        finished.push_done(Token(1), ID, 1, send("a"));
        finished.push_done(Token(1), ID, 1, send("b"));
        let mut completions = Completions::with_capacity(8);
        finished.deliver(&mut completions);
        drop(completions.next());
        assert_eq!(text(&mut completions), Some("b"));
    }

    #[test]
    fn an_operation_of_a_completion_that_was_forgotten_does_not_stand_for_the_next() {
        let mut finished = Finished::default();
        finished.push_done(Token(1), ID, 1, send("a"));
        finished.push_done(Token(1), ID, 1, send("b"));
        let mut completions = Completions::with_capacity(8);
        finished.deliver(&mut completions);
        std::mem::forget(completions.next());
        assert_eq!(text(&mut completions), Some("b"));
    }

    #[test]
    fn a_cancelled_operation_is_told_from_one_that_failed() {
        let ended = |errno| result(sys::failure(errno)).expect_err("a failure");
        assert!(is_cancelled(&ended(Errno::CANCELED)) && !is_cancelled(&ended(Errno::IO)));
        assert_eq!(result(3).expect("a success"), 3);
    }

    #[test]
    fn a_completion_is_no_more_than_seven_words() {
        assert!(size_of::<super::Entry>() <= 56, "{}", size_of::<super::Entry>());
    }
}
