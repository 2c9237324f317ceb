//! What only Windows has: named pipes.

#[cfg(not(ferrio_check_unsupported))]
mod named_pipe;

#[cfg(not(ferrio_check_unsupported))]
pub use crate::windows::named_pipe::{NamedPipe, builder::NamedPipeBuilder, message::MessagePart};
