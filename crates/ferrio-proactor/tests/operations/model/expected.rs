//! What is to come of the operations on one connection: the model.

use std::collections::VecDeque;

/// What came of an operation, or is to come of it, and how many bytes it had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// It did what it was to do.
    Done(usize),
    /// It was cancelled, or its descriptor closed.
    Cancelled(usize),
}

/// What is asked of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// A receive into a buffer of this length.
    Recv(usize),
    RecvMany,
    /// A send of so many bytes, which the other side takes.
    Send(usize),
}

/// A connection without a kernel. Operations are known by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// The receives that wait, with what they have so far.
    receives: VecDeque<(usize, What, usize)>,
    sends: VecDeque<(usize, usize)>,
    /// What the other side wrote and nobody received.
    waiting: usize,
    has_ended: bool,
    /// How much was received.
    pub(crate) received: usize,
    /// What is over, and was not told yet.
    over: Vec<(usize, Outcome)>,
}

impl Expected {
    pub(crate) fn submit(&mut self, number: usize, what: What) {
        match what {
            What::Send(len) => self.sends.push_back((number, len)),
            _ => self.receives.push_back((number, what, 0)),
        }
    }

    /// The other side has written.
    pub(crate) fn write(&mut self, count: usize) {
        self.waiting += count;
    }

    /// The other side writes no more.
    pub(crate) fn end(&mut self) {
        self.has_ended = true;
    }

    pub(crate) fn cancel(&mut self, number: usize) {
        let over = &mut self.over;
        self.receives.retain(|(other, _, bytes)| {
            let is_kept = *other != number;
            if !is_kept {
                over.push((number, Outcome::Cancelled(*bytes)));
            }
            is_kept
        });
    }

    pub(crate) fn close(&mut self) {
        let receives = self.receives.drain(..);
        self.over.extend(receives.map(|(number, _, bytes)| (number, Outcome::Cancelled(bytes))));
    }

    /// Does all that can be done; what is over by then.
    pub(crate) fn settle(&mut self) -> Vec<(usize, Outcome)> {
        let sends = self.sends.drain(..);
        self.over.extend(sends.map(|(number, len)| (number, Outcome::Done(len))));
        while let Some((number, what, bytes)) = self.receives.front_mut() {
            let room = if let What::Recv(len) = *what { len } else { usize::MAX };
            let count = room.min(self.waiting);
            self.waiting -= count;
            self.received += count;
            *bytes += count;
            // One that receives many goes on until the end.
            let is_over = if room == usize::MAX { self.has_ended } else { count > 0 || self.has_ended };
            if !is_over {
                break;
            }
            self.over.push((*number, Outcome::Done(*bytes)));
            self.receives.pop_front();
        }
        std::mem::take(&mut self.over)
    }
}
