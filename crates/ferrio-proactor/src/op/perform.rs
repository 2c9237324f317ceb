//! What a proactor needs to know of an operation.

use crate::id::Handle;
use crate::op::request::Request;

/// The part of [`Operation`](crate::op::Operation) that is not for users: an operation is one of
/// this crate's.
pub(crate) trait Perform: Sized + 'static {
    /// What kind of operation it is.
    const CODE: Code;

    /// What its completions look like.
    const SHAPE: Shape;

    /// The queue of its descriptor in which it waits for those before it. `None` for operations
    /// that do not depend on one another, as reads at a position of a file.
    const LANE: Option<Lane> = None;

    /// The descriptors that it is done on; the first is the one whose queue it waits in.
    fn handles(&self) -> Handles;

    /// How long the buffers of the pool have to be for it.
    fn buffer_len(&self) -> u32 {
        0
    }

    /// What the kernel is to do. The addresses in it hold while `self` is not moved.
    fn request(&mut self) -> Request;

    /// The kernel wrote `count` bytes at the addresses of the request.
    ///
    /// # Safety
    ///
    /// It did.
    #[allow(unsafe_code, reason = "a buffer is told that its bytes are initialized")]
    unsafe fn finish(&mut self, _count: u32) {}
}

/// The kinds of operations, by the names of their types.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Code {
    Accept,
    AcceptMany,
    Connect,
    Fsync,
    Open,
    PollFd,
    Read,
    Recv,
    RecvMany,
    RecvMsg,
    RecvMsgMany,
    Send,
    SendAll,
    SendMsg,
    SendZc,
    Shutdown,
    Splice,
    Statx,
    Timeout,
    Write,
}

impl Code {
    pub(crate) const ALL: &[(Code, &str)] = &[
        (Code::Accept, "Accept"),
        (Code::AcceptMany, "AcceptMany"),
        (Code::Connect, "Connect"),
        (Code::Fsync, "Fsync"),
        (Code::Open, "Open"),
        (Code::PollFd, "PollFd"),
        (Code::Read, "Read"),
        (Code::Recv, "Recv"),
        (Code::RecvMany, "RecvMany"),
        (Code::RecvMsg, "RecvMsg"),
        (Code::RecvMsgMany, "RecvMsgMany"),
        (Code::Send, "Send"),
        (Code::SendAll, "SendAll"),
        (Code::SendMsg, "SendMsg"),
        (Code::SendZc, "SendZc"),
        (Code::Shutdown, "Shutdown"),
        (Code::Splice, "Splice"),
        (Code::Statx, "Statx"),
        (Code::Timeout, "Timeout"),
        (Code::Write, "Write"),
    ];

    /// The name of its type.
    pub(crate) fn name(self) -> &'static str {
        let (_, name) = Code::ALL.iter().find(|(code, _)| *code == self).expect("all are there");
        name
    }
}

/// Some kinds of operations.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Codes(u32);

impl Codes {
    pub(crate) fn that(is_in: impl Fn(Code) -> bool) -> Codes {
        let codes = Code::ALL.iter().map(|(code, _)| *code).filter(|code| is_in(*code));
        Codes(codes.fold(0, |bits, code| bits | 1 << code as u32))
    }

    pub(crate) fn contains(self, code: Code) -> bool {
        self.0 & 1 << code as u32 != 0
    }
}

/// What the completions of an operation look like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    /// One, with the operation and its buffers.
    One,
    /// One, with a descriptor of a connection.
    Accept,
    /// One, with a descriptor of a file.
    Open,
    /// One for each connection.
    AcceptMany,
    /// One for each piece of data.
    RecvMany,
    /// One for each datagram.
    RecvMsgMany,
    /// One when the time has come.
    Timeout,
    /// One when all of its parts are done.
    SendAll,
    /// None: it is a part of another operation.
    Part,
}

impl Shape {
    /// Whether operations of this shape are cancelled by themselves, and not with another.
    pub(crate) fn is_whole(self) -> bool {
        self != Shape::Part
    }
}

/// A queue of operations on one descriptor: the first is under way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lane {
    /// What takes from it.
    Read,
    /// What adds to it.
    Write,
}

/// The descriptors of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handles(pub(crate) [Option<Handle>; 2]);

impl Handles {
    pub(crate) const NONE: Handles = Handles([None; 2]);

    pub(crate) fn one(handle: Handle) -> Handles {
        Handles([Some(handle), None])
    }

    pub(crate) fn two(first: Handle, second: Handle) -> Handles {
        Handles([Some(first), Some(second)])
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Handle> {
        self.0.into_iter().flatten()
    }
}
