//! The settings of a new Poll.

use crate::sys::backend::Backend;

/// The settings of a new [`Poll`](crate::Poll); made by
/// [`Poll::builder`](crate::Poll::builder).
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use ferrio_poll::{Backend, Poll};
///
/// let poll = Poll::builder().backend(Backend::from_env()?).build()?;
/// println!("waiting with {:?}", poll.backend());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    /// The kernel interface to wait with.
    pub(crate) backend: Backend,
}

impl Builder {
    /// Waits with `backend` instead of the default one.
    pub fn backend(mut self, backend: Backend) -> Builder {
        self.backend = backend;
        self
    }
}
