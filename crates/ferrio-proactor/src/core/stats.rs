//! What a proactor has done.

/// What a [`Proactor`](crate::Proactor) has done since it was made, and what it holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// Operations that were accepted.
    pub submitted: u64,
    /// Operations that are over: the difference is under way.
    pub completed: u64,
    /// The most operations and parts of operations that were under way at once.
    pub in_flight_max: u32,
    /// System calls into the ring. 0 with the readiness driver.
    pub enters: u64,
    /// How often the kernel had more completions than the ring has room for; none is lost.
    pub overflows: u64,
    /// How often a receiver had to wait for a free buffer of the pool.
    pub starved: u64,
    /// How many buffers of the pool are free or lent to the kernel now.
    pub buffers_free: u16,
    /// The least that there were.
    pub buffers_free_min: u16,
    /// Descriptors that the proactor owns.
    pub handles: usize,
    /// The most letters of other threads that waited at once.
    pub letters_max: usize,
    /// The most completions that waited to be delivered at once. Above the capacity of
    /// [`Completions`](crate::Completions) only by timeouts, cancels, what waited behind a send that
    /// failed, and operations that were over when they were started.
    pub completions_max: usize,
}

/// What is counted where it happens.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) submitted: u64,
    pub(crate) completed: u64,
    pub(crate) starved: u64,
    pub(crate) completions_max: usize,
    /// Completions of no operation: a fault of ours, if any came.
    #[allow(dead_code, reason = "only a ring counts them")]
    pub(crate) stale: u64,
}
