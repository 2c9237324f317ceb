//! What signal handlers leave behind for the loop.
//!
//! A ring of words, each a whole record. A writer takes a ticket by adding one
//! to `tail`, and stores the word in the place of its ticket; the reader takes the word
//! at `head`, leaves zero there, and adds one to `head`. A place is free for a ticket
//! once `head` has passed the ticket that had it before.
//!
//! A handler may interrupt another one, also between its ticket and its word. The
//! reader then stops at the place that is still empty; the interrupted handler
//! continues later and tells the loop once more. So no side waits for the other.
//!
//! When the ring is full, the number of the signal goes to a set of bits.

use std::array;

use crate::sync::{AtomicU64, AtomicUsize, Ordering};
use crate::sys::signal::Origin;

/// The records of at most `N` signals, and the numbers of those above that. `N` is a power of
/// two.
#[derive(Debug)]
pub(super) struct Records<const N: usize> {
    /// How many were taken.
    head: AtomicUsize,
    /// How many tickets were taken; at most `N` more than `head`.
    tail: AtomicUsize,
    /// The words; zero where there is none.
    places: [AtomicU64; N],
    /// The signals that found no place, the first one in the lowest bit.
    overflow: AtomicU64,
}

impl<const N: usize> Records<N> {
    pub(super) fn new() -> Records<N> {
        assert!(N.is_power_of_two(), "tickets that wrap around must not change places");
        Records {
            head: AtomicUsize::new(0),
            tail: AtomicUsize::new(0),
            places: array::from_fn(|_| AtomicU64::new(0)),
            overflow: AtomicU64::new(0),
        }
    }

    /// Notes a signal, from 1 to 64. Takes no lock, allocates nothing, and does not
    /// panic: it runs in signal handlers.
    pub(super) fn put(&self, signal: i32, origin: Option<Origin>) {
        match self.ticket() {
            Some(ticket) => {
                // The mask keeps the place inside, so that nothing is there to panic.
                let place = &self.places[ticket & (N - 1)];
                place.store(pack(signal, origin), Ordering::Release);
            }
            None => {
                let bit = 1 << ((signal - 1) as u32 % u64::BITS);
                self.overflow.fetch_or(bit, Ordering::AcqRel);
            }
        }
    }

    /// The next signal. Only one thread at a time may call this.
    pub(super) fn take(&self) -> Option<(i32, Option<Origin>)> {
        self.take_record().or_else(|| Some((self.take_overflow()?, None)))
    }

    /// `None` if all places are taken.
    fn ticket(&self) -> Option<usize> {
        loop {
            // In this order: what is read of `tail` is then never behind `head`.
            let head = self.head.load(Ordering::Acquire);
            let tail = self.tail.load(Ordering::Acquire);
            if tail.wrapping_sub(head) >= N {
                if self.head.load(Ordering::Acquire) == head {
                    return None;
                }
                continue;
            }
            let next = tail.wrapping_add(1);
            if self.tail.compare_exchange(tail, next, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                return Some(tail);
            }
        }
    }

    fn take_record(&self) -> Option<(i32, Option<Origin>)> {
        let head = self.head.load(Ordering::Relaxed);
        let place = &self.places[head & (N - 1)];
        let word = place.load(Ordering::Acquire);
        if word == 0 {
            return None;
        }
        place.store(0, Ordering::Relaxed);
        // Only now: the place has to be empty when its next owner stores a word.
        self.head.store(head.wrapping_add(1), Ordering::Release);
        Some(unpack(word))
    }

    fn take_overflow(&self) -> Option<i32> {
        let bits = self.overflow.load(Ordering::Acquire);
        if bits == 0 {
            return None;
        }
        let lowest = bits.trailing_zeros();
        self.overflow.fetch_and(!(1 << lowest), Ordering::AcqRel);
        Some(lowest as i32 + 1)
    }
}

/// A record as one word: 7 bits of the signal, which make it unlike zero, 22 of the
/// process, which are all that Linux has, and 32 of the user; one bit says whether the
/// last two are known.
fn pack(signal: i32, origin: Option<Origin>) -> u64 {
    let signal = signal as u64 & SIGNAL_MASK;
    match origin.filter(|origin| u64::from(origin.pid) <= PID_MASK) {
        Some(Origin { pid, uid, .. }) => signal | u64::from(pid) << PID_AT | u64::from(uid) << UID_AT | KNOWN,
        None => signal,
    }
}

fn unpack(word: u64) -> (i32, Option<Origin>) {
    let origin = Origin::new((word >> PID_AT & PID_MASK) as u32, (word >> UID_AT & UID_MASK) as u32);
    ((word & SIGNAL_MASK) as i32, (word & KNOWN != 0).then_some(origin))
}

const SIGNAL_MASK: u64 = (1 << 7) - 1;
const PID_AT: u32 = 7;
const PID_MASK: u64 = (1 << 22) - 1;
const UID_AT: u32 = PID_AT + 22;
const UID_MASK: u64 = u32::MAX as u64;
const KNOWN: u64 = 1 << 63;

#[cfg(all(test, ferrio_loom))]
mod models;

#[cfg(all(test, not(ferrio_loom)))]
mod tests;
