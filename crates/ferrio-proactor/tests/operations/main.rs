//! Operations on each driver, over each backend of the Poll.
#![cfg(any(unix, windows))]

mod alone;
mod connect;
#[cfg(all(target_os = "linux", not(ferrio_fake_kqueue)))]
mod denied;
mod ends;
mod files;
#[cfg(unix)]
mod forks;
mod gaps;
mod handles;
mod harness;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(unix)]
mod interrupts;
mod lacks;
mod lanes;
#[cfg(unix)]
mod limit;
mod memory;
mod messages;
mod model;
#[cfg(target_os = "linux")]
mod netlink;
mod one_wait;
mod overflow;
mod poll_fd;
mod remotes;
mod send_all;
mod shutdowns;
mod sockets;
#[cfg(all(target_os = "linux", not(ferrio_fake_kqueue)))]
mod splice;
mod starvation;
mod teardown;
mod temporary;
mod timeouts;
