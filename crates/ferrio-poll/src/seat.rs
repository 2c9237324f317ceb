//! The place of an in-process source in the queue of its Poll.

use std::io;
use std::sync::{Arc, OnceLock};

use crate::interest::Interest;
use crate::mode::Mode;
use crate::queue::{Direction, Latch, Report, Taken};
use crate::registry::Registry;
use crate::shared::Shared;
use crate::token::Token;

/// The place of an in-process source, for one direction.
///
/// It can be fired before it is registered and while it is not; registering it then
/// reports it at once. Its slot belongs to it for life, so that one who fires it late
/// reaches no other source. So does its Poll.
#[derive(Debug)]
pub(crate) struct Seat {
    /// Whether it was fired and is registered.
    latch: Latch,
    /// Its slot, once it was registered.
    place: OnceLock<Place>,
    /// What it is ready for when it was fired.
    direction: Direction,
}

#[derive(Debug)]
struct Place {
    shared: Arc<Shared>,
    slot: usize,
}

impl Seat {
    pub(crate) fn new(direction: Direction) -> Seat {
        Seat { latch: Latch::new(), place: OnceLock::new(), direction }
    }

    /// Makes the source ready. Takes no lock and allocates nothing.
    pub(crate) fn fire(&self) -> io::Result<()> {
        self.latch.fire(|| self.wake())
    }

    /// Makes the source ready on behalf of the poller, which is awake and has `taken` what
    /// is queued.
    pub(crate) fn post(&self, taken: &mut Taken) {
        let post = |place: &Place| place.shared.queue.post(place.slot, taken);
        // Posting fails in no way.
        let _ = self.latch.fire(|| {
            self.place.get().map(post);
            Ok(())
        });
    }

    /// True if it was fired since the last time; the event of it is no longer due.
    pub(crate) fn take(&self) -> bool {
        // The slot first: who fires in between is seen by the latch, or wakes it again.
        if let Some(place) = self.place.get() {
            place.shared.queue.clear(place.slot);
        }
        self.latch.take()
    }

    /// Registers the source, whose events then carry `token`.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if it is registered, `InvalidInput` if it was registered with
    /// another Poll before; what the system says if the wake descriptor cannot be made.
    pub(crate) fn register(&self, registry: &Registry, token: Token) -> io::Result<()> {
        self.check_free(registry)?;
        if self.place.get().is_none() {
            let shared = Arc::clone(registry.shared());
            let slot = shared.open_resting_slot()?;
            // Should another thread have been faster, this place gives its slot back.
            let _ = self.place.set(Place { shared, slot });
        }
        self.sit_down(registry, token)
    }

    /// Makes sure that the source may be registered with `registry`.
    ///
    /// # Errors
    ///
    /// Those of [`register`](Seat::register).
    pub(crate) fn check_free(&self, registry: &Registry) -> io::Result<()> {
        registry.shared().check_process()?;
        if self.is_seated() {
            return Err(refusal(io::ErrorKind::AlreadyExists, ALREADY));
        }
        match self.place.get() {
            Some(place) if !place.is_of(registry) => Err(refusal(io::ErrorKind::InvalidInput, ELSEWHERE)),
            _ => Ok(()),
        }
    }

    /// Changes the token and the mode; a source that is ready is reported again.
    ///
    /// # Errors
    ///
    /// `NotFound` if it is not registered here.
    pub(crate) fn reregister(&self, registry: &Registry, token: Token) -> io::Result<()> {
        self.check(registry)?;
        self.sit_down(registry, token)
    }

    /// Ends the registration: no later poll reports it.
    ///
    /// # Errors
    ///
    /// `NotFound` if it is not registered here.
    pub(crate) fn deregister(&self, registry: &Registry) -> io::Result<()> {
        self.check(registry)?;
        self.leave();
        Ok(())
    }

    /// Ends the registration, if there is one.
    pub(crate) fn leave(&self) {
        self.latch.unseat();
        if let Some(place) = self.place.get() {
            place.shared.queue.rest(place.slot);
        }
    }

    /// The Poll that it was registered with, if it ever was.
    pub(crate) fn shared(&self) -> Option<&Shared> {
        self.place.get().map(|place| &*place.shared)
    }

    /// True if it is registered.
    pub(crate) fn is_seated(&self) -> bool {
        self.latch.is_seated()
    }

    fn sit_down(&self, registry: &Registry, token: Token) -> io::Result<()> {
        let Some(place) = self.place.get().filter(|place| place.is_of(registry)) else {
            return Err(refusal(io::ErrorKind::InvalidInput, ELSEWHERE));
        };
        let report = Report { token, direction: self.direction, mode: registry.mode() };
        place.shared.queue.arm(place.slot, report, || place.shared.signal())?;
        self.latch.seat(report.mode == Mode::Oneshot, || self.wake())
    }

    fn check(&self, registry: &Registry) -> io::Result<()> {
        registry.shared().check_process()?;
        let is_here = self.place.get().is_some_and(|place| place.is_of(registry));
        if is_here && self.is_seated() {
            return Ok(());
        }
        Err(refusal(io::ErrorKind::NotFound, MISSING))
    }

    fn wake(&self) -> io::Result<()> {
        // Whoever is seated has a place.
        self.place.get().map_or(Ok(()), |place| place.shared.rouse(place.slot))
    }
}

impl Place {
    fn is_of(&self, registry: &Registry) -> bool {
        Arc::ptr_eq(&self.shared, registry.shared())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.queue.discard(self.slot);
    }
}

/// Refuses an interest that can never come true for `what`, which is only ever readable.
///
/// # Errors
///
/// `Unsupported`, with the interest.
pub(crate) fn check_readable(interest: Interest, what: &str) -> io::Result<()> {
    if interest.is_readable() {
        return Ok(());
    }
    let text = format!("interest {interest:?} never comes true for {what}: ask for READABLE");
    Err(io::Error::new(io::ErrorKind::Unsupported, text))
}

#[cold]
fn refusal(kind: io::ErrorKind, text: &'static str) -> io::Error {
    io::Error::new(kind, text)
}

const ALREADY: &str =
    "the source is registered with a Poll already: use reregister to change its token or mode";

const MISSING: &str = "the source is not registered with this Poll: register it first";

const ELSEWHERE: &str =
    "the source was registered with another Poll before and stays with it: make a new one for this Poll";
