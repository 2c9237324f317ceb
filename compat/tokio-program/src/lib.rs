//! What a program on tokio does: sockets, processes, signals, files.
//!
//! Nothing here knows of Ferrio. The tests run it on the façade that the workspace's
//! `[patch]` puts under tokio.

pub mod echo;
pub mod fan_out;
