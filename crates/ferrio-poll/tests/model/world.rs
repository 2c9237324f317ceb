//! A Poll, sockets and their peers, and beside them the model that judges.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream as StdStream;
use std::time::Duration;

use ferrio_poll::event::{Event, Source as _};
use ferrio_poll::net::UnixStream;
use ferrio_poll::unix::SourceFd;
use ferrio_poll::{Backend, Events, Interest, Poll, Token, Waker};

use crate::file::Peer;
use crate::model::{Model, WAKER};
use crate::operation::{Kind, Operation};

/// The most descriptors of sources at a time.
const SLOTS_MAX: usize = 6;

pub(crate) struct World {
    // Dropped first: what is registered may outlive its Poll.
    poll: Poll,
    waker: Waker,
    /// In the order of the model's slots.
    sources: Vec<Source>,
    /// In the order of the model's files; none once it is closed.
    peers: Vec<Option<StdStream>>,
    model: Model,
    tally: Tally,
}

enum Source {
    Stream(UnixStream),
    Raw(OwnedFd),
}

/// What happened in a sequence.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Tally {
    polls: usize,
    events: usize,
    /// Registrations, of either sort, that the Poll accepted.
    accepted: usize,
    refused: usize,
    duplicates: usize,
}

impl World {
    pub(crate) fn new(backend: Backend) -> World {
        let poll = Poll::builder().backend(backend).build().expect("a Poll");
        let waker = Waker::new(poll.registry(), WAKER).expect("a waker");
        let (sources, peers) = (Vec::new(), Vec::new());
        World { poll, waker, sources, peers, model: Model::new(backend), tally: Tally::default() }
    }

    pub(crate) fn tally(&self) -> Tally {
        self.tally
    }

    /// Does `operation`, if there is a source to do it with.
    pub(crate) fn run(&mut self, operation: Operation) -> Result<(), String> {
        match operation {
            Operation::Open(kind) => self.open(kind),
            Operation::Wake => self.wake(),
            Operation::Poll(room) => self.poll(room),
            Operation::Duplicate(index, kind) => self.with(index, |world, slot| world.duplicate(slot, kind)),
            Operation::Close(index) => self.with(index, Self::close),
            Operation::Register(index, interest) => {
                self.with(index, |world, slot| world.register(slot, interest))
            }
            Operation::Reregister(index, interest) => {
                self.with(index, |world, slot| world.reregister(slot, interest))
            }
            Operation::Deregister(index) => self.with(index, Self::deregister),
            Operation::MakeReadable(index, count) => {
                self.with(index, |world, slot| world.make_readable(slot, count))
            }
            Operation::Read(index, room) => {
                self.with(index, |world, slot| world.read(slot, room).map(|_| ()))
            }
            Operation::Drain(index) => self.with(index, Self::drain),
            Operation::Fill(index) => self.with(index, Self::fill),
            Operation::MakeWritable(index) => self.with(index, Self::make_writable),
            Operation::EndPeer(index) => self.with(index, Self::end_peer),
            Operation::ClosePeer(index) => self.with(index, Self::close_peer),
        }
    }

    /// Whatever is owed at the end comes, and then there is silence.
    pub(crate) fn settle(&mut self) -> Result<(), String> {
        self.poll(4 * SLOTS_MAX)
            .and_then(|()| self.poll(4 * SLOTS_MAX))
            .map_err(|e| format!("at the end: {e}"))
    }

    fn with(
        &mut self,
        index: usize,
        act: impl FnOnce(&mut Self, usize) -> Result<(), String>,
    ) -> Result<(), String> {
        match self.sources.len() {
            0 => Ok(()),
            count => act(self, index % count),
        }
    }

    fn open(&mut self, kind: Kind) -> Result<(), String> {
        if self.sources.len() < SLOTS_MAX {
            let (source, peer) = StdStream::pair().expect("a pair of sockets");
            peer.set_nonblocking(true).expect("a peer that does not block");
            source.set_nonblocking(true).expect("a source that does not block");
            let source = Source::new(source.into(), kind);
            self.model.open(source.as_fd().as_raw_fd(), kind);
            self.sources.push(source);
            self.peers.push(Some(peer));
        }
        Ok(())
    }

    fn duplicate(&mut self, slot: usize, kind: Kind) -> Result<(), String> {
        if self.sources.len() < SLOTS_MAX {
            let fd = self.sources[slot].as_fd().try_clone_to_owned().expect("a duplicate");
            self.model.duplicate(fd.as_raw_fd(), self.model.slots[slot].file, kind);
            self.sources.push(Source::new(fd, kind));
            self.tally.duplicates += 1;
        }
        Ok(())
    }

    fn close(&mut self, slot: usize) -> Result<(), String> {
        drop(self.sources.remove(slot));
        self.model.close(slot);
        Ok(())
    }

    fn register(&mut self, slot: usize, interest: Interest) -> Result<(), String> {
        if self.model.is_haunted(slot) {
            return Ok(());
        }
        let token = self.model.fresh_token();
        let result = self.sources[slot].register(&self.poll, token, interest);
        self.count(&result);
        self.model.register(slot, token, interest, &result)
    }

    fn reregister(&mut self, slot: usize, interest: Interest) -> Result<(), String> {
        if self.model.is_haunted(slot) {
            return Ok(());
        }
        let token = self.model.fresh_token();
        let result = self.sources[slot].reregister(&self.poll, token, interest);
        self.count(&result);
        self.model.reregister(slot, token, interest, &result)
    }

    fn deregister(&mut self, slot: usize) -> Result<(), String> {
        if self.model.is_haunted(slot) {
            return Ok(());
        }
        let result = self.sources[slot].deregister(&self.poll);
        self.count(&result);
        self.model.deregister(slot, &result)
    }

    fn count(&mut self, result: &io::Result<()>) {
        self.tally.accepted += usize::from(result.is_ok());
        self.tally.refused += usize::from(result.is_err());
    }

    fn make_readable(&mut self, slot: usize, count: usize) -> Result<(), String> {
        let file = self.model.slots[slot].file;
        if self.model.files[file].peer == Peer::Open {
            self.peer(file).write_all(&[b'!'; 4][..count]).expect("room for a few bytes");
            self.model.files[file].bytes += count;
            self.model.touch(file);
        }
        Ok(())
    }

    /// Reads once. True if there may be more.
    fn read(&mut self, slot: usize, room: usize) -> Result<bool, String> {
        let file = self.model.slots[slot].file;
        self.model.touch(file);
        let known = &mut self.model.files[file];
        let mut buf = [0; 64];
        match self.sources[slot].read(&mut buf[..room]) {
            Ok(0) if known.bytes == 0 && known.peer != Peer::Open => Ok(false),
            Ok(count) if count == room.min(known.bytes) && count > 0 => {
                known.bytes -= count;
                // The end of the stream was there before, and is not told again.
                if count < room && known.peer == Peer::Open {
                    self.model.used_up(slot, |registration| &mut registration.read);
                }
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock && known.bytes == 0 => {
                self.model.used_up(slot, |registration| &mut registration.read);
                Ok(false)
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset && known.unread => Ok(false),
            result => Err(format!("a read gave {result:?}, with {known:?}")),
        }
    }

    fn drain(&mut self, slot: usize) -> Result<(), String> {
        while self.read(slot, 64)? {}
        Ok(())
    }

    fn fill(&mut self, slot: usize) -> Result<(), String> {
        let file = self.model.slots[slot].file;
        if self.model.files[file].peer == Peer::Closed {
            return Ok(());
        }
        loop {
            match self.sources[slot].write(&[0; 16 * 1024]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(format!("a write failed: {error}")),
            }
        }
        self.model.files[file].full = true;
        self.model.files[file].unread = true;
        self.model.touch(file);
        self.model.used_up(slot, |registration| &mut registration.write);
        Ok(())
    }

    fn make_writable(&mut self, slot: usize) -> Result<(), String> {
        let file = self.model.slots[slot].file;
        if self.model.files[file].peer != Peer::Closed {
            let mut buf = vec![0; 64 * 1024];
            while self.peer(file).read(&mut buf).is_ok() {}
            self.model.files[file].full = false;
            self.model.files[file].unread = false;
            self.model.touch(file);
        }
        Ok(())
    }

    fn end_peer(&mut self, slot: usize) -> Result<(), String> {
        let file = self.model.slots[slot].file;
        if self.model.files[file].peer == Peer::Open {
            self.peer(file).shutdown(Shutdown::Write).expect("a half-close");
            self.model.end(file, Peer::Ended);
        }
        Ok(())
    }

    fn close_peer(&mut self, slot: usize) -> Result<(), String> {
        let file = self.model.slots[slot].file;
        if self.peers[file].take().is_some() {
            self.model.end(file, Peer::Closed);
        }
        Ok(())
    }

    fn wake(&mut self) -> Result<(), String> {
        self.model.woken = true;
        self.waker.wake().map_err(|error| format!("a wake failed: {error}"))
    }

    fn poll(&mut self, room: usize) -> Result<(), String> {
        let mut events = Events::with_capacity(room);
        self.poll.poll(&mut events, Some(Duration::ZERO)).map_err(|error| format!("poll failed: {error}"))?;
        let events: Vec<Event> = events.iter().cloned().collect();
        self.tally.polls += 1;
        self.tally.events += events.len();
        self.model.poll(&events, room)
    }

    fn peer(&mut self, file: usize) -> &mut StdStream {
        self.peers[file].as_mut().expect("a peer that is not closed")
    }
}

impl Source {
    fn new(fd: OwnedFd, kind: Kind) -> Source {
        match kind {
            Kind::Stream => Source::Stream(UnixStream::from_std(fd.into())),
            Kind::Raw => Source::Raw(fd),
        }
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Source::Stream(stream) => stream.as_fd(),
            Source::Raw(fd) => fd.as_fd(),
        }
    }

    fn register(&mut self, poll: &Poll, token: Token, interest: Interest) -> io::Result<()> {
        match self {
            Source::Stream(stream) => poll.registry().register(stream, token, interest),
            Source::Raw(fd) => SourceFd(&fd.as_raw_fd()).register(poll.registry(), token, interest),
        }
    }

    fn reregister(&mut self, poll: &Poll, token: Token, interest: Interest) -> io::Result<()> {
        match self {
            Source::Stream(stream) => poll.registry().reregister(stream, token, interest),
            Source::Raw(fd) => SourceFd(&fd.as_raw_fd()).reregister(poll.registry(), token, interest),
        }
    }

    fn deregister(&mut self, poll: &Poll) -> io::Result<()> {
        match self {
            Source::Stream(stream) => poll.registry().deregister(stream),
            Source::Raw(fd) => SourceFd(&fd.as_raw_fd()).deregister(poll.registry()),
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::Stream(stream) => stream.read(buf),
            Source::Raw(fd) => Ok(rustix::io::read(fd, buf)?),
        }
    }

    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Source::Stream(stream) => stream.write(buf),
            Source::Raw(fd) => Ok(rustix::io::write(fd, buf)?),
        }
    }
}

impl Tally {
    pub(crate) fn add(&mut self, other: Tally) {
        self.polls += other.polls;
        self.events += other.events;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.duplicates += other.duplicates;
    }

    /// True if everything happened at least once.
    pub(crate) fn is_full(&self) -> bool {
        [self.polls, self.events, self.accepted, self.refused, self.duplicates].iter().all(|count| *count > 0)
    }
}
