//! What Ferrio has beyond mio.

mod backends;
mod batches;
mod boot_timer;
mod channel_room;
mod channels;
mod child_exit;
mod datagram_addresses;
mod embedding;
mod errors;
mod events;
mod extras;
mod forks;
mod job_changes;
mod modes;
mod own_sources;
mod parking;
mod process_exit;
mod short_reads;
#[cfg(feature = "signal")]
mod signal_actions;
#[cfg(feature = "signal")]
mod signal_bursts;
#[cfg(feature = "signal")]
mod signal_details;
#[cfg(feature = "signal")]
mod signals;
mod sticky;
mod storm;
mod timer_waits;
mod timers;
mod tokens;
mod traced_child;
mod user_source_races;
mod user_sources;
mod waits;
mod wakers;
mod wall_timer;
mod watch;
mod watch_kinds;
mod watch_limits;
mod watch_trees;
mod watched;
