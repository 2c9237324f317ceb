//! Objects cannot be waited for.

use std::io;

use crate::error::kernel;

#[derive(Debug)]
pub(crate) struct Waitable<T>(T);

impl<T> Waitable<T> {
    pub(crate) fn new(object: T) -> Waitable<T> {
        Waitable(object)
    }

    pub(crate) fn auto_reset(object: T) -> Waitable<T> {
        Waitable(object)
    }

    pub(crate) fn object(&self) -> &T {
        &self.0
    }

    pub(crate) fn into_object(self) -> T {
        self.0
    }

    pub(crate) fn try_wait(&self) -> io::Result<()> {
        Err(kernel::unsupported_system())
    }
}
