//! Polls that must not be used after a fork.

use std::io;

use crate::error;
use crate::sys::fork;

/// Refuses the use of a Poll in another process than the one which made it.
///
/// After a fork both processes share the kernel's side of a Poll, and what one registers
/// or takes shows in the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForkGuard {
    /// How often this process had been forked off when the Poll was made.
    generation: usize,
}

impl ForkGuard {
    pub(crate) fn new() -> io::Result<ForkGuard> {
        fork::watch()?;
        Ok(ForkGuard { generation: fork::generation() })
    }

    /// # Errors
    ///
    /// `Unsupported` in a process that was forked off since.
    #[inline]
    pub(crate) fn check(&self) -> io::Result<()> {
        if fork::generation() == self.generation { Ok(()) } else { Err(error::forked()) }
    }
}
