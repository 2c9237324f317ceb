//! What only Windows has: named pipes.

pub use ferrio_poll::windows::NamedPipe;
