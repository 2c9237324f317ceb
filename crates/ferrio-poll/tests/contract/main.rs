//! The contract of mio, in our words, run on every backend.
//!
//! The sources know their subject only as `mio`; the same files run against the
//! real one in `compat/real-mio`. What goes beyond mio stands in `beyond`.

extern crate ferrio_poll as mio;

mod association;
mod bad_input;
mod beyond;
mod close;
mod events;
mod flags;
mod fork;
mod harness;
mod interest;
mod mio_faults;
mod net_harness;
mod poll;
mod poll_descriptor;
mod registering;
mod registry;
mod signals;
mod sigpipe;
mod sizes;
mod socket_handles;
mod socket_options;
mod source;
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
mod unix_datagram;
mod unix_listener;
mod unix_paths;
mod unix_pipe;
mod unix_stream;
mod waker;
