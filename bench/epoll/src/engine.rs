//! epoll without a library: edges, and no read that can only find nothing.

use std::io;
use std::marker::PhantomData;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use bench_kit::engine::{Engine, LISTENER, Ready, WAKER};
use bench_kit::family::{self, StdFamily};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};
use rustix::io::write;

/// An epoll instance for sockets of the family `F`.
pub(crate) struct Epoll<F> {
    epoll: OwnedFd,
    family: PhantomData<F>,
}

/// What a stream is always registered for.
const READ: EventFlags = EventFlags::IN.union(EventFlags::RDHUP).union(EventFlags::ET);

impl<F: StdFamily> Engine for Epoll<F> {
    type Listener = F::Listener;
    type Stream = F::Stream;
    type Events = Vec<Event>;
    type Waker = OwnedFd;

    const SHORT_READ_DRAINS: bool = true;

    fn new(capacity: usize) -> io::Result<(Self, Vec<Event>)> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        Ok((Self { epoll, family: PhantomData }, Vec::with_capacity(capacity)))
    }

    fn listen(&mut self, listener: OwnedFd) -> io::Result<F::Listener> {
        epoll::add(&self.epoll, &listener, data(LISTENER), EventFlags::IN | EventFlags::ET)?;
        Ok(listener.into())
    }

    fn accept(listener: &F::Listener) -> io::Result<F::Stream> {
        family::accept::<F>(listener)
    }

    fn again(&mut self, _listener: &mut F::Listener) -> io::Result<()> {
        Ok(())
    }

    fn add(&mut self, stream: &mut F::Stream, key: usize) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, &*stream, data(key), READ)?)
    }

    fn settle(&mut self, stream: &mut F::Stream, key: usize, had: bool, wants: bool) -> io::Result<()> {
        if had == wants {
            return Ok(());
        }
        let flags = if wants { READ | EventFlags::OUT } else { READ };
        Ok(epoll::modify(&self.epoll, &*stream, data(key), flags)?)
    }

    fn remove(&mut self, stream: &mut F::Stream) -> io::Result<()> {
        Ok(epoll::delete(&self.epoll, stream.as_fd())?)
    }

    fn wait(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = timeout.map(|timeout| Timespec::try_from(timeout).expect("short"));
        events.clear();
        epoll::wait(&self.epoll, spare_capacity(events), timeout.as_ref())?;
        Ok(())
    }

    fn ready(events: &Vec<Event>) -> impl Iterator<Item = Ready> + '_ {
        let closing = EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR;
        events.iter().map(move |event| {
            let (key, flags) = (event.data.u64() as usize, event.flags);
            Ready { key, is_closing: flags.intersects(closing) }
        })
    }

    fn waker(&mut self) -> io::Result<OwnedFd> {
        let waker = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        epoll::add(&self.epoll, &waker, data(WAKER), EventFlags::IN | EventFlags::ET)?;
        Ok(waker)
    }

    fn wake(waker: &OwnedFd) -> io::Result<()> {
        write(waker, &1_u64.to_ne_bytes())?;
        Ok(())
    }
}

fn data(key: usize) -> EventData {
    EventData::new_u64(key as u64)
}
