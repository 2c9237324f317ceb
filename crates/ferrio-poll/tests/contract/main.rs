//! The contract of mio, in our words, run on every backend.
//!
//! The sources know their subject only as `mio`; the same files run against the
//! real one in `compat/real-mio`. What goes beyond mio stands in `beyond`.

extern crate ferrio_poll as mio;

mod association;
mod bad_input;
mod beyond;
mod close;
#[cfg(unix)]
mod descriptors;
mod events;
mod flags;
#[cfg(unix)]
mod fork;
mod harness;
mod interest;
#[cfg(any(target_os = "android", target_os = "linux"))]
mod linux;
mod mio_faults;
mod net_harness;
mod poll;
#[cfg(unix)]
mod poll_descriptor;
mod priority;
mod registering;
mod registry;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod sigpipe;
#[cfg(unix)]
mod sizes;
mod socket_handles;
mod socket_options;
mod source;
#[cfg(unix)]
mod source_fd;
mod subject;
mod tcp_closing;
mod tcp_listener;
mod tcp_readiness;
mod tcp_stream;
mod threads;
mod timeouts;
mod token;
mod udp_readiness;
mod udp_socket;
#[cfg(unix)]
mod unix_datagram;
#[cfg(unix)]
mod unix_flags;
#[cfg(unix)]
mod unix_handles;
#[cfg(unix)]
mod unix_listener;
#[cfg(unix)]
mod unix_paths;
#[cfg(unix)]
mod unix_pipe;
#[cfg(unix)]
mod unix_stream;
mod waker;
#[cfg(windows)]
mod windows_datagrams;
#[cfg(windows)]
mod windows_handles;
#[cfg(windows)]
mod windows_harness;
#[cfg(windows)]
mod windows_pipe_bytes;
#[cfg(windows)]
mod windows_pipe_ends;
#[cfg(windows)]
mod windows_pipes;
#[cfg(windows)]
mod windows_processes;
#[cfg(all(windows, feature = "signal"))]
mod windows_signals;
#[cfg(windows)]
mod windows_sockets;
#[cfg(windows)]
mod windows_watch;
