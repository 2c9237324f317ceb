//! How often a registration reports the same readiness.

/// How often a registration reports the same readiness.
///
/// A `Registry` carries the mode to the backends, so that it passes through
/// every `Source`, also one that a user wrote.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Once for each time the source becomes ready: mio's only mode.
    Edge,
    /// In each poll for as long as the source is ready.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the backends know it; no registration asks for it yet")
    )]
    Level,
    /// Once, then never until the source is registered anew.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the backends know it; no registration asks for it yet")
    )]
    Oneshot,
}
