//! The result of a wait.

/// What one wait found.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Selected {
    /// How many events are left for the user.
    pub(crate) count: usize,
    /// True if the wake descriptor was ready.
    pub(crate) woken: bool,
}
