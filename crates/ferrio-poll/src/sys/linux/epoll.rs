//! Readiness by `epoll(7)`.
//!
//! The kernel keeps the registrations, so there is nothing to lock and nothing to
//! look up. See the contract in [`sys`](crate::sys).
//!
//! # The wake descriptor
//!
//! It sits in the same epoll instance, and all bits of a token are the user's. Its
//! own mark is therefore an address inside the selector, which no other live object
//! can have; a user who registers that very number all the same makes the wake
//! descriptor move to another of [`MARKS`] addresses first. An event that the
//! kernel wrote just before such a move, or just after it, before the poller knows of
//! it, is handed to the user as a spurious one: it cannot be told from the user's own,
//! and losing one of those is worse.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

use crate::capabilities::{Capabilities, Support};
use crate::interest::Interest;
use crate::lock::lock;
use crate::mode::Mode;
use crate::sys::linux::event::{self, Event};
use crate::sys::linux::selected::Selected;
use crate::sys::linux::wake_fd::WakeFd;
use crate::sys::linux::{flags, refusal, timeout};
use crate::token::Token;

/// An epoll instance.
#[derive(Debug)]
pub(crate) struct Epoll {
    /// Owns the kernel object; registrations die with it.
    epoll: OwnedFd,
    /// What ends a wait; made when the first in-process source is.
    wake: OnceLock<WakeFd>,
    /// What the wake descriptor's events carry; 0, which is no address, before
    /// there is one.
    mark: AtomicU64,
    /// Bit `n` is set once the user registered the `n`th mark as a token. Locked
    /// while the mark is chosen or changed.
    claimed: Mutex<u16>,
}

impl Epoll {
    pub(super) fn new() -> io::Result<Epoll> {
        Ok(Epoll {
            epoll: epoll::create(CreateFlags::CLOEXEC)?,
            wake: OnceLock::new(),
            mark: AtomicU64::new(0),
            claimed: Mutex::new(0),
        })
    }

    pub(super) fn register(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let flags = flags::epoll(interest)? | mode_flags(mode);
        self.register_flags(fd, token, flags.bits())
    }

    /// Registers with these very flags.
    pub(super) fn register_flags(&self, fd: BorrowedFd<'_>, token: Token, flags: u32) -> io::Result<()> {
        self.claim(token)?;
        let flags = EventFlags::from_bits_retain(flags);
        epoll::add(&self.epoll, fd, data(token), flags).map_err(refusal::explain)
    }

    pub(super) fn reregister(
        &self,
        fd: BorrowedFd<'_>,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        let flags = flags::epoll(interest)? | mode_flags(mode);
        self.reregister_flags(fd, token, flags.bits())
    }

    pub(super) fn reregister_flags(&self, fd: BorrowedFd<'_>, token: Token, flags: u32) -> io::Result<()> {
        self.claim(token)?;
        let flags = EventFlags::from_bits_retain(flags);
        epoll::modify(&self.epoll, fd, data(token), flags).map_err(refusal::explain)
    }

    pub(super) fn deregister(&self, fd: BorrowedFd<'_>) -> io::Result<()> {
        epoll::delete(&self.epoll, fd).map_err(refusal::explain)
    }

    pub(super) fn open_wake(&self) -> io::Result<()> {
        let claimed = lock(&self.claimed);
        if self.wake.get().is_some() {
            return Ok(());
        }
        let wake = WakeFd::new()?;
        let mark = self.free_mark(*claimed)?;
        epoll::add(&self.epoll, wake.reader(), EventData::new_u64(mark), WAKE_FLAGS)?;
        self.mark.store(mark, Ordering::Release);
        // The lock is held, so nobody else has set it.
        let _ = self.wake.set(wake);
        Ok(())
    }

    pub(super) fn signal(&self) -> io::Result<()> {
        self.wake.get().map_or(Ok(()), WakeFd::signal)
    }

    #[inline(always)]
    pub(super) fn wait(&self, events: &mut [Event], timeout: Option<Duration>) -> io::Result<usize> {
        Ok(timeout::wait(self.epoll.as_fd(), events, timeout)?)
    }

    /// True if an event of the wake descriptor is among the first `count`.
    #[inline(always)]
    pub(super) fn is_woken(&self, events: &[Event], count: usize) -> bool {
        let mark = self.mark.load(Ordering::Acquire);
        // Without an early end, which would cost more per event than it saves.
        events[..count].iter().fold(false, |found, event| found | (event::data(event) == mark))
    }

    #[inline]
    pub(super) fn take_wake(&self, events: &mut [Event], count: usize) -> Selected {
        if self.is_woken(events, count) {
            self.take_mark(self.mark.load(Ordering::Acquire), events, count)
        } else {
            Selected { count, woken: false }
        }
    }

    /// Takes the events that carry `mark` out of the first `count`.
    #[inline(never)]
    fn take_mark(&self, mark: u64, events: &mut [Event], mut count: usize) -> Selected {
        let mut woken = false;
        while let Some(place) = events[..count].iter().position(|event| event::data(event) == mark) {
            woken = true;
            count -= 1;
            events[place] = events[count];
            if let Some(wake) = self.wake.get().filter(|wake| wake.fills_up()) {
                wake.drain();
            }
            if count + 1 == events.len() {
                // It took the last place, and whoever has waited for that comes now. A
                // look without a wait fails in no way that matters.
                let rest = &mut events[count..];
                count += timeout::wait(self.epoll.as_fd(), rest, Some(Duration::ZERO)).unwrap_or(0);
            }
        }
        Selected { count, woken }
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        Capabilities {
            edge: Support::Native,
            level: Support::Native,
            oneshot: Support::Native,
            hangup: Support::Native,
            priority: Support::Native,
            aio: Support::Absent,
            lio: Support::Absent,
            raw_flags: Support::Native,
            busy_poll: Support::Native,
            nanosecond_timeout: timeout::NANOSECONDS,
            short_read_drains: true,
            raw_descriptors_rearm: true,
            embeddable: true,
        }
    }

    /// Makes sure that `token` is not the mark of the wake descriptor.
    fn claim(&self, token: Token) -> io::Result<()> {
        let place = (token.0 as u64).wrapping_sub(self.first_mark());
        if place < u64::from(MARKS) { self.claim_mark(place as u32) } else { Ok(()) }
    }

    #[cold]
    fn claim_mark(&self, place: u32) -> io::Result<()> {
        let mut claimed = lock(&self.claimed);
        let wanted = *claimed | 1 << place;
        if let Some(wake) = self.wake.get() {
            if self.mark.load(Ordering::Relaxed) == self.first_mark() + u64::from(place) {
                let mark = self.free_mark(wanted)?;
                epoll::modify(&self.epoll, wake.reader(), EventData::new_u64(mark), WAKE_FLAGS)?;
                self.mark.store(mark, Ordering::Release);
            }
        }
        *claimed = wanted;
        Ok(())
    }

    /// The first mark that is not in `claimed`.
    fn free_mark(&self, claimed: u16) -> io::Result<u64> {
        let place = claimed.trailing_ones();
        if place < MARKS {
            return Ok(self.first_mark() + u64::from(place));
        }
        let first = self.first_mark();
        let text =
            format!("the tokens {first} to {} are all in use; the Poll needs one of them free", first + 15);
        Err(io::Error::new(io::ErrorKind::InvalidInput, text))
    }

    /// The address of this selector, which stands still from the first
    /// registration on; out of the reach of tokens where those have 32 bits.
    fn first_mark(&self) -> u64 {
        ptr::from_ref(self).addr() as u64 | OUT_OF_REACH
    }
}

fn data(token: Token) -> EventData {
    EventData::new_u64(token.0 as u64)
}

fn mode_flags(mode: Mode) -> EventFlags {
    match mode {
        Mode::Edge => EventFlags::ET,
        Mode::Level => EventFlags::empty(),
        Mode::Oneshot => EventFlags::ET | EventFlags::ONESHOT,
    }
}

/// A counter that is never read gives an edge for each write.
const WAKE_FLAGS: EventFlags = EventFlags::IN.union(EventFlags::ET);

/// How many marks there are to choose from: one bit of `claimed` each, and less
/// than the size of a selector.
const MARKS: u32 = u16::BITS;

/// Set in each mark where a token has fewer bits than an event's data.
const OUT_OF_REACH: u64 = if usize::BITS == 32 { 1 << 32 } else { 0 };

#[cfg(test)]
mod tests {
    use rustix::io::write;

    use super::*;
    use crate::sys::linux::event::EMPTY;
    use crate::sys::linux::pipe;

    /// Waits a moment, and returns the tokens that were found and whether it was woken.
    fn look(epoll: &Epoll) -> (Vec<Token>, bool) {
        let mut events = [EMPTY; 4];
        let count = epoll.wait(&mut events, Some(Duration::from_millis(20))).unwrap();
        let selected = epoll.take_wake(&mut events, count);
        (events[..selected.count].iter().map(event::token).collect(), selected.woken)
    }

    fn mark(epoll: &Epoll, place: u64) -> Token {
        Token((epoll.first_mark() + place) as usize)
    }

    #[test]
    fn a_user_may_take_every_mark_but_one() {
        let epoll = Box::new(Epoll::new().unwrap());
        epoll.open_wake().unwrap();
        for place in 0..u64::from(MARKS) - 1 {
            let (reader, writer) = pipe::new().unwrap();
            let token = mark(&epoll, place);
            epoll.register(reader.as_fd(), token, Interest::READABLE, Mode::Edge).unwrap();
            // A wake that the move of its mark repeats is allowed, and no event.
            assert_eq!(look(&epoll).0, []);
            write(&writer, b"!").unwrap();
            epoll.signal().unwrap();
            assert_eq!(look(&epoll), (vec![token], true), "mark {place}");
            epoll.deregister(reader.as_fd()).unwrap();
        }
        let (reader, _writer) = pipe::new().unwrap();
        let last = mark(&epoll, u64::from(MARKS) - 1);
        let error = epoll.register(reader.as_fd(), last, Interest::READABLE, Mode::Edge).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
        epoll.signal().unwrap();
        assert_eq!(look(&epoll), (vec![], true));
    }

    #[test]
    fn a_mark_that_was_taken_before_the_first_wake_is_left_alone() {
        let epoll = Box::new(Epoll::new().unwrap());
        let (reader, writer) = pipe::new().unwrap();
        let token = mark(&epoll, 0);
        epoll.register(reader.as_fd(), token, Interest::READABLE, Mode::Edge).unwrap();
        epoll.open_wake().unwrap();
        write(&writer, b"!").unwrap();
        assert_eq!(look(&epoll), (vec![token], false));
        epoll.signal().unwrap();
        assert_eq!(look(&epoll), (vec![], true));
    }

    #[test]
    fn reregistration_claims_a_mark_as_well() {
        let epoll = Box::new(Epoll::new().unwrap());
        epoll.open_wake().unwrap();
        let (reader, writer) = pipe::new().unwrap();
        epoll.register(reader.as_fd(), Token(1), Interest::READABLE, Mode::Edge).unwrap();
        let token = mark(&epoll, 0);
        epoll.reregister(reader.as_fd(), token, Interest::READABLE, Mode::Edge).unwrap();
        look(&epoll);
        write(&writer, b"!").unwrap();
        assert_eq!(look(&epoll), (vec![token], false));
    }

    #[test]
    fn a_selector_is_larger_than_its_marks() {
        assert!(size_of::<Epoll>() >= MARKS as usize);
    }
}
