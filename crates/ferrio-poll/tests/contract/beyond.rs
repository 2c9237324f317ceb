//! What Ferrio has beyond mio.

#[cfg(unix)]
mod accept_shortage;
mod acceptor;
mod backends;
mod batches;
mod boot_timer;
#[cfg(unix)]
mod boot_timer_descriptor;
mod channel_room;
mod channels;
mod child_exit;
#[cfg(unix)]
mod companions;
mod connector;
#[cfg(unix)]
mod connector_silence;
#[cfg(unix)]
mod descriptor_parking;
#[cfg(unix)]
mod descriptor_sources;
#[cfg(unix)]
mod descriptors;
mod difference_table;
#[cfg(unix)]
mod embedding;
mod errors;
mod events;
mod extras;
#[cfg(unix)]
mod forks;
#[cfg(unix)]
mod job_changes;
#[cfg(unix)]
mod linux_extras;
mod modes;
mod own_sources;
mod parking;
mod process_exit;
#[cfg(unix)]
mod raw_descriptors;
pub(crate) mod short_reads;
#[cfg(all(unix, feature = "signal"))]
mod signal_actions;
#[cfg(all(unix, feature = "signal"))]
mod signal_bursts;
#[cfg(all(unix, feature = "signal"))]
mod signal_details;
#[cfg(all(unix, feature = "signal"))]
pub(crate) mod signals;
mod socket_builder;
pub(crate) mod sticky;
mod storm;
#[cfg(unix)]
mod terminal;
mod timer_waits;
mod timers;
mod tokens;
mod try_io;
pub(crate) mod udp_batches;
#[cfg(unix)]
pub(crate) mod unix_activation;
#[cfg(unix)]
mod unix_processes;
#[cfg(unix)]
pub(crate) mod unix_short_reads;
#[cfg(unix)]
mod unix_socket_files;
#[cfg(unix)]
mod unix_sticky;
mod user_source_races;
mod user_sources;
mod waits;
mod wakers;
mod wall_timer;
#[cfg(unix)]
mod watch;
#[cfg(unix)]
mod watch_kinds;
#[cfg(unix)]
mod watch_limits;
#[cfg(unix)]
mod watch_looks;
#[cfg(unix)]
mod watch_trees;
#[cfg(unix)]
mod watched;
#[cfg(windows)]
mod windows_companions;
#[cfg(windows)]
mod windows_messages;
#[cfg(windows)]
mod windows_packets;
#[cfg(windows)]
mod windows_pipes;
