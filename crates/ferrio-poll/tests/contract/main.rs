//! The contract of mio, in our words, run on every backend.
//!
//! The sources know their subject only as `mio`; the same files run against the
//! real one in `compat/real-mio`. What goes beyond mio stands in `beyond`.

extern crate ferrio_poll as mio;

mod beyond;
mod harness;
mod net_harness;
mod sigpipe;
mod socket_handles;
mod socket_options;
mod subject;
mod tcp_closing;
mod tcp_listener;
mod tcp_readiness;
mod tcp_stream;
mod udp_readiness;
mod udp_socket;
mod unix_datagram;
mod unix_listener;
mod unix_paths;
mod unix_stream;
