//! Completion packets of a program's own.

pub(crate) mod packet;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::os::windows::io::{AsHandle, AsSocket};
use std::sync::{Arc, Weak};

use crate::error::windows as error;
use crate::interest::Interest;
use crate::queue::Direction;
use crate::registry::readiness::Readiness;
use crate::registry::shared::Shared;
use crate::registry::{self, Registry, Source};
use crate::sync::{Mutex, lock};
use crate::sys::overlapped::{self, Packet};
use crate::token::Token;
use crate::windows::packet_queue::packet::CompletionPacket;

/// Has overlapped operations of a program's own report to a Poll.
///
/// Register the queue, [`associate`](PacketQueue::associate) handles or
/// [sockets](PacketQueue::associate_socket) with it, and start operations on those by the calls of Windows. Each operation that ends is a packet, which
/// [`take`](PacketQueue::take) gives. The queue is readable while it has packets; any number of
/// them are one event. The [modes](crate::Mode) mean what they mean for a socket that is read by
/// `take` until it returns `None`. A Poll may have many queues.
///
/// - No packet is lost. A queue holds those that a poll has found and nobody has taken, which are
///   no more than the program has started and posted; a packet takes 16 bytes.
/// - The operations and their memory are the program's: Windows writes to an `OVERLAPPED` and to
///   a buffer until the packet was taken, also if the queue is dropped before. Without the queue
///   nothing tells when they may be freed: so cancel what is under way by `CancelIoEx`, and take
///   its packets, before you drop the queue or its Poll. Otherwise leak that memory.
/// - It stays with the first Poll that it is registered with; registering it with another is
///   `InvalidInput`. Packets come out of polls of that one. Those of a queue or a Poll that was
///   dropped are dropped.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::windows::{CompletionPacket, PacketQueue};
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
/// let mut queue = PacketQueue::new();
/// poll.registry().register(&mut queue, Token(3), Interest::READABLE)?;
///
/// // What an operation on an associated handle would do.
/// queue.post(CompletionPacket::new(0x1000, 12))?;
///
/// poll.wait(&mut events, None)?;
/// assert_eq!(events[0].token(), Token(3));
/// let packet = queue.take().expect("a packet");
/// assert_eq!((packet.address(), packet.bytes()), (0x1000, 12));
/// assert!(queue.take().is_none());
/// # Ok(())
/// # }
/// ```
#[doc(alias = "CreateIoCompletionPort")]
#[doc(alias = "PostQueuedCompletionStatus")]
#[derive(Default)]
pub struct PacketQueue {
    inner: Arc<Inner>,
}

/// What a queue shares with the selector that fills it.
#[derive(Debug)]
struct Inner {
    readiness: Readiness,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    packets: VecDeque<CompletionPacket>,
    /// Where its packets come from: the Poll, and the number of the queue there.
    source: Option<(Arc<Shared>, u32)>,
}

impl PacketQueue {
    /// A queue that is not registered yet.
    pub fn new() -> PacketQueue {
        PacketQueue::default()
    }

    /// Has each operation on `handle` report here when it ends. That is for good: Windows does not
    /// release a handle from where it reports.
    ///
    /// # Errors
    ///
    /// `NotFound` if the queue was never registered. `InvalidInput` if the handle was opened
    /// without `FILE_FLAG_OVERLAPPED`, or reports elsewhere already.
    pub fn associate(&self, handle: &impl AsHandle) -> io::Result<()> {
        let (shared, number) = self.source()?;
        let associated = shared.selector.associate(handle.as_handle(), number);
        associated.map_err(|cause| error::not_overlapped(&cause))
    }

    /// Has each overlapped operation on `socket` report here when it ends, for good, as
    /// [`associate`](PacketQueue::associate) does for a handle. Those of std can be used so.
    ///
    /// # Errors
    ///
    /// As for a handle: `InvalidInput` if the socket was made without `WSA_FLAG_OVERLAPPED`, or
    /// reports elsewhere already.
    pub fn associate_socket(&self, socket: &impl AsSocket) -> io::Result<()> {
        let (shared, number) = self.source()?;
        let associated = shared.selector.associate_socket(socket.as_socket(), number);
        associated.map_err(|cause| error::not_overlapped(&cause))
    }

    /// Puts a packet at the end of the queue, from any thread and also before it is registered.
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn post(&self, packet: CompletionPacket) -> io::Result<()> {
        self.inner.push(packet)
    }

    /// The first packet, if there is one.
    pub fn take(&self) -> Option<CompletionPacket> {
        let mut state = lock(&self.inner.state);
        let packet = state.packets.pop_front();
        if state.packets.is_empty() {
            self.inner.readiness.take();
        }
        packet
    }

    /// Where its packets come from, once it was registered.
    fn source(&self) -> io::Result<(Arc<Shared>, u32)> {
        lock(&self.inner.state).source.clone().ok_or_else(error::queue_not_registered)
    }
}

impl Inner {
    /// Adds a packet and makes the queue readable, under one lock: a `take` that has emptied it
    /// comes before or after both.
    fn push(&self, packet: CompletionPacket) -> io::Result<()> {
        let mut state = lock(&self.state);
        state.packets.push_back(packet);
        self.readiness.fire()
    }
}

impl Default for Inner {
    fn default() -> Inner {
        Inner { readiness: Readiness::new(Direction::Readable), state: Mutex::default() }
    }
}

impl overlapped::Inbox for Inner {
    fn arrived(self: Arc<Inner>, packet: Packet) {
        // It fails if the kernel has no memory left for another packet. The packet is in the queue
        // all the same.
        let _ = self.push(CompletionPacket::of(packet));
    }
}

impl Source for PacketQueue {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        registry::check_readable(interest, "a queue of packets")?;
        self.inner.readiness.register(registry, token)?;
        let mut state = lock(&self.inner.state);
        if state.source.is_none() {
            let shared = Arc::clone(registry.shared());
            let inbox: Weak<Inner> = Arc::downgrade(&self.inner);
            let number = shared.selector.open_inbox(inbox).inspect_err(|_| {
                self.inner.readiness.end_registration();
            })?;
            state.source = Some((shared, number));
        }
        Ok(())
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        registry::check_readable(interest, "a queue of packets")?;
        self.inner.readiness.reregister(registry, token)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.inner.readiness.deregister(registry)
    }
}

impl Drop for PacketQueue {
    fn drop(&mut self) {
        self.inner.readiness.end_registration();
        if let Some((shared, number)) = &lock(&self.inner.state).source {
            shared.selector.close_inbox(*number);
        }
    }
}

impl fmt::Debug for PacketQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketQueue").field("packets", &lock(&self.inner.state).packets.len()).finish()
    }
}
