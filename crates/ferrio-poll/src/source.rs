//! Sources made of anything the system can watch, and a table for them.

#[cfg(debug_assertions)]
pub(crate) mod association;
#[cfg(debug_assertions)]
pub(crate) mod blocking;
pub mod buffer;
pub(crate) mod impls;
pub(crate) mod io_source;
pub(crate) mod owned_source;
pub(crate) mod ready_list;
pub(crate) mod sources;
pub(crate) mod try_io;
