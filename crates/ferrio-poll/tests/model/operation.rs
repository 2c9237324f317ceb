//! What a sequence is made of.

use ferrio_poll::Interest;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

/// One step. A number chooses among the sources that are open, whatever their count.
#[derive(Copy, Clone, Debug)]
pub(crate) enum Operation {
    /// Opens a pair of sockets.
    Open(Kind),
    /// Opens another descriptor of a source's file.
    Duplicate(usize, Kind),
    /// Closes a source, registered or not.
    Close(usize),
    Register(usize, Interest),
    Reregister(usize, Interest),
    Deregister(usize),
    /// The peer writes a few bytes.
    MakeReadable(usize, usize),
    /// The source reads once, with room for that many bytes.
    Read(usize, usize),
    /// The source reads until it would block or is at its end.
    Drain(usize),
    /// The source writes until it would block.
    Fill(usize),
    /// The peer reads all that was written.
    MakeWritable(usize),
    /// The peer ends its writing.
    EndPeer(usize),
    /// The peer closes.
    ClosePeer(usize),
    Wake,
    /// Polls with room for that many events, without a wait.
    Poll(usize),
}

/// How a source is known to the Poll.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A `UnixStream` of the crate, whose operations and drop the Poll hears of.
    Stream,
    /// A descriptor that the Poll knows by number only.
    Raw,
}

pub(crate) fn strategy() -> impl Strategy<Value = Operation> {
    let index = || any::<u8>().prop_map(usize::from);
    let kind = || select(vec![Kind::Stream, Kind::Stream, Kind::Raw]);
    let interest =
        || select(vec![Interest::READABLE, Interest::WRITABLE, Interest::READABLE | Interest::WRITABLE]);
    prop_oneof![
        3 => kind().prop_map(Operation::Open),
        2 => (index(), kind()).prop_map(|(index, kind)| Operation::Duplicate(index, kind)),
        2 => index().prop_map(Operation::Close),
        6 => (index(), interest()).prop_map(|(index, interest)| Operation::Register(index, interest)),
        4 => (index(), interest()).prop_map(|(index, interest)| Operation::Reregister(index, interest)),
        2 => index().prop_map(Operation::Deregister),
        6 => (index(), 1_usize..4).prop_map(|(index, count)| Operation::MakeReadable(index, count)),
        3 => (index(), select(vec![1, 64])).prop_map(|(index, room)| Operation::Read(index, room)),
        4 => index().prop_map(Operation::Drain),
        2 => index().prop_map(Operation::Fill),
        3 => index().prop_map(Operation::MakeWritable),
        1 => index().prop_map(Operation::EndPeer),
        1 => index().prop_map(Operation::ClosePeer),
        1 => Just(Operation::Wake),
        8 => select(vec![1, 2, 16, 16, 16]).prop_map(Operation::Poll),
    ]
}
