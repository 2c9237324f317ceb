//! The clients' wait: epoll by itself, so that the load generator is the same for
//! every subject and depends on none.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use crate::limit::PATIENCE;

/// An epoll instance and the events of its last wait.
pub(crate) struct Poller {
    epoll: OwnedFd,
    events: Vec<Event>,
}

impl Poller {
    /// An empty one.
    pub(crate) fn new() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        Ok(Self { epoll, events: Vec::with_capacity(1024) })
    }

    /// Adds a source under `key`: edges of reading and writing.
    pub(crate) fn add(&self, source: impl AsFd, key: usize) -> io::Result<()> {
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        Ok(epoll::add(&self.epoll, source, EventData::new_u64(key as u64), flags)?)
    }

    /// Waits; false if nothing came for a long time.
    pub(crate) fn wait(&mut self) -> io::Result<bool> {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).expect("short");
            self.events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&left)) {
                Err(rustix::io::Errno::INTR) => {}
                result => return Ok(result? > 0),
            }
        }
    }

    /// The keys of the last wait's events.
    pub(crate) fn keys(&self) -> impl Iterator<Item = usize> + '_ {
        self.events.iter().map(|event| event.data.u64() as usize)
    }
}
