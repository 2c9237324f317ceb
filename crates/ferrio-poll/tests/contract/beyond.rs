//! What Ferrio has beyond mio.

mod backends;
mod batches;
mod channels;
mod child_exit;
mod embedding;
mod errors;
mod events;
mod extras;
mod modes;
mod own_sources;
mod timers;
mod tokens;
mod user_sources;
mod waits;
mod wakers;
