//! Operations on both drivers, each over both backends of the Poll.

mod harness;
mod sockets;
mod starved;
