//! No system at all: everything above `sys` is type-checked against it, by
//! `--cfg ferrio_check_unsupported`, for systems that have no backend yet.
//!
//! No program is meant to run with it. If one does, each call that would need a kernel is an
//! `Unsupported` error.
#![allow(dead_code, reason = "it states the contract, whatever of it a target uses")]

use crate::sys::backend::Backend;

/// A Poll has to have a default backend; making it is an error.
pub(crate) const CANDIDATES: &[Backend] = &[Backend::Poll2];

/// What a source shows, where there are no descriptors.
#[cfg(not(unix))]
pub(crate) mod handle {
    use std::marker::PhantomData;

    /// Anything can be shown to a system that watches nothing.
    #[allow(unnameable_types, reason = "the trait of a real system is a public one of std's")]
    pub trait AsSource {}

    impl<T> AsSource for T {}

    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Handle<'a>(PhantomData<&'a ()>);

    pub(crate) fn of<T: AsSource>(_source: &T) -> Handle<'_> {
        Handle(PhantomData)
    }

    /// Not zero-sized, as on a system that needs it.
    #[derive(Debug)]
    pub(crate) struct Place(#[allow(dead_code, reason = "only its size matters")] usize);

    impl Place {
        pub(crate) const fn new() -> Place {
            Place(0)
        }
    }

    macro_rules! borrow_impls {
        ($type:ident) => {};
    }

    macro_rules! object_impls {
        ($type:ident) => {};
    }

    macro_rules! owner_impls {
        ($type:ident, $inner:ty) => {};
    }

    pub(crate) use {borrow_impls, object_impls, owner_impls};
}

pub(crate) mod event {
    use std::fmt;

    use crate::sys::raw::Raw;
    use crate::token::Token;

    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Event(Token, Raw);

    const NONE: Raw = Raw {
        readable: false,
        writable: false,
        priority: false,
        read_hangup: false,
        hangup: false,
        error: false,
        bits: 0,
    };

    pub(crate) const EMPTY: Event = Event(Token(0), NONE);
    pub(crate) const CAPACITY_MAX: usize = i32::MAX as usize / size_of::<Event>();

    pub(crate) fn readable(token: Token) -> Event {
        Event(token, Raw { readable: true, ..NONE })
    }

    pub(crate) fn writable(token: Token) -> Event {
        Event(token, Raw { writable: true, ..NONE })
    }

    pub(crate) fn token(event: &Event) -> Token {
        event.0
    }

    pub(crate) fn is_readable(event: &Event) -> bool {
        event.1.readable
    }

    pub(crate) fn is_writable(event: &Event) -> bool {
        event.1.writable
    }

    pub(crate) fn is_error(event: &Event) -> bool {
        event.1.error
    }

    pub(crate) fn is_read_closed(event: &Event) -> bool {
        event.1.read_hangup
    }

    pub(crate) fn is_write_closed(event: &Event) -> bool {
        event.1.hangup
    }

    pub(crate) fn is_priority(event: &Event) -> bool {
        event.1.priority
    }

    pub(crate) fn is_aio(_: &Event) -> bool {
        false
    }

    pub(crate) fn is_lio(_: &Event) -> bool {
        false
    }

    pub(crate) fn raw(event: &Event) -> Raw {
        event.1
    }

    pub(crate) fn details(event: &Event) -> impl fmt::Debug {
        event.1
    }
}

pub(crate) mod selector {
    use std::io;
    #[cfg(unix)]
    use std::os::fd::BorrowedFd;
    use std::time::Duration;

    use crate::error::kernel;
    use crate::interest::Interest;
    use crate::mode::Mode;
    use crate::sys::backend::Backend;
    use crate::sys::capabilities::Capabilities;
    use crate::sys::event::Event;
    use crate::sys::handle::{Handle, Place};
    use crate::sys::selected::Selected;
    #[cfg(unix)]
    use crate::sys::{busy_poll::BusyPoll, epoll_flags::EpollFlags};
    use crate::token::Token;

    /// None can be made.
    #[derive(Debug)]
    pub(crate) enum Selector {}

    #[derive(Debug, Default)]
    pub(crate) struct Scratch;

    impl Selector {
        pub(crate) fn new(_: Backend) -> io::Result<Selector> {
            Err(kernel::unsupported_system())
        }

        pub(crate) fn register(
            &self,
            _: Handle<'_>,
            _: &mut Place,
            _: Token,
            _: Interest,
            _: Mode,
        ) -> io::Result<()> {
            match *self {}
        }

        pub(crate) fn reregister(
            &self,
            _: Handle<'_>,
            _: &mut Place,
            _: Token,
            _: Interest,
            _: Mode,
        ) -> io::Result<()> {
            match *self {}
        }

        pub(crate) fn deregister(&self, _: Handle<'_>, _: &mut Place) -> io::Result<()> {
            match *self {}
        }

        pub(crate) fn signal(&self) -> io::Result<()> {
            match *self {}
        }

        pub(crate) fn wait(
            &self,
            _: &mut Scratch,
            _: &mut [Event],
            _: Option<Duration>,
        ) -> io::Result<Selected> {
            match *self {}
        }

        pub(crate) fn capabilities(&self) -> Capabilities {
            match *self {}
        }
    }

    #[cfg(unix)]
    impl Selector {
        pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
            match *self {}
        }

        pub(crate) fn wake_descriptor(&self) -> Option<BorrowedFd<'_>> {
            match *self {}
        }

        pub(crate) fn register_flags(&self, _: BorrowedFd<'_>, _: Token, _: EpollFlags) -> io::Result<()> {
            match *self {}
        }

        pub(crate) fn reregister_flags(&self, _: BorrowedFd<'_>, _: Token, _: EpollFlags) -> io::Result<()> {
            match *self {}
        }

        pub(crate) fn set_busy_poll(&self, _: BusyPoll) -> io::Result<()> {
            match *self {}
        }

        pub(crate) fn busy_poll(&self) -> io::Result<BusyPoll> {
            match *self {}
        }
    }
}

pub(crate) mod hooks {
    use crate::interest::Interest;
    use crate::sys::handle::{Handle, Place};

    pub(crate) fn rearm(_: Handle<'_>, _: &Place, _: Interest) {}

    pub(crate) fn forget(_: Handle<'_>, _: &mut Place) {}

    pub(crate) fn release(_: &mut Place) {}
}

pub(crate) mod fork {
    use std::io;

    use crate::error::kernel;

    pub(crate) fn watch() -> io::Result<()> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn generation() -> usize {
        0
    }
}

pub(crate) mod socket {
    use std::io::{self, IoSlice};
    use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

    use crate::error::kernel;
    use crate::sys::handle::AsSource;

    pub(crate) fn tcp_listener(_: SocketAddr) -> io::Result<TcpListener> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn tcp_accept(_: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn tcp_stream(_: SocketAddr) -> io::Result<TcpStream> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn udp(_: SocketAddr) -> io::Result<UdpSocket> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn only_v6(_: &UdpSocket) -> io::Result<bool> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn send(_: &impl AsSource, _: &[u8]) -> io::Result<usize> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn send_vectored(_: &impl AsSource, _: &[IoSlice<'_>]) -> io::Result<usize> {
        Err(kernel::unsupported_system())
    }
}

/// Makes `$type` a source where a source is a descriptor; none can be made.
macro_rules! no_descriptor {
    ($type:ty) => {
        #[cfg(unix)]
        impl std::os::fd::AsFd for $type {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                match *self {}
            }
        }
    };
}

pub(crate) mod child {
    use std::io;
    use std::process::ExitStatus;

    use crate::error::kernel;

    #[derive(Debug)]
    pub(crate) enum Exit {}

    impl Exit {
        pub(crate) fn open(_: u32) -> io::Result<Exit> {
            Err(kernel::unsupported_system())
        }

        pub(crate) fn pid(&self) -> u32 {
            match *self {}
        }

        pub(crate) fn peek(&self) -> io::Result<ExitStatus> {
            match *self {}
        }

        pub(crate) fn reap(&self) -> io::Result<ExitStatus> {
            match *self {}
        }
    }

    no_descriptor!(Exit);
}

pub(crate) mod wall_timer {
    use std::io;
    use std::time::Duration;

    use crate::error::kernel;

    #[derive(Copy, Clone, Debug, PartialEq, Eq)]
    pub(crate) enum Reading {
        Expired(u64),
        ClockSet,
    }

    #[derive(Debug)]
    pub(crate) enum Timer {}

    impl Timer {
        pub(crate) fn new() -> io::Result<Timer> {
            Err(kernel::unsupported_system())
        }

        pub(crate) fn arm(&self, _: Duration, _: Duration) -> io::Result<bool> {
            match *self {}
        }

        pub(crate) fn disarm(&self) -> io::Result<()> {
            match *self {}
        }

        pub(crate) fn read(&self) -> io::Result<Reading> {
            match *self {}
        }
    }

    no_descriptor!(Timer);
}

pub(crate) mod watch {
    use std::ffi::OsStr;
    use std::io;
    use std::path::Path;

    use crate::error::kernel;

    pub(crate) const ATTRIBUTES: u32 = 1;
    pub(crate) const CLOSED_AFTER_WRITE: u32 = 1 << 1;
    pub(crate) const CREATED: u32 = 1 << 2;
    pub(crate) const DELETED: u32 = 1 << 3;
    pub(crate) const ENDED: u32 = 1 << 4;
    pub(crate) const MODIFIED: u32 = 1 << 5;
    pub(crate) const MOVED_FROM: u32 = 1 << 6;
    pub(crate) const MOVED_TO: u32 = 1 << 7;
    pub(crate) const OVERFLOW: u32 = 1 << 8;
    pub(crate) const SELF_DELETED: u32 = 1 << 9;
    pub(crate) const SELF_MOVED: u32 = 1 << 10;
    pub(crate) const UNMOUNTED: u32 = 1 << 11;

    #[derive(Debug)]
    pub(crate) enum Watcher {}

    impl Watcher {
        pub(crate) fn new() -> io::Result<Watcher> {
            Err(kernel::unsupported_system())
        }

        pub(crate) fn add(&self, _: &Path, _: u32) -> io::Result<i32> {
            match *self {}
        }

        pub(crate) fn remove(&self, _: i32) -> io::Result<()> {
            match *self {}
        }
    }

    no_descriptor!(Watcher);

    #[derive(Debug)]
    pub(crate) struct Record<'a> {
        pub(crate) watch: i32,
        pub(crate) bit: u32,
        pub(crate) cookie: u32,
        pub(crate) is_directory: bool,
        pub(crate) name: Option<&'a OsStr>,
    }

    #[derive(Debug)]
    pub(crate) struct Records;

    impl Records {
        pub(crate) fn new() -> Records {
            Records
        }

        pub(crate) fn next(&mut self, watcher: &Watcher) -> io::Result<Record<'_>> {
            match *watcher {}
        }
    }
}

#[cfg(feature = "signal")]
pub(crate) mod signal {
    use std::io;
    use std::ops::RangeInclusive;

    use crate::error;

    pub(crate) const SIGALRM: i32 = 14;
    pub(crate) const SIGCHLD: i32 = 17;
    pub(crate) const SIGCONT: i32 = 18;
    pub(crate) const SIGHUP: i32 = 1;
    pub(crate) const SIGINT: i32 = 2;
    pub(crate) const SIGIO: i32 = 29;
    pub(crate) const SIGPIPE: i32 = 13;
    pub(crate) const SIGQUIT: i32 = 3;
    pub(crate) const SIGTERM: i32 = 15;
    pub(crate) const SIGTSTP: i32 = 20;
    pub(crate) const SIGTTIN: i32 = 21;
    pub(crate) const SIGTTOU: i32 = 22;
    pub(crate) const SIGURG: i32 = 23;
    pub(crate) const SIGUSR1: i32 = 10;
    pub(crate) const SIGUSR2: i32 = 12;
    pub(crate) const SIGWINCH: i32 = 28;

    /// The process that a signal came from.
    #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct Origin {
        /// The id of the process.
        pub pid: u32,
        /// The user that it ran as.
        pub uid: u32,
    }

    impl Origin {
        pub(crate) fn new(pid: u32, uid: u32) -> Origin {
            Origin { pid, uid }
        }
    }

    #[derive(Debug)]
    pub(crate) enum Listening {}

    pub(crate) fn listen(
        signal: i32,
        _: impl Fn(Option<Origin>) + Send + Sync + 'static,
    ) -> io::Result<Listening> {
        Err(error::signal_not_collectable(&describe(signal), "there is no backend for this system"))
    }

    pub(crate) fn real_time() -> RangeInclusive<i32> {
        RangeInclusive::new(1, 0)
    }

    pub(crate) fn describe(signal: i32) -> String {
        format!("signal {signal}")
    }
}

#[cfg(unix)]
pub(crate) mod pipe {
    use std::io;
    use std::os::fd::{BorrowedFd, OwnedFd};

    use crate::error::kernel;

    pub(crate) fn new() -> io::Result<(OwnedFd, OwnedFd)> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn set_nonblocking(_: BorrowedFd<'_>, _: bool) -> io::Result<()> {
        Err(kernel::unsupported_system())
    }
}

#[cfg(unix)]
pub(crate) mod unix_socket {
    use std::io;
    use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};

    use crate::error::kernel;

    pub(crate) fn listener(_: &SocketAddr) -> io::Result<UnixListener> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn accept(_: &UnixListener) -> io::Result<(UnixStream, SocketAddr)> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn stream(_: &SocketAddr) -> io::Result<UnixStream> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn stream_pair() -> io::Result<(UnixStream, UnixStream)> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn datagram() -> io::Result<UnixDatagram> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn datagram_bound(_: &SocketAddr) -> io::Result<UnixDatagram> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn datagram_pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        Err(kernel::unsupported_system())
    }
}
