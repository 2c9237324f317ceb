//! Operations on both drivers, each over both backends of the Poll.

mod alone;
mod connect;
mod denied;
mod files;
mod harness;
mod messages;
mod poll_fd;
mod remotes;
mod shutdowns;
mod sockets;
mod splice;
mod starved;
mod teardown;
mod temporary;
mod timeouts;
