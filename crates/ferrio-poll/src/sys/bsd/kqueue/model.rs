//! A model of a kqueue, for the tests of the selector: it knows no files, only what a test says
//! of them, and fails where a test tells it to.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;

use super::kevent::{
    EV_ADD, EV_CLEAR, EV_DELETE, EV_DISABLE, EV_DISPATCH, EV_ENABLE, EV_EOF, EV_RECEIPT, Filter, Kevent,
    NOTE_TRIGGER,
};
use crate::error::kernel;
use crate::sync::{Mutex, MutexGuard, lock};

/// A model of a kqueue.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    fd: OwnedFd,
}

/// What it knows.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// In the order in which they are reported.
    knotes: Vec<Knote>,
    /// What is open, by descriptor.
    pub(crate) files: BTreeMap<usize, File>,
    pub(crate) faults: Faults,
    /// Is called once a wait has taken its events, before the selector sees them.
    pub(crate) after_wait: Option<Hook>,
}

/// What another thread does meanwhile.
pub(crate) struct Hook(pub(crate) Box<dyn FnOnce() + Send>);

/// How a file is.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) is_readable: bool,
    pub(crate) is_writable: bool,
    pub(crate) is_urgent: bool,
    pub(crate) is_ended: bool,
    /// A pipe without a reader.
    pub(crate) is_broken: bool,
}

/// What goes wrong.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Faults {
    /// An addition with this filter fails with this error.
    pub(crate) add: Option<(Filter, i32)>,
    /// The next wait is interrupted.
    pub(crate) is_interrupted: bool,
    /// No receipts are written.
    pub(crate) has_no_receipts: bool,
}

#[derive(Debug)]
struct Knote {
    change: Kevent,
    is_enabled: bool,
    is_active: bool,
}

impl Queue {
    pub(crate) fn new() -> io::Result<Queue> {
        let fd = eventfd(0, EventfdFlags::CLOEXEC)?;
        Ok(Queue { state: Mutex::new(State::default()), fd })
    }

    /// What it knows, for a test to change.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn change(&self, changes: &mut [Kevent]) -> io::Result<()> {
        let mut state = self.state();
        for change in changes {
            assert!(change.has(EV_RECEIPT), "{change:?}");
            if state.faults.has_no_receipts {
                return Err(kernel::kqueue_without_receipts());
            }
            change.data = state.apply(change).err().map_or(0, |errno| errno.raw_os_error().into());
        }
        Ok(())
    }

    pub(crate) fn apply(&self, change: &Kevent) -> io::Result<()> {
        Ok(self.state().apply(change)?)
    }

    /// It never sleeps: what is there is there.
    pub(crate) fn wait(&self, found: &mut Vec<Kevent>, room: usize, _: Option<Duration>) -> io::Result<()> {
        found.clear();
        let mut state = self.state();
        if std::mem::take(&mut state.faults.is_interrupted) {
            return Err(Errno::INTR.into());
        }
        state.report(found, room);
        let hook = state.after_wait.take();
        drop(state);
        if let Some(Hook(hook)) = hook {
            hook();
        }
        Ok(())
    }

    pub(crate) fn is_registered(&self, ident: usize, filter: Filter) -> io::Result<bool> {
        Ok(self.state().place(ident, filter).is_some())
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl State {
    /// A file is opened.
    pub(crate) fn open(&mut self, fd: usize) {
        self.files.insert(fd, File { is_writable: true, ..File::default() });
    }

    /// A file is closed, and its registrations go with it.
    pub(crate) fn close(&mut self, fd: usize) {
        self.files.remove(&fd);
        self.knotes.retain(|knote| knote.change.ident != fd || knote.change.filter == Filter::User);
    }

    /// A file changes, which is news to those registrations that wait for it.
    pub(crate) fn alter(&mut self, fd: usize, filter: Filter, change: impl FnOnce(&mut File)) {
        change(self.files.get_mut(&fd).expect("an open file"));
        for place in 0..self.knotes.len() {
            let knote = &self.knotes[place].change;
            if knote.ident == fd && (knote.filter == filter || self.files[&fd].is_ended) {
                let is_active = self.holds(&self.knotes[place]);
                self.knotes[place].is_active |= is_active;
            }
        }
    }

    /// How many registrations there are of `fd`.
    pub(crate) fn count(&self, fd: usize) -> usize {
        self.knotes
            .iter()
            .filter(|knote| knote.change.ident == fd && knote.change.filter != Filter::User)
            .count()
    }

    fn place(&self, ident: usize, filter: Filter) -> Option<usize> {
        self.knotes.iter().position(|knote| knote.change.ident == ident && knote.change.filter == filter)
    }

    fn apply(&mut self, change: &Kevent) -> Result<(), Errno> {
        let &Kevent { ident, filter, flags, .. } = change;
        if filter != Filter::User && !self.files.contains_key(&ident) {
            return Err(Errno::BADF);
        }
        let place = match self.place(ident, filter) {
            Some(place) => place,
            None if change.has(EV_ADD) => {
                match self.faults.add {
                    Some((refused, code)) if refused == filter => return Err(Errno::from_raw_os_error(code)),
                    _ if filter == Filter::Write && self.files[&ident].is_broken => return Err(Errno::PIPE),
                    _ => {}
                }
                let mode = Kevent { flags: flags & (EV_CLEAR | EV_DISPATCH), ..*change };
                self.knotes.push(Knote { change: mode, is_enabled: true, is_active: false });
                self.knotes.len() - 1
            }
            None => return Err(Errno::NOENT),
        };
        if change.has(EV_DELETE) {
            self.knotes.remove(place);
            return Ok(());
        }
        // The mode stays as it is.
        let knote = &mut self.knotes[place];
        knote.change = Kevent { flags: knote.change.flags, ..*change };
        knote.is_enabled = (knote.is_enabled || change.has(EV_ENABLE)) && !change.has(EV_DISABLE);
        let is_triggered = filter == Filter::User && change.fflags & NOTE_TRIGGER != 0;
        let is_active = is_triggered || self.knotes[place].is_enabled && self.holds(&self.knotes[place]);
        self.knotes[place].is_active |= is_active;
        Ok(())
    }

    /// True if there is something to report of `knote`.
    fn holds(&self, knote: &Knote) -> bool {
        let file = self.files.get(&knote.change.ident).copied().unwrap_or_default();
        match knote.change.filter {
            // As with a pipe, which does not heed the mark.
            Filter::Read => file.is_readable || file.is_ended,
            Filter::Write => file.is_writable || file.is_ended,
            Filter::Except => file.is_urgent,
            _ => false,
        }
    }

    fn report(&mut self, found: &mut Vec<Kevent>, room: usize) {
        let mut again = Vec::new();
        let mut place = 0;
        while place < self.knotes.len() && found.len() < room {
            let knote = &self.knotes[place];
            let is_user = knote.change.filter == Filter::User;
            if !knote.is_active || !knote.is_enabled || !is_user && !self.holds(knote) {
                place += 1;
                continue;
            }
            let mut kevent = Kevent { fflags: 0, ..knote.change };
            if self.files.get(&kevent.ident).is_some_and(|file| file.is_ended) && !is_user {
                kevent.flags |= EV_EOF;
            }
            found.push(kevent);
            let mut knote = self.knotes.remove(place);
            knote.is_active = !knote.change.has(EV_CLEAR) && !knote.change.has(EV_DISPATCH);
            knote.is_enabled = !knote.change.has(EV_DISPATCH);
            again.push(knote);
        }
        // Behind those that were not reported.
        self.knotes.append(&mut again);
    }
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hook")
    }
}

/// Few, so that tests come to a second call.
pub(crate) const ROOM: usize = 4;

pub(crate) const TELLS_REGISTERED: bool = true;

pub(crate) const REFUSES_FILES: bool = false;

pub(crate) const NOTE_OOB: Option<u32> = Some(2);
