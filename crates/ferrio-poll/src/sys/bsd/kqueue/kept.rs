//! What the kernel does not keep of a registration.
//!
//! Nearly all of a registration is in the kernel. Here is what it has no room for:
//!
//! - A oneshot that watches for several things is several registrations to the kernel, which
//!   disarms the one that it reports. The wait disarms its siblings. Meanwhile another thread
//!   may have registered the descriptor anew, and then it would disarm the new registration:
//!   so each change is noted until the wait has ended.
//! - A descriptor of which only the end is watched. What comes before the end wakes the wait
//!   where the kernel cannot leave it out, and is dropped. As a level or a oneshot that would
//!   be so for ever, so such a registration is an edge until the end has come.
//! - A pipe without a reader: some kernels refuse to watch for room in it. The wait reports
//!   that it is broken.
//!
//! A Poll that uses nothing of this pays one load for each wait and each change.

use std::sync::atomic::{AtomicBool, Ordering};

use super::change::{self, Wish};
use super::kevent::{EV_CLEAR, EV_DELETE, EV_DISPATCH, EV_EOF, EV_RECEIPT, Filter, Kevent};
use crate::mode::Mode;
use crate::sync::{Mutex, MutexGuard, lock};
use crate::sys::unix::event::{self, Bits, Event};
use crate::token::Token;

/// What the kernel does not keep.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// True once there was something to keep; it stays so.
    is_used: AtomicBool,
    records: Mutex<Records>,
}

/// The same, locked. While it is, no registration changes.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// The descriptors that were registered, or no longer are, since the wait began, with
    /// their tokens. The last entry of a descriptor counts.
    changed: Vec<(usize, Option<Token>)>,
    /// False while no wait goes on, and nothing has to be noted for it.
    is_idle: bool,
    /// By descriptor. The entry of one that was closed without being deregistered goes when
    /// its number is registered again.
    odd: Vec<Option<Odd>>,
    /// The descriptors in `odd` that are broken pipes not reported yet, or levels.
    broken: Vec<usize>,
}

/// A registration that is not as others.
#[derive(Debug)]
struct Odd {
    token: Token,
    mode: Mode,
    /// Only its end is watched.
    only_end: bool,
    /// Its end has come, and it is a level in the kernel since.
    is_level: bool,
    /// A pipe without a reader.
    is_broken: bool,
}

/// What becomes of an event of the kernel.
pub(super) enum Verdict {
    /// It is reported as this.
    Report(Event),
    /// It is none, or will come again.
    Drop,
}

impl Kept {
    /// The records if there are any to heed.
    pub(super) fn lock_if_used(&self) -> Option<MutexGuard<'_, Records>> {
        self.is_used.load(Ordering::Acquire).then(|| lock(&self.records))
    }

    /// The records, for a change to what `wish` says. It is to be made while they are locked.
    pub(super) fn lock_for(&self, wish: &Wish) -> Option<MutexGuard<'_, Records>> {
        if wish.only_end || wish.is_shared_oneshot() {
            self.is_used.store(true, Ordering::Release);
        }
        self.lock_if_used()
    }

    /// The records, to note what the kernel refused.
    pub(super) fn lock(&self) -> MutexGuard<'_, Records> {
        self.is_used.store(true, Ordering::Release);
        lock(&self.records)
    }
}

impl Records {
    /// A wait begins.
    pub(super) fn begin(&mut self) {
        self.changed.clear();
        self.is_idle = false;
    }

    /// What the kernel has reported is settled: what it reports from here on is of the
    /// registrations as they are.
    pub(super) fn settled(&mut self) {
        self.changed.clear();
    }

    /// A wait has ended.
    pub(super) fn end(&mut self) {
        self.changed.clear();
        self.is_idle = true;
    }

    /// `fd` was registered as `wish` says, with `token`.
    pub(super) fn registered(&mut self, fd: usize, token: Token, wish: &Wish) {
        self.note(fd, Some(token));
        self.forget(fd);
        if wish.only_end {
            self.keep(fd, Odd { token, mode: wish.mode, only_end: true, is_level: false, is_broken: false });
        }
    }

    /// `fd` is a pipe without a reader, registered as `wish` says, with `token`.
    pub(super) fn broke(&mut self, fd: usize, token: Token, wish: &Wish) {
        let Wish { mode, only_end, .. } = *wish;
        self.keep(fd, Odd { token, mode, only_end, is_level: false, is_broken: true });
        self.broken.push(fd);
    }

    /// `fd` is no longer registered. True if it was a broken pipe.
    pub(super) fn deregistered(&mut self, fd: usize) -> bool {
        self.note(fd, None);
        self.forget(fd)
    }

    /// True if `fd` is registered as a broken pipe.
    pub(super) fn knows_broken(&self, fd: usize) -> bool {
        self.odd(fd).is_some_and(|odd| odd.is_broken)
    }

    /// The next broken pipe to report, at most one for each of `left`. What is to be changed in
    /// the kernel for it is added to `changes`.
    pub(super) fn next_broken(
        &mut self,
        left: &mut usize,
        changes: &mut Vec<Kevent>,
    ) -> Option<(usize, Event)> {
        while *left > 0 && !self.broken.is_empty() {
            *left -= 1;
            let fd = self.broken.remove(0);
            let Some(odd) = self.odd(fd) else { continue };
            let (mode, event) = (odd.mode, event::of_bits(odd.token, BROKEN));
            match mode {
                Mode::Edge => {}
                // Behind the others, whose turn it is then.
                Mode::Level => self.broken.push(fd),
                Mode::Oneshot => {
                    let write = Kevent::new(fd, Filter::Write, EV_DISPATCH);
                    changes.extend(change::disables(&Kevent { udata: event::token(&event).0, ..write }));
                }
            }
            return Some((fd, event));
        }
        None
    }

    /// How many broken pipes there are to report.
    pub(super) fn broken_count(&self) -> usize {
        self.broken.len()
    }

    /// What becomes of `kevent`, which the kernel has just reported. What is to be changed in
    /// the kernel for it is added to `changes`.
    pub(super) fn settle(&mut self, kevent: &Kevent, changes: &mut Vec<Kevent>) -> Verdict {
        let fd = kevent.ident;
        let end_watch = self.odd(fd).filter(|odd| odd.only_end && kevent.filter == Filter::Read);
        let is_end_watch = end_watch.is_some();
        let is_disarmed = change::disarms_siblings(kevent)
            || end_watch.is_some_and(|odd| odd.mode == Mode::Oneshot && kevent.has(EV_EOF));
        if is_disarmed {
            match self.changed.iter().rev().find(|(changed, _)| *changed == fd) {
                // It may be of the registration before or of this one. In the kernel readiness
                // is a level, so that nothing is lost by asking again.
                Some((_, Some(token))) => {
                    changes.push(self.enable(kevent, *token));
                    return Verdict::Drop;
                }
                Some((_, None)) => return Verdict::Drop,
                None => changes.extend(change::disables(kevent)),
            }
        }
        if !is_end_watch {
            let mut event = change::event(kevent);
            if is_disarmed && self.broken.contains(&fd) {
                // It was to be reported too, and is disarmed with the rest.
                self.broken.retain(|broken| *broken != fd);
                let broken = event::of_bits(event::token(&event), BROKEN);
                event::merge(&mut event, &broken);
            }
            return Verdict::Report(event);
        }
        let is_end = kevent.has(EV_EOF);
        self.watch_end_as(fd, is_end, changes);
        if is_end { Verdict::Report(change::end_event(kevent)) } else { Verdict::Drop }
    }

    /// Has a level whose end is watched come again and again once that end is there, and not
    /// before.
    fn watch_end_as(&mut self, fd: usize, is_level: bool, changes: &mut Vec<Kevent>) {
        let Some(odd) = self.odd.get_mut(fd).and_then(Option::as_mut) else { return };
        if odd.mode == Mode::Level && odd.is_level != is_level {
            odd.is_level = is_level;
            changes.push(Kevent::new(fd, Filter::Read, EV_DELETE | EV_RECEIPT));
            changes.push(change::end_watch(fd, odd.token, if is_level { 0 } else { EV_CLEAR }));
        }
    }

    /// The change that has the kernel report again what `kevent` reported.
    fn enable(&self, kevent: &Kevent, token: Token) -> Kevent {
        if kevent.filter == Filter::Read && self.odd(kevent.ident).is_some_and(|odd| odd.only_end) {
            // Some kernels take the notes of a change that enables.
            let mut change = change::end_watch(kevent.ident, token, 0);
            change.flags = change::enable(kevent.ident, kevent.filter, token).flags;
            return change;
        }
        change::enable(kevent.ident, kevent.filter, token)
    }

    fn note(&mut self, fd: usize, token: Option<Token>) {
        if !self.is_idle {
            self.changed.push((fd, token));
        }
    }

    /// Forgets what is kept of `fd`. True if that was a broken pipe.
    fn forget(&mut self, fd: usize) -> bool {
        let odd = self.odd.get_mut(fd).and_then(Option::take);
        let is_broken = odd.is_some_and(|odd| odd.is_broken);
        if is_broken {
            self.broken.retain(|broken| *broken != fd);
        }
        is_broken
    }

    fn keep(&mut self, fd: usize, odd: Odd) {
        if self.odd.len() <= fd {
            self.odd.resize_with(fd + 1, || None);
        }
        self.odd[fd] = Some(odd);
    }

    fn odd(&self, fd: usize) -> Option<&Odd> {
        self.odd.get(fd)?.as_ref()
    }
}

/// What is reported of a pipe without a reader.
const BROKEN: Bits = Bits::WRITABLE.union(Bits::WRITE_CLOSED);
