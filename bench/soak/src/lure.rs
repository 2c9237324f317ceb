//! Sources that their owner can make ready: one of each kind.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net;
use std::time::Duration;

use ferrio_poll::event::Source;
use ferrio_poll::net::UnixStream;
use ferrio_poll::time::Timer;
use ferrio_poll::unix::{FdSource, pipe};
use ferrio_poll::user::{self, Trigger, UserSource};
use rustix::event::{EventfdFlags, eventfd};

/// How many kinds there are.
pub(crate) const KINDS: usize = 6;

/// A source, with what makes it ready.
pub(crate) enum Lure {
    /// A channel.
    Channel((user::Sender<u8>, user::Receiver<u8>)),
    /// An eventfd, as the descriptor of somebody else.
    Eventfd(FdSource<OwnedFd>),
    /// A pipe.
    Pipe((pipe::Sender, pipe::Receiver)),
    /// A stream and its other end.
    Stream(net::UnixStream, UnixStream),
    /// A timer.
    Timer(Timer),
    /// A user source.
    User((UserSource, Trigger)),
}

impl Lure {
    /// Of the kind with that number, below [`KINDS`]; not ready.
    pub(crate) fn new(kind: usize) -> io::Result<Self> {
        Ok(match kind {
            0 => Self::Channel(user::channel()),
            1 => {
                let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
                Self::Eventfd(FdSource::new(eventfd(0, flags)?))
            }
            2 => Self::Pipe(pipe::new()?),
            3 => {
                let (near, far) = net::UnixStream::pair()?;
                far.set_nonblocking(true)?;
                Self::Stream(near, UnixStream::from_std(far))
            }
            4 => Self::Timer(Timer::new()),
            _ => Self::User(user::source()),
        })
    }

    /// Makes it ready.
    pub(crate) fn fire(&mut self) -> io::Result<()> {
        match self {
            Self::Channel((sender, _)) => sender.send(0).map_err(io::Error::other),
            Self::Eventfd(source) => {
                source.do_io(|fd| Ok(rustix::io::write(fd, &1_u64.to_ne_bytes())?)).map(drop)
            }
            Self::Pipe((sender, _)) => sender.write_all(b"x"),
            Self::Stream(near, _) => near.write_all(b"x"),
            Self::Timer(timer) => timer.set(Duration::ZERO),
            Self::User((_, trigger)) => trigger.fire(),
        }
    }

    /// Uses it until it is no longer ready.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        match self {
            Self::Channel((_, receiver)) => receiver.try_iter().for_each(drop),
            Self::Eventfd(source) => {
                drain(|bytes| source.do_io(|fd| Ok(rustix::io::read(fd, bytes)?)))?;
            }
            Self::Pipe((_, receiver)) => drain(|bytes| receiver.read(bytes))?,
            Self::Stream(_, far) => drain(|bytes| far.read(bytes))?,
            Self::Timer(timer) => drop(timer.take()),
            Self::User((source, _)) => drop(source.take()),
        }
        Ok(())
    }

    /// What is registered.
    pub(crate) fn source(&mut self) -> &mut dyn Source {
        match self {
            Self::Channel((_, source)) => source,
            Self::Eventfd(source) => source,
            Self::Pipe((_, source)) => source,
            Self::Stream(_, source) => source,
            Self::Timer(source) => source,
            Self::User((source, _)) => source,
        }
    }
}

/// Reads until there is nothing left.
fn drain(mut read: impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<()> {
    loop {
        match read(&mut [0; 64]) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
