//! polling as an engine: one event per registration, renewed after each, which is
//! its default.
#![allow(unsafe_code, reason = "registration with polling is an unsafe call")]

use std::io;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use bench_kit::engine::{Engine, LISTENER, Ready};
use bench_kit::family::{self, StdFamily};
use polling::{Event, Events, Poller};

/// polling with sockets of the family `F`.
pub(crate) struct Polling<F> {
    poller: Arc<Poller>,
    family: PhantomData<F>,
}

impl<F: StdFamily> Engine for Polling<F> {
    type Listener = F::Listener;
    type Stream = F::Stream;
    type Events = Events;
    type Waker = Arc<Poller>;

    const WAKE_HAS_EVENT: bool = false;

    fn new(capacity: usize) -> io::Result<(Self, Events)> {
        let capacity = NonZeroUsize::new(capacity).ok_or(io::ErrorKind::InvalidInput)?;
        let poller = Arc::new(Poller::new()?);
        Ok((Self { poller, family: PhantomData }, Events::with_capacity(capacity)))
    }

    fn listen(&mut self, listener: OwnedFd) -> io::Result<F::Listener> {
        // SAFETY: the server and the loops keep the listener as long as the engine,
        // or longer.
        unsafe { self.poller.add(listener.as_raw_fd(), Event::readable(LISTENER))? };
        Ok(listener.into())
    }

    fn accept(listener: &F::Listener) -> io::Result<F::Stream> {
        family::accept::<F>(listener)
    }

    fn again(&mut self, listener: &mut F::Listener) -> io::Result<()> {
        self.poller.modify(listener.as_fd(), Event::readable(LISTENER))
    }

    fn add(&mut self, stream: &mut F::Stream, key: usize) -> io::Result<()> {
        // SAFETY: the server calls `remove` before it drops a stream.
        unsafe { self.poller.add(stream.as_fd().as_raw_fd(), Event::readable(key)) }
    }

    fn settle(&mut self, stream: &mut F::Stream, key: usize, _had: bool, wants: bool) -> io::Result<()> {
        self.poller.modify(stream.as_fd(), Event::new(key, true, wants))
    }

    fn remove(&mut self, stream: &mut F::Stream) -> io::Result<()> {
        self.poller.delete(stream.as_fd())
    }

    fn wait(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        events.clear();
        self.poller.wait(events, timeout)?;
        Ok(())
    }

    fn ready(events: &Events) -> impl Iterator<Item = Ready> + '_ {
        events.iter().map(|event| Ready { key: event.key, is_closing: false })
    }

    fn waker(&mut self) -> io::Result<Arc<Poller>> {
        Ok(Arc::clone(&self.poller))
    }

    fn wake(waker: &Arc<Poller>) -> io::Result<()> {
        waker.notify()
    }
}
