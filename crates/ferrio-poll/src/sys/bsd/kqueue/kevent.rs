//! Changes and events of a kqueue, in a form that all kqueues share.
//!
//! Each system lays out its `struct kevent` in its own way and numbers the filters in its own
//! way. The flags have the same values everywhere.
#![allow(dead_code, reason = "not every system, and no kernel that stands in, uses all of them")]

/// A change that a kqueue is asked for, its receipt, or an event.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kevent {
    /// What it is about: a descriptor with most filters, an address with those of AIO.
    pub(crate) ident: usize,
    pub(crate) filter: Filter,
    /// Constants that begin with `EV_`.
    pub(crate) flags: u16,
    /// Flags of the filter, which begin with `NOTE_`.
    pub(crate) fflags: u32,
    /// A value of the filter. In a change that was made, the number of its error, 0 for none.
    pub(crate) data: i64,
    /// What the registration asked its events to carry.
    pub(crate) udata: usize,
}

/// What a kqueue watches for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Filter {
    /// A request of aio(4) is done.
    Aio,
    /// There is urgent data.
    Except,
    /// A list of requests of aio(4) is done.
    Lio,
    /// A process exited.
    Proc,
    /// There is something to read, or the end of it.
    Read,
    /// A span of time is over.
    Timer,
    /// The process itself triggered it.
    User,
    /// Something happened to a file or directory.
    Vnode,
    /// There is room to write, or nobody reads any more.
    Write,
}

// What is done to a registration, and what it is like.
pub(crate) const EV_ADD: u16 = 0x1;
pub(crate) const EV_DELETE: u16 = 0x2;
pub(crate) const EV_ENABLE: u16 = 0x4;
pub(crate) const EV_DISABLE: u16 = 0x8;
/// Its state is reset when it is reported: an edge.
pub(crate) const EV_CLEAR: u16 = 0x20;
/// It is gone after its first event.
pub(crate) const EV_ONESHOT: u16 = 0x10;
/// A change is answered by a receipt.
pub(crate) const EV_RECEIPT: u16 = 0x40;
/// It is disabled when it is reported.
pub(crate) const EV_DISPATCH: u16 = 0x80;
/// In what the kernel wrote: it is a receipt.
pub(crate) const EV_ERROR: u16 = 0x4000;
/// In an event: there is nothing more to come.
pub(crate) const EV_EOF: u16 = 0x8000;

/// With `Filter::Read`: how many bytes there have to be, in `data`.
pub(crate) const NOTE_LOWAT: u32 = 0x1;

/// With `Filter::User`: the event happens now.
pub(crate) const NOTE_TRIGGER: u32 = 0x0100_0000;

/// With `Filter::Proc`: the process exited.
pub(crate) const NOTE_EXIT: u32 = 0x8000_0000;

// With `Filter::Vnode`, of a file or directory:
/// A name of it was removed.
pub(crate) const NOTE_DELETE: u32 = 0x1;
/// It was written to; in a directory a name came or went.
pub(crate) const NOTE_WRITE: u32 = 0x2;
/// It became longer.
pub(crate) const NOTE_EXTEND: u32 = 0x4;
/// Its attributes changed.
pub(crate) const NOTE_ATTRIB: u32 = 0x8;
/// The number of its names changed.
pub(crate) const NOTE_LINK: u32 = 0x10;
/// It was renamed.
pub(crate) const NOTE_RENAME: u32 = 0x20;
/// Its file system was unmounted, or it was taken away from all who had it open.
pub(crate) const NOTE_REVOKE: u32 = 0x40;

impl Kevent {
    /// A change of the registration of `ident` with `filter`.
    pub(crate) fn new(ident: usize, filter: Filter, flags: u16) -> Kevent {
        Kevent { ident, filter, flags, fflags: 0, data: 0, udata: 0 }
    }

    /// True if all of `flags` are set.
    pub(crate) fn has(&self, flags: u16) -> bool {
        self.flags & flags == flags
    }

    /// The error in a receipt; 0 for none.
    pub(crate) fn error(&self) -> i32 {
        // An error number fits.
        self.data as i32
    }
}
