//! What the subjects differ in.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::time::Duration;

/// The key of the listener; streams have those of their places in a slab.
pub const LISTENER: usize = usize::MAX - 1;
/// The key of a waker.
pub const WAKER: usize = usize::MAX - 2;

/// An event, as far as the server cares.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// The key of the source.
    pub key: usize,
    /// The other side will send no more, or there is an error or urgent data.
    pub is_closing: bool,
}

/// A readiness layer with the sockets that it brings.
pub trait Engine: Sized + 'static {
    /// What accepts.
    type Listener;
    /// What it accepts.
    type Stream: Read + Write;
    /// Room for the events of a wait.
    type Events;
    /// Ends a wait from another thread.
    type Waker: Send + Sync + 'static;

    /// A read that does not fill the buffer proves that nothing is left.
    const SHORT_READ_DRAINS: bool = false;

    /// A wake has an event; or it only ends a wait.
    const WAKE_HAS_EVENT: bool = true;

    /// The same as [`Engine::SHORT_READ_DRAINS`], from an engine that says so only when it is asked.
    fn short_read_drains(&self) -> bool {
        Self::SHORT_READ_DRAINS
    }

    /// An engine, and room for `capacity` events.
    fn new(capacity: usize) -> io::Result<(Self, Self::Events)>;
    /// Takes a non-blocking listener in, under the key [`LISTENER`].
    fn listen(&mut self, listener: OwnedFd) -> io::Result<Self::Listener>;
    /// Accepts a non-blocking stream.
    fn accept(listener: &Self::Listener) -> io::Result<Self::Stream>;
    /// Asks for the listener's next event, where that must be done each time.
    fn again(&mut self, listener: &mut Self::Listener) -> io::Result<()>;
    /// Registers a stream for reading.
    fn add(&mut self, stream: &mut Self::Stream, key: usize) -> io::Result<()>;
    /// After an event: `had` says whether the registration asked for writing too,
    /// `wants` whether it should.
    fn settle(&mut self, stream: &mut Self::Stream, key: usize, had: bool, wants: bool) -> io::Result<()>;
    /// Takes a stream out.
    fn remove(&mut self, stream: &mut Self::Stream) -> io::Result<()>;
    /// Waits for events.
    fn wait(&mut self, events: &mut Self::Events, timeout: Option<Duration>) -> io::Result<()>;
    /// The events of the last wait.
    fn ready(events: &Self::Events) -> impl Iterator<Item = Ready> + '_;
    /// A handle that ends the wait of this engine, with the key [`WAKER`] or none.
    fn waker(&mut self) -> io::Result<Self::Waker>;
    /// Ends a wait, now or the next.
    fn wake(waker: &Self::Waker) -> io::Result<()>;
}

/// Waits again if a signal came between.
pub fn wait<E: Engine>(engine: &mut E, events: &mut E::Events, timeout: Option<Duration>) -> io::Result<()> {
    loop {
        match engine.wait(events, timeout) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
