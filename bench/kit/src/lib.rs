//! What all subjects share: the server over an [`engine::Engine`], the loops that
//! need no client, and what they tell the one who measures.

pub mod accepts;
pub mod allocations;
pub mod control;
pub mod datagrams;
pub mod engine;
pub mod family;
pub mod files;
pub mod hub;
pub mod machine;
pub mod micro;
pub mod options;
pub mod proxy;
pub mod server;
pub mod slab;
pub mod timers;
pub mod user;
pub mod waits;
