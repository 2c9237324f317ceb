//! What the kernel refuses of raw flags, and what it drops.

use std::io;

use rustix::thread::{CapabilitySet, capabilities};

use crate::error::kernel;
use crate::sys::unix::epoll_flags::EpollFlags;

/// Has `change` pass `flags` on to the kernel, and says what it refuses of them.
pub(super) fn apply(flags: EpollFlags, change: impl FnOnce(u32) -> io::Result<()>) -> io::Result<()> {
    check(flags)?;
    change(flags.bits()).map_err(|error| explain(error, flags))
}

/// Refuses what the kernel would drop silently.
fn check(flags: EpollFlags) -> io::Result<()> {
    if !flags.contains(EpollFlags::WAKEUP) {
        return Ok(());
    }
    if capabilities(None)?.effective.contains(CapabilitySet::BLOCK_SUSPEND) {
        return Ok(());
    }
    Err(kernel::wakeup_without_capability())
}

/// Says what the kernel means by `EINVAL`.
fn explain(error: io::Error, flags: EpollFlags) -> io::Error {
    if error.kind() == io::ErrorKind::InvalidInput { kernel::flags_refused(flags) } else { error }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use rustix::event::epoll::EventFlags;

    use super::*;

    #[test]
    fn our_flags_are_those_of_the_kernel() {
        for (ours, theirs) in [
            (EpollFlags::IN, EventFlags::IN),
            (EpollFlags::PRI, EventFlags::PRI),
            (EpollFlags::OUT, EventFlags::OUT),
            (EpollFlags::RDHUP, EventFlags::RDHUP),
            (EpollFlags::EXCLUSIVE, EventFlags::EXCLUSIVE),
            (EpollFlags::WAKEUP, EventFlags::WAKEUP),
            (EpollFlags::ONESHOT, EventFlags::ONESHOT),
            (EpollFlags::ET, EventFlags::ET),
        ] {
            assert_eq!(ours.bits(), theirs.bits(), "{ours:?}");
        }
    }
}
