//! The readiness of a source that lives in this process.

use std::io;
use std::sync::{Arc, OnceLock};

use crate::error;
use crate::interest::Interest;
use crate::mode::Mode;
use crate::queue::{Direction, Latch, LatchState, Report, Summary};
use crate::registry::Registry;
use crate::registry::shared::Shared;
use crate::token::Token;

/// Whether a source that lives in this process is ready, and where that is reported.
///
/// It can be fired before it is registered and while it is not; registering it then
/// reports it at once. It keeps its slot, and so its Poll, for life: a late fire reaches no
/// other source.
#[derive(Debug)]
pub(crate) struct Readiness {
    /// Whether it was fired and is registered.
    latch: Arc<Latch>,
    /// Its slot, from its first registration on.
    slot: OnceLock<Slot>,
    /// What its events say.
    direction: Direction,
}

/// A slot in the queue of a Poll, freed when this is dropped.
#[derive(Debug)]
struct Slot {
    shared: Arc<Shared>,
    index: usize,
}

impl Readiness {
    /// That of a source with one direction.
    pub(crate) fn new(direction: Direction) -> Readiness {
        Readiness { latch: Arc::new(Latch::new()), slot: OnceLock::new(), direction }
    }

    /// That of a source with both directions, which share one registration: one event says
    /// all that is true, and is the one shot of both.
    pub(crate) fn both() -> Readiness {
        let latch = Arc::new(Latch::new());
        let direction = Direction::Fired(Arc::clone(&latch));
        Readiness { latch, slot: OnceLock::new(), direction }
    }

    /// Makes the source ready. Takes no lock and allocates nothing.
    pub(crate) fn fire(&self) -> io::Result<()> {
        self.fire_for(self.directions())
    }

    /// Makes the source ready for `direction`.
    pub(crate) fn fire_for(&self, direction: LatchState) -> io::Result<()> {
        self.latch.fire(direction, || self.wake())
    }

    /// Makes the source ready on behalf of the poller, which is awake and has taken
    /// `summary`.
    pub(crate) fn post(&self, summary: &mut Summary) {
        let post = |slot: &Slot| slot.shared.queue.post(slot.index, summary);
        // Posting cannot fail.
        let _ = self.latch.fire(self.directions(), || {
            self.slot.get().map(post);
            Ok(())
        });
    }

    /// True if it was fired since the last time; an event that was not delivered yet is
    /// cancelled.
    pub(crate) fn take(&self) -> bool {
        !self.take_directions(self.directions()).is_empty()
    }

    /// The same for `directions`; which of them it was fired for.
    pub(crate) fn take_directions(&self, directions: LatchState) -> LatchState {
        // The slot first: a fire in between is seen by the latch, or wakes the slot again. It
        // stays for a direction that is not taken.
        if let Some(slot) = self.slot.get().filter(|_| directions == self.directions()) {
            slot.shared.queue.clear(slot.index);
        }
        self.latch.take(directions)
    }

    /// Registers the source, whose events then carry `token`.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if it is registered, `InvalidInput` if it was registered with
    /// another Poll before.
    pub(crate) fn register(&self, registry: &Registry, token: Token) -> io::Result<()> {
        self.register_for(registry, token, self.directions())
    }

    /// The same for the directions in `wanted`.
    pub(crate) fn register_for(
        &self,
        registry: &Registry,
        token: Token,
        wanted: LatchState,
    ) -> io::Result<()> {
        self.check_free(registry)?;
        if self.slot.get().is_none() {
            let shared = Arc::clone(registry.shared());
            let index = shared.queue.insert_disarmed();
            // If another thread was faster, this slot is freed again.
            let _ = self.slot.set(Slot { shared, index });
        }
        self.arm(registry, token, wanted)
    }

    /// Makes sure that the source may be registered with `registry`.
    ///
    /// # Errors
    ///
    /// Those of [`register`](Readiness::register).
    fn check_free(&self, registry: &Registry) -> io::Result<()> {
        registry.shared().check_process()?;
        match self.slot.get() {
            Some(slot) if !slot.is_of(registry) => Err(error::in_process_source_of_other_poll()),
            _ if self.is_registered() => Err(error::in_process_source_registered()),
            _ => Ok(()),
        }
    }

    /// Changes the token and the mode; a source that is ready is reported again.
    ///
    /// # Errors
    ///
    /// `NotFound` if it is not registered here.
    pub(crate) fn reregister(&self, registry: &Registry, token: Token) -> io::Result<()> {
        self.reregister_for(registry, token, self.directions())
    }

    /// The same for the directions in `wanted`.
    pub(crate) fn reregister_for(
        &self,
        registry: &Registry,
        token: Token,
        wanted: LatchState,
    ) -> io::Result<()> {
        self.check(registry)?;
        self.arm(registry, token, wanted)
    }

    /// Ends the registration: no later poll reports it.
    ///
    /// # Errors
    ///
    /// `NotFound` if it is not registered here.
    pub(crate) fn deregister(&self, registry: &Registry) -> io::Result<()> {
        self.check(registry)?;
        self.end_registration();
        Ok(())
    }

    /// Ends the registration, if there is one.
    pub(crate) fn end_registration(&self) {
        self.latch.deregister();
        if let Some(slot) = self.slot.get() {
            slot.shared.queue.disarm(slot.index);
        }
    }

    /// The Poll that it was registered with, if it ever was.
    pub(crate) fn shared(&self) -> Option<&Shared> {
        self.slot.get().map(|slot| &*slot.shared)
    }

    /// True if it is registered.
    pub(crate) fn is_registered(&self) -> bool {
        self.latch.is_registered()
    }

    fn arm(&self, registry: &Registry, token: Token, wanted: LatchState) -> io::Result<()> {
        let Some(slot) = self.slot.get().filter(|slot| slot.is_of(registry)) else {
            return Err(error::in_process_source_of_other_poll());
        };
        let mode = registry.mode();
        let report = Report { token, direction: self.direction.clone(), mode };
        slot.shared.queue.arm(slot.index, report, || slot.shared.signal())?;
        self.latch.register(wanted, mode == Mode::Oneshot, || self.wake())
    }

    /// The directions that the source has.
    fn directions(&self) -> LatchState {
        match self.direction {
            Direction::Fired(_) => LatchState::FIRED,
            Direction::Readable => LatchState::READABLE,
            Direction::Writable => LatchState::WRITABLE,
        }
    }

    fn check(&self, registry: &Registry) -> io::Result<()> {
        registry.shared().check_process()?;
        match self.slot.get() {
            Some(slot) if !slot.is_of(registry) => Err(error::in_process_source_missing_here()),
            Some(_) if self.is_registered() => Ok(()),
            _ => Err(error::in_process_source_missing()),
        }
    }

    fn wake(&self) -> io::Result<()> {
        // A source that is registered has a slot.
        self.slot.get().map_or(Ok(()), |slot| slot.shared.wake(slot.index).map(drop))
    }
}

impl Slot {
    fn is_of(&self, registry: &Registry) -> bool {
        Arc::ptr_eq(&self.shared, registry.shared())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.shared.queue.discard(self.index);
    }
}

/// The directions of `interest`, which must have no other parts: for `what` they never come
/// true.
pub(crate) fn wanted(interest: Interest, what: &str) -> io::Result<LatchState> {
    let others = interest.remove(Interest::READABLE).and_then(|rest| rest.remove(Interest::WRITABLE));
    if let Some(others) = others {
        return Err(error::interest_never_true(others, what, "READABLE, WRITABLE or both"));
    }
    let mut wanted = LatchState::empty();
    wanted.set(LatchState::READABLE, interest.is_readable());
    wanted.set(LatchState::WRITABLE, interest.is_writable());
    Ok(wanted)
}
