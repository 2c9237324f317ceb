//! Ferrio's contract suite on the published mio.

#[path = "../../../../crates/ferrio-poll/tests/contract/association.rs"]
mod association;
#[path = "../../../../crates/ferrio-poll/tests/contract/bad_input.rs"]
mod bad_input;
#[path = "../../../../crates/ferrio-poll/tests/contract/close.rs"]
mod close;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/descriptors.rs"]
mod descriptors;
#[path = "../../../../crates/ferrio-poll/tests/contract/events.rs"]
mod events;
#[path = "../../../../crates/ferrio-poll/tests/contract/flags.rs"]
mod flags;
#[path = "../../../../crates/ferrio-poll/tests/contract/harness.rs"]
mod harness;
// `Interest::PRIORITY` is missing from the published mio on Windows.
#[cfg(not(windows))]
#[path = "../../../../crates/ferrio-poll/tests/contract/interest.rs"]
mod interest;
#[cfg(any(target_os = "android", target_os = "linux"))]
mod linux;
#[path = "../../../../crates/ferrio-poll/tests/contract/mio_faults.rs"]
mod mio_faults;
#[path = "../../../../crates/ferrio-poll/tests/contract/net_harness.rs"]
mod net_harness;
#[path = "../../../../crates/ferrio-poll/tests/contract/poll.rs"]
mod poll;
#[cfg(unix)]
#[cfg(not(mio_unsupported_force_poll_poll))]
#[path = "../../../../crates/ferrio-poll/tests/contract/poll_descriptor.rs"]
mod poll_descriptor;
// The published mio has no interest in urgent data on Windows.
#[cfg(not(windows))]
#[path = "../../../../crates/ferrio-poll/tests/contract/priority.rs"]
mod priority;
#[path = "../../../../crates/ferrio-poll/tests/contract/registering.rs"]
mod registering;
#[path = "../../../../crates/ferrio-poll/tests/contract/registry.rs"]
mod registry;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/signals.rs"]
mod signals;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/sigpipe.rs"]
mod sigpipe;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/sizes.rs"]
mod sizes;
#[path = "../../../../crates/ferrio-poll/tests/contract/socket_handles.rs"]
mod socket_handles;
#[path = "../../../../crates/ferrio-poll/tests/contract/socket_options.rs"]
mod socket_options;
#[path = "../../../../crates/ferrio-poll/tests/contract/source.rs"]
mod source;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/source_fd.rs"]
mod source_fd;
mod subject;
#[path = "../../../../crates/ferrio-poll/tests/contract/tcp_closing.rs"]
mod tcp_closing;
#[path = "../../../../crates/ferrio-poll/tests/contract/tcp_listener.rs"]
mod tcp_listener;
#[path = "../../../../crates/ferrio-poll/tests/contract/tcp_readiness.rs"]
mod tcp_readiness;
#[path = "../../../../crates/ferrio-poll/tests/contract/tcp_stream.rs"]
mod tcp_stream;
#[path = "../../../../crates/ferrio-poll/tests/contract/threads.rs"]
mod threads;
#[path = "../../../../crates/ferrio-poll/tests/contract/timeouts.rs"]
mod timeouts;
#[path = "../../../../crates/ferrio-poll/tests/contract/token.rs"]
mod token;
#[path = "../../../../crates/ferrio-poll/tests/contract/udp_readiness.rs"]
mod udp_readiness;
#[path = "../../../../crates/ferrio-poll/tests/contract/udp_socket.rs"]
mod udp_socket;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_datagram.rs"]
mod unix_datagram;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_flags.rs"]
mod unix_flags;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_handles.rs"]
mod unix_handles;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_listener.rs"]
mod unix_listener;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_paths.rs"]
mod unix_paths;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_pipe.rs"]
mod unix_pipe;
#[cfg(unix)]
#[path = "../../../../crates/ferrio-poll/tests/contract/unix_stream.rs"]
mod unix_stream;
#[path = "../../../../crates/ferrio-poll/tests/contract/waker.rs"]
mod waker;
#[cfg(windows)]
#[path = "../../../../crates/ferrio-poll/tests/contract/windows_harness.rs"]
mod windows_harness;
#[cfg(windows)]
#[path = "../../../../crates/ferrio-poll/tests/contract/windows_pipe_bytes.rs"]
mod windows_pipe_bytes;
#[cfg(windows)]
#[path = "../../../../crates/ferrio-poll/tests/contract/windows_pipe_ends.rs"]
mod windows_pipe_ends;
#[cfg(windows)]
#[path = "../../../../crates/ferrio-poll/tests/contract/windows_pipes.rs"]
mod windows_pipes;
