//! What happens to files, by inotify(7) of the file behind a descriptor.
//!
//! The descriptors of a kqueue keep deleted files, so that inotify does not tell of their end.
//! The number of their names does: that of a file changes its attributes, and for a directory
//! the one around it is watched as well.
//!
//! inotify tells more than was asked for, such as what happens inside of files of a directory. A
//! thread reads it, and makes `ready` readable for the rest.

use std::collections::BTreeMap;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::fs::{FileType, fstat};
use rustix::io::{Errno, read, write};

use super::super::kevent::{
    EV_ADD, EV_CLEAR, EV_DELETE, Kevent, NOTE_ATTRIB, NOTE_DELETE, NOTE_LINK, NOTE_RENAME, NOTE_WRITE,
};
use super::fd_of;
use super::knote::FileId;
use crate::sync::{Mutex, lock};

/// The registrations of files.
#[derive(Debug)]
pub(super) struct Files {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread has too.
#[derive(Debug)]
struct Shared {
    inotify: OwnedFd,
    /// A counter that is not 0 while there is something to report.
    ready: OwnedFd,
    /// A counter that is not 0 once the thread is to end.
    end: OwnedFd,
    all: Mutex<BTreeMap<usize, Registration>>,
}

#[derive(Debug)]
struct Registration {
    change: Kevent,
    file: FileId,
    is_directory: bool,
    /// The number that inotify gave it.
    own: i32,
    /// What there is to report.
    notes: u32,
    is_deleted: bool,
}

impl Files {
    pub(super) fn new() -> Result<Files, Errno> {
        let counter = || eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK);
        let shared = Arc::new(Shared {
            inotify: inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?,
            ready: counter()?,
            end: counter()?,
            all: Mutex::default(),
        });
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().spawn(move || of_thread.run()).map_err(|_| Errno::NOMEM)?;
        Ok(Files { shared, thread: Some(thread) })
    }

    /// What is readable while there is something to report.
    pub(super) fn ready(&self) -> BorrowedFd<'_> {
        self.shared.ready.as_fd()
    }

    pub(super) fn apply(&self, change: &Kevent) -> Result<(), Errno> {
        let fd = fd_of(change.ident)?;
        let mut all = lock(&self.shared.all);
        if change.has(EV_DELETE) {
            return all.remove(&change.ident).map(drop).ok_or(Errno::NOENT);
        }
        assert!(change.has(EV_ADD | EV_CLEAR), "{change:?} would be reported for ever");
        let path = format!("/proc/self/fd/{}", change.ident);
        let is_directory = FileType::from_raw_mode(fstat(fd)?.st_mode) == FileType::Directory;
        if is_directory {
            watch(&self.shared.inotify, &format!("{path}/.."))?;
        }
        let registration = Registration {
            change: Kevent { flags: EV_CLEAR, ..*change },
            file: FileId::of(change.ident)?,
            is_directory,
            own: watch(&self.shared.inotify, &path)?,
            notes: 0,
            is_deleted: false,
        };
        let before = all.insert(change.ident, registration);
        // What there is to report stays so.
        let notes =
            before.filter(|before| Ok(before.file) == FileId::of(change.ident)).map(|before| before.notes);
        all.entry(change.ident).and_modify(|it| it.notes = notes.unwrap_or(0));
        Ok(())
    }

    /// Reads what inotify has.
    pub(super) fn collect(&self) -> Result<(), Errno> {
        self.shared.collect()
    }

    /// Adds to `found` what there is to report, at most `room` in all.
    pub(super) fn take(&self, found: &mut Vec<Kevent>, room: usize) -> Result<(), Errno> {
        let mut all = lock(&self.shared.all);
        for it in all.values_mut().filter(|it| it.is_due()) {
            if found.len() < room {
                let fflags = std::mem::take(&mut it.notes) & it.change.fflags;
                found.push(Kevent { fflags, ..it.change });
            }
        }
        self.shared.settle(&all)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // A counter that is not full.
        let _ = write(&self.shared.end, &1_u64.to_ne_bytes());
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn run(&self) {
        loop {
            let mut fds = [PollFd::new(&self.inotify, PollFlags::IN), PollFd::new(&self.end, PollFlags::IN)];
            let result = poll(&mut fds, None);
            if !fds[1].revents().is_empty() {
                return;
            }
            if result.is_ok() {
                // What it cannot read now it is woken for again.
                let _ = self.collect();
            }
        }
    }

    fn collect(&self) -> Result<(), Errno> {
        let mut all = lock(&self.all);
        let mut buf = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.inotify, &mut buf);
        loop {
            match reader.next() {
                Ok(event) => {
                    let notes = |it: &Registration| notes(it, event.events(), event.file_name().is_some());
                    for it in all.values_mut().filter(|it| it.own == event.wd()) {
                        it.notes |= notes(it);
                    }
                }
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        // A closed descriptor takes its registration with it.
        all.retain(|ident, it| FileId::of(*ident) == Ok(it.file));
        for (ident, it) in all.iter_mut() {
            if !it.is_deleted && fd_of(*ident).and_then(fstat).is_ok_and(|stat| stat.st_nlink == 0) {
                it.is_deleted = true;
                it.notes |= NOTE_DELETE;
            }
        }
        self.settle(&all)
    }

    /// Makes `ready` say whether there is something to report.
    fn settle(&self, all: &BTreeMap<usize, Registration>) -> Result<(), Errno> {
        let result = if all.values().any(Registration::is_due) {
            write(&self.ready, &1_u64.to_ne_bytes())
        } else {
            read(&self.ready, &mut [0; 8])
        };
        match result {
            Ok(_) | Err(Errno::AGAIN) => Ok(()),
            Err(errno) => Err(errno),
        }
    }
}

impl Registration {
    fn is_due(&self) -> bool {
        self.notes & self.change.fflags != 0
    }
}

/// What a kqueue says where inotify says `events`, of the file itself or of one in it.
fn notes(it: &Registration, events: ReadFlags, is_of_entry: bool) -> u32 {
    let said = |flags: ReadFlags, note: u32| if events.intersects(flags) { note } else { 0 };
    if is_of_entry {
        let names = ReadFlags::CREATE | ReadFlags::DELETE | ReadFlags::MOVED_FROM | ReadFlags::MOVED_TO;
        return if it.is_directory { said(names, NOTE_WRITE) } else { 0 };
    }
    said(ReadFlags::MODIFY, NOTE_WRITE)
        | said(ReadFlags::ATTRIB, NOTE_ATTRIB | NOTE_LINK)
        | said(ReadFlags::MOVE_SELF, NOTE_RENAME)
}

fn watch(inotify: &OwnedFd, path: &str) -> Result<i32, Errno> {
    let flags = WatchFlags::ATTRIB
        | WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MODIFY
        | WatchFlags::MOVE
        | WatchFlags::MOVE_SELF;
    inotify::add_watch(inotify, path, flags)
}
