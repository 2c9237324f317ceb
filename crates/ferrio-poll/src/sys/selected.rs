//! The result of a wait.

/// What one wait found.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Selected {
    /// How many events were written, those of the wake descriptor left out.
    pub(crate) count: usize,
    /// True if a signal ended the wait.
    pub(crate) woken: bool,
}
