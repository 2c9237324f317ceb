//! Operations on both drivers, each over both backends of the Poll.

mod connect;
mod files;
mod harness;
mod messages;
mod poll_fd;
mod remotes;
mod shutdowns;
mod sockets;
mod splice;
mod starved;
mod temporary;
mod timeouts;
