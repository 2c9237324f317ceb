//! What a registration asks to be told about.

use std::fmt;
use std::num::NonZeroU8;
use std::ops;

use bitflags::{bitflags, parser};

/// What a registration asks to be told about.
///
/// Every constant exists on every platform. A registration that asks for
/// something the backend cannot watch fails with
/// [`Unsupported`](std::io::ErrorKind::Unsupported): nothing is dropped in
/// silence.
///
/// # Implementation notes
///
/// | interest | epoll and poll(2) |
/// |---|---|
/// | `READABLE` | `IN`, `RDHUP` |
/// | `HANGUP` | `RDHUP` |
/// | `WRITABLE` | `OUT` |
/// | `PRIORITY` | `PRI` |
/// | `AIO`, `LIO` | `Unsupported` |
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// use ferrio::Interest;
///
/// let both = Interest::READABLE | Interest::WRITABLE;
/// assert!(both.is_readable() && both.is_writable());
/// assert_eq!(both.remove(Interest::READABLE), Some(Interest::WRITABLE));
/// ```
#[doc(alias = "Ready")]
#[doc(alias = "EventSet")]
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interest(NonZeroU8);

impl Interest {
    /// There is something to read, or the peer closed its side.
    pub const READABLE: Interest = Interest(NonZeroU8::new(Bits::READABLE.bits()).unwrap());

    /// There is room to write.
    pub const WRITABLE: Interest = Interest(NonZeroU8::new(Bits::WRITABLE.bits()).unwrap());

    /// A POSIX AIO operation has ended: FreeBSD, DragonFly and Apple.
    pub const AIO: Interest = Interest(NonZeroU8::new(Bits::AIO.bits()).unwrap());

    /// A POSIX `lio_listio` batch has ended: FreeBSD.
    pub const LIO: Interest = Interest(NonZeroU8::new(Bits::LIO.bits()).unwrap());

    /// There is urgent data, such as TCP's out-of-band byte: Linux and Android.
    pub const PRIORITY: Interest = Interest(NonZeroU8::new(Bits::PRIORITY.bits()).unwrap());

    /// The peer closed its writing side or is gone. Data alone is not reported: this is
    /// what a source that is paused waits for.
    ///
    /// An error or a close of both sides is reported whatever the interest is.
    pub const HANGUP: Interest = Interest(NonZeroU8::new(Bits::HANGUP.bits()).unwrap());

    /// Both interests together; the same as `self | other`, and usable in a
    /// constant.
    #[allow(clippy::should_implement_trait, reason = "mio's name; unlike the trait it is const")]
    #[must_use = "this returns the sum and changes nothing"]
    pub const fn add(self, other: Interest) -> Interest {
        match NonZeroU8::new(self.0.get() | other.0.get()) {
            Some(bits) => Interest(bits),
            None => self,
        }
    }

    /// This interest without `other`; `None` if nothing is left.
    #[must_use = "this returns the rest and changes nothing"]
    pub fn remove(self, other: Interest) -> Option<Interest> {
        NonZeroU8::new(self.0.get() & !other.0.get()).map(Interest)
    }

    /// True if it includes [`READABLE`](Interest::READABLE).
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.has(Bits::READABLE)
    }

    /// True if it includes [`WRITABLE`](Interest::WRITABLE).
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.has(Bits::WRITABLE)
    }

    /// True if it includes [`AIO`](Interest::AIO).
    #[must_use]
    pub const fn is_aio(self) -> bool {
        self.has(Bits::AIO)
    }

    /// True if it includes [`LIO`](Interest::LIO).
    #[must_use]
    pub const fn is_lio(self) -> bool {
        self.has(Bits::LIO)
    }

    /// True if it includes [`PRIORITY`](Interest::PRIORITY).
    #[must_use]
    pub const fn is_priority(self) -> bool {
        self.has(Bits::PRIORITY)
    }

    /// True if it includes [`HANGUP`](Interest::HANGUP).
    #[must_use]
    pub const fn is_hangup(self) -> bool {
        self.has(Bits::HANGUP)
    }

    const fn has(self, bit: Bits) -> bool {
        self.0.get() & bit.bits() != 0
    }
}

impl ops::BitOr for Interest {
    type Output = Interest;

    fn bitor(self, other: Interest) -> Interest {
        self.add(other)
    }
}

impl ops::BitOrAssign for Interest {
    fn bitor_assign(&mut self, other: Interest) {
        *self = self.add(other);
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        parser::to_writer(&Bits::from_bits_retain(self.0.get()), f)
    }
}

bitflags! {
    /// The bits of an interest, in the order in which `Debug` lists them. The set itself is
    /// never empty, which this type cannot say.
    struct Bits: u8 {
        const READABLE = 1;
        const WRITABLE = 1 << 1;
        const AIO = 1 << 2;
        const LIO = 1 << 3;
        const PRIORITY = 1 << 4;
        const HANGUP = 1 << 5;
    }
}
