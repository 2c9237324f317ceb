//! Packets that were taken from the port in place of the poller, and are its own.

use std::collections::VecDeque;

use crate::sync::{AtomicUsize, Mutex, Ordering, lock};
use crate::sys::windows::port::Packet;

/// Packets that wait for the poller beside the port. To put one back into the port takes memory of
/// the kernel, and may fail.
#[derive(Debug)]
pub(super) struct PutBack {
    /// How many there are: a wait looks here each time.
    count: AtomicUsize,
    packets: Mutex<VecDeque<Packet>>,
}

impl PutBack {
    pub(super) fn new() -> PutBack {
        PutBack { count: AtomicUsize::new(0), packets: Mutex::new(VecDeque::new()) }
    }

    pub(super) fn push(&self, packet: Packet) {
        let mut packets = lock(&self.packets);
        packets.push_back(packet);
        self.count.store(packets.len(), Ordering::Release);
    }

    /// The one that was put back first.
    #[inline]
    pub(super) fn pop(&self) -> Option<Packet> {
        if self.count.load(Ordering::Acquire) == 0 { None } else { self.pop_first() }
    }

    #[cold]
    fn pop_first(&self) -> Option<Packet> {
        let mut packets = lock(&self.packets);
        let packet = packets.pop_front();
        self.count.store(packets.len(), Ordering::Release);
        packet
    }
}
