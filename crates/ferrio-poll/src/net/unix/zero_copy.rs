//! Sends whose bytes the kernel reads where they are.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::Arc;

use crate::net::tcp_stream::TcpStream;
use crate::sys::zero_copy;

/// The sends of one TCP stream whose bytes the kernel has not copied, and the owner of those
/// bytes until the kernel is done with them.
///
/// The kernel reads them after [`send`](ZeroCopySends::send) has returned, and again if they have
/// to be sent anew. It says by the error queue of the stream when it no longer does. So this
/// holds each buffer until [`complete`](ZeroCopySends::complete), and nobody can change it, for it
/// is shared: what is in the memory by then would be sent. What is not complete when this is
/// dropped is leaked, for the same reason; keep it until [`pending`](ZeroCopySends::pending) is 0.
///
/// Linux counts such sends from 0 on for each socket. This counts along, so that all of them on
/// one stream have to go through one of these, and a stream has one.
///
/// It pays for sends of about 10 KiB and more, on a network card that can do it. On loopback, and
/// where the card cannot, the kernel copies after all, and its notices say so.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::sync::Arc;
///
/// use ferrio::net::TcpStream;
/// use ferrio::net::ZeroCopySends;
///
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let client = std::net::TcpStream::connect(listener.local_addr()?)?;
/// # client.set_nonblocking(true)?;
/// # let stream = TcpStream::from_std(client);
/// # if ZeroCopySends::new(&stream).is_err() { return Ok(()) }
/// let mut sends = ZeroCopySends::new(&stream)?;
/// let bytes: Arc<[u8]> = vec![7; 20_000].into();
/// let sent = sends.send(&stream, &bytes, 0)?;
/// assert!(sent > 0 && sends.pending() == 1);
/// // Once the error queue of the stream says that send 0 is complete:
/// sends.complete(0, 0);
/// assert_eq!(sends.pending(), 0);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "MSG_ZEROCOPY")]
#[doc(alias = "SO_ZEROCOPY")]
#[derive(Debug)]
pub struct ZeroCopySends {
    /// The bytes of each send from the first that is not complete on; none for a later one that
    /// is.
    sends: VecDeque<Option<Arc<[u8]>>>,
    /// The number of the first of them.
    first: u32,
}

impl ZeroCopySends {
    /// Allows such sends on `stream`, on which there were none before.
    ///
    /// # Errors
    ///
    /// `Unsupported` on systems other than Linux, and on Linux before 4.14.
    ///
    /// # Implementation notes
    ///
    /// The option `SO_ZEROCOPY`.
    pub fn new(stream: &TcpStream) -> io::Result<ZeroCopySends> {
        zero_copy::enable(stream)?;
        Ok(ZeroCopySends { sends: VecDeque::new(), first: 0 })
    }

    /// Sends `bytes` from `start` on, as a write would; returns how many of them. To go on, send
    /// the same bytes from a later start.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room. `ENOBUFS` if too many sends are not complete, for the
    /// limit `net.core.optmem_max`: let some be completed, or write. `InvalidInput` if there is no
    /// byte from `start` on, which would be no send.
    ///
    /// # Implementation notes
    ///
    /// send(2) with `MSG_ZEROCOPY`.
    pub fn send(&mut self, stream: &TcpStream, bytes: &Arc<[u8]>, start: usize) -> io::Result<usize> {
        let part = bytes.get(start..).filter(|part| !part.is_empty());
        let part = part.ok_or_else(|| crate::error::unix::nothing_to_send(start, bytes.len()))?;
        let count = stream.inner.write(part.len(), |stream| zero_copy::send(stream, part))?;
        self.sends.push_back(Some(bytes.clone()));
        Ok(count)
    }

    /// The kernel no longer needs the bytes of the sends from `first` to `last`, as
    /// [`TcpStream::recv_error`] says with [`Cause::ZeroCopy`](crate::net::error_queue::Cause).
    /// Numbers of no send are ignored.
    pub fn complete(&mut self, first: u32, last: u32) {
        // The numbers wrap around. What lies before the first one that is held is complete.
        let from_here = |number: u32| number.wrapping_sub(self.first) as i32;
        let (start, end) = (from_here(first), from_here(last).saturating_add(1));
        let range = start.max(0)..end.min(self.sends.len().try_into().unwrap_or(i32::MAX));
        range.for_each(|at| self.sends[at as usize] = None);
        while self.sends.front().is_some_and(Option::is_none) {
            self.sends.pop_front();
            self.first = self.first.wrapping_add(1);
        }
    }

    /// How many sends are not complete.
    pub fn pending(&self) -> usize {
        self.sends.iter().flatten().count()
    }
}

impl Drop for ZeroCopySends {
    fn drop(&mut self) {
        // The kernel still reads them: memory that is used for something else would be sent.
        self.sends.drain(..).flatten().for_each(mem::forget);
    }
}
