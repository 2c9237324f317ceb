//! What a source shows, where there are no descriptors.

use std::marker::PhantomData;

/// Anything can be shown to a system that watches nothing.
#[allow(unnameable_types, reason = "the trait of a real system is a public one of std's")]
pub trait AsSource {}

impl<T> AsSource for T {}

#[derive(Clone, Copy, Debug)]
#[allow(unnameable_types, reason = "as above")]
pub struct Handle<'a>(PhantomData<&'a ()>);

pub(crate) fn of<T: AsSource>(_source: &T) -> Handle<'_> {
    Handle(PhantomData)
}

#[cfg(debug_assertions)]
pub(crate) fn is_blocking(_: Handle<'_>) -> bool {
    false
}

/// Not zero-sized, as on a system that needs it.
#[derive(Debug)]
pub(crate) struct Place(#[allow(dead_code, reason = "only its size matters")] usize);

impl Place {
    pub(crate) const fn new() -> Place {
        Place(0)
    }
}

macro_rules! object_impls {
    ($type:ident) => {};
}

macro_rules! owner_impls {
    ($type:ident, $inner:ty) => {};
}

pub(crate) use {object_impls, owner_impls};
