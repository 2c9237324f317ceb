//! What an operation brings before it is over: connections, data, datagrams.
#![allow(unsafe_code, reason = "descriptors that came with a datagram get their owners")]

use crate::buffer::chunk::Chunk;
use crate::completion::What;
use crate::core::Core;
use crate::op::datagram::{Layout, RecvMsgMany};
use crate::op::perform::Shape;
use crate::sys::OwnedSocket;

impl Core {
    /// A connection, and more may come.
    pub(crate) fn accepted(&mut self, index: u32, fd: OwnedSocket) {
        let (token, id, _) = self.head(index);
        self.finished.push(token, id, true, What::Accepted(fd));
    }

    /// Data, or a datagram, which a driver has just received. More may come.
    pub(crate) fn received(&mut self, index: u32, chunk: Chunk) {
        let (token, id, _) = self.head(index);
        if let Some(what) = self.arrival(index, chunk) {
            self.finished.push(token, id, true, what);
        }
    }

    /// What a driver has just received is the end, and nobody gets it: also no descriptor that may
    /// have come along.
    pub(crate) fn discard(&mut self, index: u32, chunk: Chunk) {
        drop(self.arrival(index, chunk));
    }

    /// What came in a buffer. `None` if that is too short for what stands before a datagram, which
    /// no kernel makes it.
    fn arrival(&mut self, index: u32, chunk: Chunk) -> Option<What> {
        if self.slab.at(index).shape != Shape::RecvMsgMany {
            return Some(What::Received(chunk));
        }
        let layout = self.layout(index);
        if chunk.len() < layout.data_at() {
            return None;
        }
        // SAFETY: the driver has just received a datagram into it, and gives it here once.
        let fds = unsafe { layout.take_descriptors(&chunk) };
        Some(What::Datagram(chunk, layout, fds))
    }

    /// How the buffers of a [`RecvMsgMany`] are laid out.
    pub(crate) fn layout(&mut self, index: u32) -> Layout {
        let operation = self.slab.at_mut(index).operation().get_mut::<RecvMsgMany>();
        operation.expect("an operation of datagrams").layout()
    }
}
