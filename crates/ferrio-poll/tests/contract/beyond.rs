//! What Ferrio has beyond mio.

mod backends;
mod batches;
mod embedding;
mod errors;
mod events;
mod tokens;
mod waits;
mod wakers;
