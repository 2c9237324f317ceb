//! Ferrio's contract suite on the published mio.

#[path = "../../../../crates/ferrio-poll/tests/contract/harness.rs"]
mod harness;
#[path = "../../../../crates/ferrio-poll/tests/contract/net_harness.rs"]
mod net_harness;
#[path = "../../../../crates/ferrio-poll/tests/contract/sigpipe.rs"]
mod sigpipe;
#[path = "../../../../crates/ferrio-poll/tests/contract/socket_handles.rs"]
mod socket_handles;
#[path = "../../../../crates/ferrio-poll/tests/contract/socket_options.rs"]
mod socket_options;
mod subject;
#[path = "../../../../crates/ferrio-poll/tests/contract/tcp_closing.rs"]
mod tcp_closing;
#[path = "../../../../crates/ferrio-poll/tests/contract/tcp_listener.rs"]
mod tcp_listener;
#[path = "../../../../crates/ferrio-poll/tests/contract/tcp_readiness.rs"]
mod tcp_readiness;
#[path = "../../../../crates/ferrio-poll/tests/contract/tcp_stream.rs"]
mod tcp_stream;
#[path = "../../../../crates/ferrio-poll/tests/contract/udp_readiness.rs"]
mod udp_readiness;
#[path = "../../../../crates/ferrio-poll/tests/contract/udp_socket.rs"]
mod udp_socket;
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_datagram.rs"]
mod unix_datagram;
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_listener.rs"]
mod unix_listener;
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_paths.rs"]
mod unix_paths;
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_stream.rs"]
mod unix_stream;
