//! A kernel that stands in for one with kqueue, on Linux: for tests alone.
//!
//! It is built with `--cfg ferrio_fake_kqueue`, so that the contract suite runs on the selector
//! as it is. It behaves as the manuals of kqueue(2) say, and where kernels differ as FreeBSD
//! does, but for urgent data, which that does not report. It allocates and makes other system
//! calls than a kqueue, so it says nothing of costs.
//!
//! Each filter of descriptors has an epoll instance of its own, since one instance takes a
//! descriptor once. These, and a descriptor for each registration of another filter, are in an
//! outer one, which is what sleeps. `EV_CLEAR` is an edge of epoll. What happens to files is told
//! by inotify, to a thread that leaves out what was not asked for.
//!
//! What it cannot show: that the registration of a file without a name, as an eventfd, goes with
//! the first descriptor that is closed and not with the last; the order of events; edges of
//! `Filter::Write` that an acknowledgement makes; and that a child does not inherit a kqueue.

mod condition;
mod files;
mod knote;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::fstat;
use rustix::io::Errno;

use self::files::Files;
use self::knote::{FileId, Knote};
use super::kevent::{
    EV_ADD, EV_CLEAR, EV_DELETE, EV_DISABLE, EV_DISPATCH, EV_ENABLE, EV_RECEIPT, Filter, Kevent, NOTE_TRIGGER,
};
use crate::error::kernel;
use crate::sync::{Mutex, lock};
use crate::sys::unix::{descriptor, fork};

/// What stands in for a kqueue.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Sleeps, and is what is handed out.
    outer: OwnedFd,
    /// The epoll instances of the filters of descriptors, as [`FILTERS`] orders them.
    sets: [OwnedFd; FILTERS.len()],
    knotes: Mutex<Knotes>,
    generation: usize,
}

/// The registrations.
#[derive(Debug, Default)]
struct Knotes {
    all: BTreeMap<(usize, Filter), Knote>,
    /// What the events of epoll carry.
    by_id: BTreeMap<u64, (usize, Filter)>,
    last_id: u64,
    /// Those of files, once there is one.
    files: Option<Files>,
    /// Which of what epoll has is reported first.
    turn: usize,
}

impl Queue {
    pub(crate) fn new() -> io::Result<Queue> {
        fork::watch()?;
        let new_set = || epoll::create(CreateFlags::CLOEXEC);
        let outer = new_set()?;
        let sets = [new_set()?, new_set()?, new_set()?];
        for (place, set) in sets.iter().enumerate() {
            epoll::add(&outer, set, EventData::new_u64(place as u64), EventFlags::IN)?;
        }
        let knotes = Knotes { last_id: FIRST_ID, ..Knotes::default() };
        Ok(Queue { outer, sets, knotes: Mutex::new(knotes), generation: fork::generation() })
    }

    pub(crate) fn change(&self, changes: &mut [Kevent]) -> io::Result<()> {
        self.check_process()?;
        let mut knotes = lock(&self.knotes);
        for change in changes {
            assert!(change.has(EV_RECEIPT), "{change:?} would give no receipt");
            let result = self.apply_one(&mut knotes, change);
            change.data = result.map_or_else(|errno| errno.raw_os_error().into(), |()| 0);
        }
        Ok(())
    }

    pub(crate) fn apply(&self, change: &Kevent) -> io::Result<()> {
        if self.check_process().is_err() {
            return Ok(());
        }
        Ok(self.apply_one(&mut lock(&self.knotes), change)?)
    }

    pub(crate) fn wait(
        &self,
        found: &mut Vec<Kevent>,
        room: usize,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        found.clear();
        self.check_process()?;
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            self.collect(found, room)?;
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if !found.is_empty() || left.is_some_and(|left| left.is_zero()) {
                return Ok(());
            }
            let left = left.map(|left| Timespec {
                tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            });
            poll(&mut [PollFd::new(&self.outer, PollFlags::IN)], left.as_ref())?;
        }
    }

    pub(crate) fn is_registered(&self, ident: usize, filter: Filter) -> io::Result<bool> {
        let knotes = lock(&self.knotes);
        Ok(knotes.all.get(&(ident, filter)).is_some_and(|knote| !self.is_stale(ident, filter, knote)))
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.outer.as_fd()
    }

    fn check_process(&self) -> io::Result<()> {
        if fork::generation() == self.generation { Ok(()) } else { Err(kernel::kqueue_of_parent()) }
    }

    /// True if the descriptor was closed, and its number is that of another file or of none.
    fn is_stale(&self, ident: usize, filter: Filter, knote: &Knote) -> bool {
        let Some(place) = set_of(filter) else { return false };
        let Ok(fd) = fd_of(ident) else { return true };
        if FileId::of(ident).ok() != knote.file {
            return true;
        }
        // Files without a name share an inode. epoll knows what it has.
        let nothing = EventData::new_u64(0);
        if knote.is_disabled || epoll::add(&self.sets[place], fd, nothing, EventFlags::ET).is_err() {
            return false;
        }
        let _ = epoll::delete(&self.sets[place], fd);
        true
    }

    fn apply_one(&self, knotes: &mut Knotes, change: &Kevent) -> Result<(), Errno> {
        if change.filter == Filter::Vnode {
            return self.apply_to_file(knotes, change);
        }
        let key = (change.ident, change.filter);
        let file = if set_of(change.filter).is_some() { Some(FileId::of(change.ident)?) } else { None };
        if knotes.all.get(&key).is_some_and(|knote| self.is_stale(change.ident, change.filter, knote)) {
            knotes.remove(key);
        }
        if change.has(EV_DELETE) {
            let knote = knotes.remove(key).ok_or(Errno::NOENT)?;
            return self.silence(change, &knote);
        }
        let is_new = !knotes.all.contains_key(&key);
        if is_new {
            if !change.has(EV_ADD) {
                return Err(Errno::NOENT);
            }
            condition::check(change)?;
            knotes.add(change, Knote::new(change, file)?);
        }
        let knote = knotes.all.get_mut(&key).ok_or(Errno::NOENT)?;
        // Neither the mode nor the state of one that is there changes by adding it again.
        knote.udata = change.udata;
        if change.filter != Filter::User {
            (knote.fflags, knote.data) = (change.fflags, change.data);
        }
        let was_silent = is_new || knote.is_disabled;
        knote.is_disabled = (knote.is_disabled || change.has(EV_DISABLE)) && !change.has(EV_ENABLE);
        if change.filter == Filter::User && change.fflags & NOTE_TRIGGER != 0 {
            knote.trigger();
        }
        let result = match (was_silent, knote.is_disabled) {
            (true, true) => Ok(()),
            (false, true) => self.silence(change, knote),
            (true, false) => self.watch(change, knote, is_new),
            // It is looked at anew.
            (false, false) => self.look_anew(change, knote),
        };
        if result.is_err() && is_new {
            knotes.remove(key);
        }
        result
    }

    fn apply_to_file(&self, knotes: &mut Knotes, change: &Kevent) -> Result<(), Errno> {
        if knotes.files.is_none() {
            let files = Files::new()?;
            epoll::add(&self.outer, files.ready(), EventData::new_u64(FILES_ID), EventFlags::IN)?;
            knotes.files = Some(files);
        }
        knotes.files.as_ref().ok_or(Errno::NOENT)?.apply(change)
    }

    /// Has epoll report `knote`.
    fn watch(&self, change: &Kevent, knote: &mut Knote, is_new: bool) -> Result<(), Errno> {
        let data = EventData::new_u64(knote.id);
        match set_of(change.filter) {
            Some(place) => {
                let flags = condition::epoll_flags(change.filter, knote.has(EV_CLEAR));
                epoll::add(&self.sets[place], fd_of(change.ident)?, data, flags).map_err(
                    |errno| match errno {
                        Errno::LOOP => Errno::INVAL,
                        other => other,
                    },
                )
            }
            None => {
                if is_new {
                    knote.start(change)?;
                }
                epoll::add(&self.outer, knote.own()?, data, EventFlags::IN)
            }
        }
    }

    fn look_anew(&self, change: &Kevent, knote: &mut Knote) -> Result<(), Errno> {
        let data = EventData::new_u64(knote.id);
        match set_of(change.filter) {
            Some(place) => {
                let flags = condition::epoll_flags(change.filter, knote.has(EV_CLEAR));
                epoll::modify(&self.sets[place], fd_of(change.ident)?, data, flags)
            }
            None if change.has(EV_ADD) => knote.start(change),
            None => Ok(()),
        }
    }

    /// Has epoll no longer report `knote`: it would report a hang-up of anything it knows.
    fn silence(&self, change: &Kevent, knote: &Knote) -> Result<(), Errno> {
        let result = match set_of(change.filter) {
            Some(place) => epoll::delete(&self.sets[place], fd_of(change.ident)?),
            None => epoll::delete(&self.outer, knote.own()?),
        };
        // It was disabled.
        if result == Err(Errno::NOENT) { Ok(()) } else { result }
    }

    /// Adds what there is to report to `found`, at most `room` in all.
    fn collect(&self, found: &mut Vec<Kevent>, room: usize) -> Result<(), Errno> {
        let mut knotes = lock(&self.knotes);
        if let Some(files) = &knotes.files {
            // Now, and not when the thread is awake: a kernel tells of a file in the call that
            // changes it.
            files.collect()?;
        }
        let mut outer = Vec::with_capacity(room + FILTERS.len());
        wait_now(&self.outer, &mut outer)?;
        // A kqueue has one line for all. Here each set has its own, and each is first in turn.
        if !outer.is_empty() {
            knotes.turn = (knotes.turn + 1) % outer.len();
            let turn = knotes.turn;
            outer.rotate_left(turn);
        }
        for event in outer {
            let left = room - found.len();
            match self.sets.get(event.data.u64() as usize) {
                _ if left == 0 => return Ok(()),
                None if event.data.u64() == FILES_ID => {
                    knotes.files.as_ref().ok_or(Errno::NOENT)?.take(found, room)?;
                }
                Some(set) => {
                    let mut inner = Vec::with_capacity(left);
                    wait_now(set, &mut inner)?;
                    for event in inner {
                        self.report(&mut knotes, event, found);
                    }
                }
                None => self.report(&mut knotes, event, found),
            }
        }
        Ok(())
    }

    /// Adds an event to `found`, if there is something to say.
    fn report(&self, knotes: &mut Knotes, event: epoll::Event, found: &mut Vec<Kevent>) {
        let Some(&key) = knotes.by_id.get(&event.data.u64()) else { return };
        let Some(knote) = knotes.all.get_mut(&key) else { return };
        if knote.file.is_some_and(|file| FileId::of(key.0) != Ok(file)) {
            // The descriptor was closed, and a process that is being started has the file still.
            return;
        }
        let mut kevent = Kevent { udata: knote.udata, ..Kevent::new(key.0, key.1, knote.flags) };
        let is_event = match key.1 {
            Filter::Read | Filter::Write | Filter::Except => {
                condition::describe(&mut kevent, event.flags, knote.lowat())
            }
            _ => knote.describe(&mut kevent),
        };
        if !is_event {
            return;
        }
        if knote.is_over() {
            let _ = self.silence(&kevent, knote);
            knotes.remove(key);
        } else if knote.has(EV_DISPATCH) {
            knote.is_disabled = true;
            let _ = self.silence(&kevent, knote);
        }
        found.push(kevent);
    }
}

impl Knotes {
    fn add(&mut self, change: &Kevent, mut knote: Knote) {
        self.last_id += 1;
        knote.id = self.last_id;
        self.by_id.insert(knote.id, (change.ident, change.filter));
        self.all.insert((change.ident, change.filter), knote);
    }

    fn remove(&mut self, key: (usize, Filter)) -> Option<Knote> {
        let knote = self.all.remove(&key)?;
        self.by_id.remove(&knote.id);
        Some(knote)
    }
}

/// What epoll has now, as far as there is room.
fn wait_now(epoll: &OwnedFd, events: &mut Vec<epoll::Event>) -> Result<(), Errno> {
    epoll::wait(epoll, spare_capacity(events), Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).map(drop)
}

/// The place of the set of `filter`, if it is one of descriptors.
fn set_of(filter: Filter) -> Option<usize> {
    FILTERS.iter().position(|known| *known == filter)
}

fn fd_of(ident: usize) -> Result<BorrowedFd<'static>, Errno> {
    let raw = RawFd::try_from(ident).map_err(|_| Errno::BADF)?;
    let fd = descriptor::borrow(raw).map_err(|_| Errno::BADF)?;
    fstat(fd).map(|_| fd)
}

/// The filters of descriptors.
const FILTERS: [Filter; 3] = [Filter::Read, Filter::Write, Filter::Except];

/// Lower ones are places of sets.
const FIRST_ID: u64 = 100;

/// That of what is readable when something happened to a file.
const FILES_ID: u64 = FIRST_ID - 1;

/// The most events that one call asks for. Few, so that tests come to a second call.
pub(crate) const ROOM: usize = 8;

pub(crate) const TELLS_REGISTERED: bool = true;

/// epoll refuses them.
pub(crate) const REFUSES_FILES: bool = true;

pub(crate) const NOTE_OOB: Option<u32> = Some(2);

pub(crate) const NOTE_TIMER: u32 = 8;

pub(crate) const NANOS_PER_TICK: u128 = 1;

pub(crate) const NOTE_TRUNCATE: u32 = 0;
