//! Polls that must not be used after a fork.

use std::io;

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
        if fork::generation() == self.generation { Ok(()) } else { Err(forked()) }
    }
}

#[cold]
fn forked() -> io::Error {
    let text = "this Poll was made before a fork and forbids its use in the child: make a new Poll there";
    io::Error::new(io::ErrorKind::Unsupported, text)
}
