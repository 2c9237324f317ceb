//! Sources made of anything the system can watch, and a table for them.

#[cfg(debug_assertions)]
pub(crate) mod association;
pub(crate) mod impls;
pub(crate) mod io_source;
pub(crate) mod sources;
