//! What signal handlers leave behind for the loop.
//!
//! A ring of places, each with a record of two words. A writer takes a ticket by adding one
//! to `tail`, and stores both words in the place of its ticket: first the second one, and
//! then the first, which is not zero and publishes both. The reader takes the words
//! at `head`, leaves zero in the first one, and adds one to `head`. A place is free for a
//! ticket once `head` has passed the ticket that had it before.
//!
//! A handler may interrupt another one, also between its ticket and its word. The
//! reader then stops at the place that is still empty; the interrupted handler
//! continues later and tells the loop once more. So no side waits for the other.
//!
//! When the ring is full, the number of the signal goes to a set of bits.

use std::array;

use crate::sync::{AtomicU64, AtomicUsize, Ordering};
use crate::sys::arrival::{Arrival, Datum, Origin};

/// The records of at most `N` signals, and the numbers of those above that. `N` is a power of
/// two.
#[derive(Debug)]
pub(super) struct Records<const N: usize> {
    /// How many were taken.
    head: AtomicUsize,
    /// How many tickets were taken; at most `N` more than `head`.
    tail: AtomicUsize,
    /// The records that were not taken yet.
    places: [Place; N],
    /// The signals that found no place, the first one in the lowest bit.
    overflow: AtomicU64,
}

/// Room for one record.
#[derive(Debug)]
struct Place {
    /// The word that publishes the record; zero where there is none.
    first: AtomicU64,
    /// Written before `first`, and read only once `first` was seen.
    second: AtomicU64,
}

impl<const N: usize> Records<N> {
    pub(super) fn new() -> Records<N> {
        assert!(N.is_power_of_two(), "tickets that wrap around must not change places");
        Records {
            head: AtomicUsize::new(0),
            tail: AtomicUsize::new(0),
            places: array::from_fn(|_| Place::new()),
            overflow: AtomicU64::new(0),
        }
    }

    /// Notes a signal, whose number is from 1 to 64. Takes no lock, allocates nothing, and does not
    /// panic: it runs in signal handlers.
    pub(super) fn put(&self, arrival: Arrival) {
        match self.ticket() {
            Some(ticket) => {
                // The mask keeps the place inside, so that nothing is there to panic.
                let place = &self.places[ticket & (N - 1)];
                let (first, second) = pack(arrival);
                place.second.store(second, Ordering::Relaxed);
                place.first.store(first, Ordering::Release);
            }
            None => {
                let bit = 1 << ((arrival.signal - 1) as u32 % u64::BITS);
                self.overflow.fetch_or(bit, Ordering::AcqRel);
            }
        }
    }

    /// The next signal. Only one thread at a time may call this.
    pub(super) fn take(&self) -> Option<Arrival> {
        self.take_record().or_else(|| self.take_overflow().map(Arrival::of_number))
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

    fn take_record(&self) -> Option<Arrival> {
        let head = self.head.load(Ordering::Relaxed);
        let place = &self.places[head & (N - 1)];
        let first = place.first.load(Ordering::Acquire);
        if first == 0 {
            return None;
        }
        let second = place.second.load(Ordering::Relaxed);
        place.first.store(0, Ordering::Relaxed);
        // Only now: the place has to be empty when its next owner stores its words.
        self.head.store(head.wrapping_add(1), Ordering::Release);
        Some(unpack(first, second))
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

impl Place {
    fn new() -> Place {
        Place { first: AtomicU64::new(0), second: AtomicU64::new(0) }
    }
}

/// A record as two words. The first: 7 bits of the signal, which make it unlike zero, 22 of
/// the process, which are all that Linux has, and 32 of the user; one bit says whether the
/// last two are known, and one of two what the datum is. The second: the code and the datum.
fn pack(arrival: Arrival) -> (u64, u64) {
    let Arrival { signal, origin, code, datum } = arrival;
    let signal = signal as u64 & SIGNAL_MASK;
    let origin = match origin.filter(|origin| u64::from(origin.pid) <= PID_MASK) {
        Some(Origin { pid, uid, .. }) => u64::from(pid) << PID_AT | u64::from(uid) << UID_AT | ORIGIN_KNOWN,
        None => 0,
    };
    let (kind, datum) = match datum {
        None => (0, 0),
        Some(Datum::Status(status)) => (HAS_STATUS, status),
        Some(Datum::Value(value)) => (HAS_VALUE, value),
    };
    let code = code.unwrap_or_default();
    (signal | origin | kind, u64::from(code as u32) << CODE_AT | u64::from(datum as u32))
}

fn unpack(first: u64, second: u64) -> Arrival {
    let origin = Origin::new((first >> PID_AT & PID_MASK) as u32, (first >> UID_AT & UID_MASK) as u32);
    let datum = second as u32 as i32;
    Arrival {
        signal: (first & SIGNAL_MASK) as i32,
        origin: (first & ORIGIN_KNOWN != 0).then_some(origin),
        code: Some((second >> CODE_AT) as i32),
        datum: match first & (HAS_STATUS | HAS_VALUE) {
            HAS_STATUS => Some(Datum::Status(datum)),
            HAS_VALUE => Some(Datum::Value(datum)),
            _ => None,
        },
    }
}

const SIGNAL_MASK: u64 = (1 << 7) - 1;
const PID_AT: u32 = 7;
const PID_MASK: u64 = (1 << 22) - 1;
const UID_AT: u32 = PID_AT + 22;
const UID_MASK: u64 = u32::MAX as u64;
const HAS_STATUS: u64 = 1 << 61;
const HAS_VALUE: u64 = 1 << 62;
const ORIGIN_KNOWN: u64 = 1 << 63;
const CODE_AT: u32 = 32;

#[cfg(all(test, ferrio_loom))]
mod models;

#[cfg(all(test, not(ferrio_loom)))]
mod tests;
