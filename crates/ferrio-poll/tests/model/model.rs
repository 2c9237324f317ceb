//! What the contract says of a Poll, without a Poll.

use std::io::{self, ErrorKind};
use std::os::fd::RawFd;

use ferrio_poll::event::Event;
use ferrio_poll::{Backend, Interest, Token};

use crate::file::{File, Peer};
use crate::operation::Kind;
use crate::registration::{Edge, Registration};

/// The token of the waker.
pub(crate) const WAKER: Token = Token(usize::MAX);

#[derive(Debug)]
pub(crate) struct Model {
    backend: Backend,
    pub(crate) files: Vec<File>,
    pub(crate) slots: Vec<Slot>,
    ghosts: Vec<Ghost>,
    pub(crate) woken: bool,
    next_token: usize,
}

/// A descriptor of a source.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) fd: RawFd,
    /// Its place in the list of files.
    pub(crate) file: usize,
    pub(crate) kind: Kind,
    pub(crate) registration: Option<Registration>,
}

/// A registration that was closed over without a deregistration, in the ways in which
/// nobody promises that it ends.
#[derive(Debug)]
struct Ghost {
    token: Token,
    fd: RawFd,
    file: usize,
}

impl Model {
    pub(crate) fn new(backend: Backend) -> Model {
        Model { backend, files: vec![], slots: vec![], ghosts: vec![], woken: false, next_token: 0 }
    }

    pub(crate) fn open(&mut self, fd: RawFd, kind: Kind) {
        self.files.push(File::default());
        self.duplicate(fd, self.files.len() - 1, kind);
    }

    pub(crate) fn duplicate(&mut self, fd: RawFd, file: usize, kind: Kind) {
        self.slots.push(Slot { fd, file, kind, registration: None });
    }

    /// Forgets a slot. epoll ends a registration with the file, which another
    /// descriptor keeps alive; the number of a raw descriptor tells poll(2) nothing
    /// of its close.
    pub(crate) fn close(&mut self, index: usize) {
        let Slot { fd, file, kind, registration } = self.slots.remove(index);
        let lives_on = self.slots.iter().any(|slot| slot.file == file);
        let (is_ghost, ends_with_file) = match self.backend {
            Backend::Epoll => (lives_on, true),
            _ => (kind == Kind::Raw, false),
        };
        if let Some(registration) = registration.filter(|_| is_ghost) {
            self.ghosts.push(Ghost { token: registration.token, fd, file });
        }
        if ends_with_file && !lives_on {
            self.ghosts.retain(|ghost| ghost.file != file);
        }
    }

    /// True if a call about this slot might find what was left behind under the same
    /// number of the same file. Then its result is nobody's promise.
    pub(crate) fn is_haunted(&self, index: usize) -> bool {
        let slot = &self.slots[index];
        self.ghosts.iter().any(|ghost| ghost.fd == slot.fd && ghost.file == slot.file)
    }

    /// A token that was never used.
    pub(crate) fn fresh_token(&mut self) -> Token {
        self.next_token += 1;
        Token(self.next_token)
    }

    pub(crate) fn register(
        &mut self,
        index: usize,
        token: Token,
        interest: Interest,
        result: &io::Result<()>,
    ) -> Result<(), String> {
        let slot = &mut self.slots[index];
        if slot.registration.is_some() {
            return refused(result, ErrorKind::AlreadyExists);
        }
        allowed(result)?;
        slot.registration = Some(Registration::new(token, interest));
        if self.backend == Backend::Poll2 {
            // The number belongs to the new file now.
            self.ghosts.retain(|ghost| ghost.fd != slot.fd);
        }
        Ok(())
    }

    pub(crate) fn reregister(
        &mut self,
        index: usize,
        token: Token,
        interest: Interest,
        result: &io::Result<()>,
    ) -> Result<(), String> {
        let slot = &mut self.slots[index];
        if slot.registration.is_none() {
            return refused(result, ErrorKind::NotFound);
        }
        slot.registration = Some(Registration::new(token, interest));
        allowed(result)
    }

    pub(crate) fn deregister(&mut self, index: usize, result: &io::Result<()>) -> Result<(), String> {
        match self.slots[index].registration.take() {
            Some(_) => allowed(result),
            None => refused(result, ErrorKind::NotFound),
        }
    }

    /// Something happened to `file`.
    pub(crate) fn touch(&mut self, file: usize) {
        self.registrations_of(file).for_each(Registration::touch);
    }

    /// The peer of `file` has ended its writing, or closed.
    pub(crate) fn end(&mut self, file: usize, peer: Peer) {
        self.files[file].peer = peer;
        self.touch(file);
        self.registrations_of(file).for_each(|registration| registration.close = Edge::Due);
    }

    /// An operation through a slot ran short or would have blocked, so that what
    /// arises from here on must be told, unless the Poll cannot know of it.
    pub(crate) fn used_up(&mut self, index: usize, edge: impl FnOnce(&mut Registration) -> &mut Edge) {
        let slot = &mut self.slots[index];
        let is_heard = self.backend == Backend::Epoll || slot.kind == Kind::Stream;
        if let Some(registration) = slot.registration.as_mut().filter(|_| is_heard) {
            *edge(registration) = Edge::Due;
        }
    }

    /// Judges the events of one poll with room for `room`.
    pub(crate) fn poll(&mut self, events: &[Event], room: usize) -> Result<(), String> {
        if events.len() > room {
            return Err(format!("{} events, with room for {room}", events.len()));
        }
        let mut seen = Vec::new();
        for event in events {
            let token = event.token();
            if seen.contains(&token) {
                return Err(format!("{token:?} was reported twice by one poll"));
            }
            seen.push(token);
            self.report(event).map_err(|error| format!("{token:?}: {error}"))?;
        }
        // On epoll the wake descriptor may have had a place of the list; with room for one event
        // the backend looks again.
        let by_wake = usize::from(self.backend == Backend::Epoll && room > 1);
        if events.len() + by_wake < room { self.nothing_is_missing() } else { Ok(()) }
    }

    fn report(&mut self, event: &Event) -> Result<(), String> {
        let token = event.token();
        if token == WAKER {
            let others = event.is_writable() || event.is_read_closed() || event.is_error();
            let is_true = std::mem::take(&mut self.woken) && event.is_readable() && !others;
            return if is_true { Ok(()) } else { Err(format!("the waker was not woken: {event:?}")) };
        }
        for slot in &mut self.slots {
            if let Some(registration) = slot.registration.as_mut().filter(|known| known.token == token) {
                return registration.report(&self.files[slot.file], event);
            }
        }
        if self.ghosts.iter().any(|ghost| ghost.token == token) {
            return Ok(());
        }
        Err(format!("a token of no registration: {event:?}"))
    }

    fn nothing_is_missing(&mut self) -> Result<(), String> {
        if self.woken {
            return Err("the wake was not reported".to_owned());
        }
        for slot in &mut self.slots {
            let Some(registration) = &mut slot.registration else { continue };
            if let Some(name) = registration.missing(&self.files[slot.file]) {
                return Err(format!("{:?} is {name} and was not reported", registration.token));
            }
            registration.settle();
        }
        Ok(())
    }

    fn registrations_of(&mut self, file: usize) -> impl Iterator<Item = &mut Registration> {
        let slots = self.slots.iter_mut().filter(move |slot| slot.file == file);
        slots.filter_map(|slot| slot.registration.as_mut())
    }
}

fn allowed(result: &io::Result<()>) -> Result<(), String> {
    match result {
        Ok(()) => Ok(()),
        Err(error) => Err(format!("refused: {error}")),
    }
}

fn refused(result: &io::Result<()>, kind: ErrorKind) -> Result<(), String> {
    match result {
        Err(error) if error.kind() == kind => Ok(()),
        other => Err(format!("expected {kind:?}, got {other:?}")),
    }
}
