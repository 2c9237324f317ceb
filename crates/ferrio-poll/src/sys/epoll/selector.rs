//! The backends of the systems with epoll behind one name.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{self, kernel};
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::backend::Backend;
use crate::sys::capabilities::Capabilities;
use crate::sys::epoll::event::Event;
use crate::sys::epoll::{CANDIDATES, Epoll};
use crate::sys::selected::Selected;
use crate::sys::unix::handle::{Handle, Place};
use crate::sys::unix::poll2::beside::Beside;
use crate::sys::unix::poll2::{self, Poll2};
use crate::token::Token;

/// What a Poll waits with.
#[derive(Debug)]
pub(crate) enum Selector {
    /// The kernel keeps the registrations.
    Epoll(Epoll),
    /// Ferrio keeps them. Shared with the hooks of sockets and pipes.
    Poll2(Arc<Poll2>),
}

/// The memory that one Poll lends to its waits, so that a wait allocates nothing.
pub(crate) type Scratch = poll2::Scratch;

impl Selector {
    pub(crate) fn new(backend: Backend) -> io::Result<Selector> {
        match backend {
            Backend::Epoll => Epoll::new().map(Selector::Epoll),
            Backend::Poll2 => Poll2::new().map(Selector::Poll2),
            other => Err(error::backend_unavailable(other, CANDIDATES)),
        }
    }

    pub(crate) fn register(
        &self,
        handle: Handle<'_>,
        _place: &mut Place,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => epoll.register(handle, token, interest, mode),
            Selector::Poll2(poll2) => poll2.register(handle, token, interest, mode),
        }
    }

    pub(crate) fn reregister(
        &self,
        handle: Handle<'_>,
        _place: &mut Place,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => epoll.reregister(handle, token, interest, mode),
            Selector::Poll2(poll2) => poll2.reregister(handle, token, interest, mode),
        }
    }

    pub(crate) fn deregister(&self, handle: Handle<'_>, _place: &mut Place) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => epoll.deregister(handle),
            Selector::Poll2(poll2) => poll2.deregister(handle),
        }
    }

    pub(crate) fn signal(&self) -> io::Result<()> {
        match self {
            Selector::Epoll(epoll) => epoll.signal(),
            Selector::Poll2(poll2) => poll2.signal(),
        }
    }

    #[inline(always)]
    pub(crate) fn wait(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        match self {
            Selector::Epoll(epoll) => epoll.wait(events, timeout),
            Selector::Poll2(poll2) => poll2.wait(scratch, events, timeout),
        }
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        match self {
            Selector::Epoll(epoll) => epoll.capabilities(),
            Selector::Poll2(poll2) => poll2.capabilities(),
        }
    }
}

/// What a Unix has beyond the contract of all systems. The rest stands in `linux/extras.rs` and
/// `unix/no_epoll.rs`.
impl Selector {
    /// The kqueue: there is none.
    pub(crate) fn kqueue(&self) -> io::Result<BorrowedFd<'_>> {
        Err(kernel::only_kqueue())
    }

    /// Waits also for the descriptors of `beside`, where the backend has no descriptor that another
    /// wait could watch.
    pub(crate) fn wait_beside(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        beside: &mut Beside,
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        match self {
            Selector::Epoll(_) => Err(error::embeddable()),
            Selector::Poll2(poll2) => poll2.wait_beside(scratch, events, beside, timeout),
        }
    }

    /// What becomes readable when the selector has something to report.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        match self {
            Selector::Epoll(epoll) => epoll.descriptor(),
            Selector::Poll2(poll2) => poll2.descriptor(),
        }
    }

    /// The eventfd behind [`signal`](Selector::signal), if each signal on it ends a wait.
    pub(crate) fn wake_descriptor(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Selector::Epoll(epoll) => epoll.wake_descriptor(),
            // It takes the signal of a stranger for news of its own table.
            Selector::Poll2(_) => None,
        }
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::os::fd::{AsFd, OwnedFd};

    use rustix::io::{read, write};

    use super::*;
    use crate::sys::event::{self, EMPTY};
    use crate::sys::unix::pipe;

    /// A pipe whose reading end is registered with a mode, on one backend.
    struct Case {
        selector: Selector,
        scratch: Scratch,
        reader: OwnedFd,
        writer: OwnedFd,
    }

    impl Case {
        fn new(backend: Backend, mode: Mode) -> Case {
            let selector = Selector::new(backend).unwrap();
            let (reader, writer) = pipe::new().unwrap();
            selector.register(reader.as_fd(), &mut Place, Token(1), Interest::READABLE, mode).unwrap();
            Case { selector, scratch: Scratch::default(), reader, writer }
        }

        fn is_reported(&mut self) -> bool {
            let mut events = [EMPTY; 4];
            let timeout = Some(Duration::from_millis(10));
            let count = self.selector.wait(&mut self.scratch, &mut events, timeout).unwrap().count;
            assert!(count <= 1);
            count == 1 && event::token(&events[0]) == Token(1)
        }

        fn write(&self) {
            write(&self.writer, b"!").unwrap();
        }

        fn drain(&self) {
            let mut buf = [0; 64];
            while read(&self.reader, &mut buf[..]).is_ok() {}
            // What a source with a hook does at the end of its data.
            if let Selector::Poll2(poll2) = &self.selector {
                poll2.rearm(self.reader.as_fd(), Interest::READABLE);
            }
        }

        fn reregister(&self, mode: Mode) {
            let handle = self.reader.as_fd();
            self.selector.reregister(handle, &mut Place, Token(1), Interest::READABLE, mode).unwrap();
        }
    }

    fn on_each_backend(mode: Mode, check: impl Fn(Case)) {
        for backend in Backend::candidates() {
            check(Case::new(*backend, mode));
        }
    }

    #[test]
    fn edge_reports_once_and_again_after_new_data() {
        on_each_backend(Mode::Edge, |mut case| {
            case.write();
            assert!(case.is_reported());
            assert!(!case.is_reported());
            case.drain();
            assert!(!case.is_reported());
            case.write();
            assert!(case.is_reported());
            case.reregister(Mode::Edge);
            assert!(case.is_reported());
        });
    }

    #[test]
    fn level_reports_as_long_as_there_is_data() {
        on_each_backend(Mode::Level, |mut case| {
            case.write();
            assert!(case.is_reported());
            assert!(case.is_reported());
            case.drain();
            assert!(!case.is_reported());
        });
    }

    #[test]
    fn oneshot_reports_once_until_it_is_registered_anew() {
        on_each_backend(Mode::Oneshot, |mut case| {
            case.write();
            assert!(case.is_reported());
            case.drain();
            case.write();
            assert!(!case.is_reported());
            case.reregister(Mode::Oneshot);
            assert!(case.is_reported());
        });
    }

    #[test]
    fn a_hang_up_is_reported_once_and_by_level_for_ever() {
        for (mode, again) in [(Mode::Edge, false), (Mode::Level, true), (Mode::Oneshot, false)] {
            on_each_backend(mode, |case| {
                let Case { selector, scratch, reader, writer } = case;
                drop(writer);
                let (_, spare) = pipe::new().unwrap();
                let mut case = Case { selector, scratch, reader, writer: spare };
                assert!(case.is_reported(), "{mode:?}");
                assert_eq!(case.is_reported(), again, "{mode:?}");
            });
        }
    }
}
