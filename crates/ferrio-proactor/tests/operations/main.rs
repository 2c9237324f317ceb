//! Operations on both drivers, each over both backends of the Poll.

mod alone;
mod connect;
mod denied;
mod ends;
mod files;
mod forks;
mod handles;
mod harness;
mod idle;
mod lanes;
mod memory;
mod messages;
mod model;
mod netlink;
mod one_wait;
mod overflow;
mod poll_fd;
mod remotes;
mod send_all;
mod shutdowns;
mod sockets;
mod splice;
mod starvation;
mod teardown;
mod temporary;
mod timeouts;
