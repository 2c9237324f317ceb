//! What only Windows has: named pipes, and completion packets of a program's own.

#[cfg(not(ferrio_check_unsupported))]
mod named_pipe;
#[cfg(not(ferrio_check_unsupported))]
mod packet_queue;

#[cfg(not(ferrio_check_unsupported))]
pub use crate::windows::{
    named_pipe::{NamedPipe, builder::NamedPipeBuilder, message::MessagePart},
    packet_queue::{PacketQueue, packet::CompletionPacket},
};
