//! What only Linux and Android have. The tests of the first two modules run on mio too.

mod abstract_names;
mod descriptors;

// Calls of sockets are one call with a number there.
#[cfg(not(target_arch = "x86"))]
mod activation;
mod capabilities;
mod datagram_addresses;
mod error_queue;
#[cfg(feature = "signal")]
mod queued_signals;
mod short_reads;
mod socket_files;
mod socket_options;
mod splice;
mod traced_child;
mod udp_errors;
mod udp_facts;
mod unix_descriptors;
mod unix_peers;
mod unix_seqpacket;
mod zero_copy;
