//! A small server for clients of redis. Nothing here knows of Ferrio.

pub mod resp;
pub mod server;
