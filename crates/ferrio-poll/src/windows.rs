//! What only Windows has: named pipes, completion packets of a program's own, and sources made
//! of sockets and of handles.

mod handle_source;
#[cfg(not(ferrio_check_unsupported))]
mod named_pipe;
#[cfg(not(ferrio_check_unsupported))]
mod packet_queue;
mod socket_source;

pub use crate::sys::handle::{AsSource, Handle};
pub use crate::windows::handle_source::HandleSource;
pub use crate::windows::socket_source::SocketSource;
#[cfg(not(ferrio_check_unsupported))]
pub use crate::windows::{
    named_pipe::{NamedPipe, builder::NamedPipeBuilder, message::MessagePart},
    packet_queue::{PacketQueue, packet::CompletionPacket},
};
