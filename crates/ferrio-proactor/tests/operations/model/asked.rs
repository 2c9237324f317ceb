//! An operation, and what came of it.

use ferrio_proactor::{Completion, Kind, OpId, is_cancelled, op};

use super::connection::Connection;
use super::expected::{Outcome, What};

/// An operation that was asked for.
pub(super) struct Asked {
    /// None if it was refused.
    pub(super) id: Option<OpId>,
    pub(super) connection: usize,
    pub(super) what: What,
    pub(super) bytes: usize,
    pub(super) expected: Option<Outcome>,
    pub(super) outcome: Option<Outcome>,
    /// Whether the steps decide what comes of it.
    pub(super) is_decided: bool,
}

impl Asked {
    /// Takes a completion in. What came of the operation, if it is over.
    pub(super) fn receive(
        &mut self,
        byte: u8,
        on: &mut Connection,
        completion: Completion<'_>,
    ) -> Option<Outcome> {
        let result = match (completion.kind, self.what) {
            (Kind::Received(chunk), What::RecvMany) => {
                on.receive(&chunk);
                self.bytes += chunk.len();
                return None;
            }
            (Kind::Ended(result), What::RecvMany) => result,
            (Kind::Done(mut done), What::Recv(len)) => {
                let (result, recv) = done.take::<op::Recv<Vec<u8>>>().expect("a receive");
                assert!(recv.buf.capacity() >= len);
                on.receive(&recv.buf);
                self.bytes = recv.buf.len();
                result.map(|count| assert_eq!(count as usize, recv.buf.len()))
            }
            (Kind::Done(mut done), What::Send(len)) => {
                let (result, send) = done.take::<op::Send<Vec<u8>>>().expect("a send");
                assert!(send.buf == vec![byte; len], "another buffer");
                result.map(|count| {
                    self.bytes = count as usize;
                    on.sent.push(byte, self.bytes);
                })
            }
            (kind, what) => panic!("{kind:?} of {what:?}"),
        };
        match result {
            Ok(()) => Some(Outcome::Done(self.bytes)),
            Err(error) => {
                assert!(is_cancelled(&error), "{error}");
                Some(Outcome::Cancelled(self.bytes))
            }
        }
    }
}
