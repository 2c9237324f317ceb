//! What Ferrio has beyond mio.

mod backends;
mod batches;
mod embedding;
mod events;
mod tokens;
mod waits;
mod wakers;
