//! The readiness of a source that lives in this process.

use std::io;
use std::sync::{Arc, OnceLock};

use crate::error;
use crate::mode::Mode;
use crate::queue::{Direction, Latch, Report, Summary};
use crate::registry::Registry;
use crate::registry::shared::Shared;
use crate::token::Token;

/// Whether a source that lives in this process is ready, for one direction, and where that
/// is reported.
///
/// It can be fired before it is registered and while it is not; registering it then
/// reports it at once. It keeps its slot, and so its Poll, for life: a late fire reaches no
/// other source.
#[derive(Debug)]
pub(crate) struct Readiness {
    /// Whether it was fired and is registered.
    latch: Latch,
    /// Its slot, from its first registration on.
    slot: OnceLock<Slot>,
    /// What the source is ready for when it was fired.
    direction: Direction,
}

/// A slot in the queue of a Poll, freed when this is dropped.
#[derive(Debug)]
struct Slot {
    shared: Arc<Shared>,
    index: usize,
}

impl Readiness {
    pub(crate) fn new(direction: Direction) -> Readiness {
        Readiness { latch: Latch::new(), slot: OnceLock::new(), direction }
    }

    /// Makes the source ready. Takes no lock and allocates nothing.
    pub(crate) fn fire(&self) -> io::Result<()> {
        self.latch.fire(|| self.wake())
    }

    /// Makes the source ready on behalf of the poller, which is awake and has taken
    /// `summary`.
    pub(crate) fn post(&self, summary: &mut Summary) {
        let post = |slot: &Slot| slot.shared.queue.post(slot.index, summary);
        // Posting cannot fail.
        let _ = self.latch.fire(|| {
            self.slot.get().map(post);
            Ok(())
        });
    }

    /// True if it was fired since the last time; an event that was not delivered yet is
    /// cancelled.
    pub(crate) fn take(&self) -> bool {
        // The slot first: a fire in between is seen by the latch, or wakes the slot again.
        if let Some(slot) = self.slot.get() {
            slot.shared.queue.clear(slot.index);
        }
        self.latch.take()
    }

    /// Registers the source, whose events then carry `token`.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if it is registered, `InvalidInput` if it was registered with
    /// another Poll before.
    pub(crate) fn register(&self, registry: &Registry, token: Token) -> io::Result<()> {
        self.check_free(registry)?;
        if self.slot.get().is_none() {
            let shared = Arc::clone(registry.shared());
            let index = shared.queue.insert_disarmed();
            // If another thread was faster, this slot is freed again.
            let _ = self.slot.set(Slot { shared, index });
        }
        self.arm(registry, token)
    }

    /// Makes sure that the source may be registered with `registry`.
    ///
    /// # Errors
    ///
    /// Those of [`register`](Readiness::register).
    pub(crate) fn check_free(&self, registry: &Registry) -> io::Result<()> {
        registry.shared().check_process()?;
        if self.is_registered() {
            return Err(error::in_process_source_registered());
        }
        match self.slot.get() {
            Some(slot) if !slot.is_of(registry) => Err(error::in_process_source_of_other_poll()),
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
        self.arm(registry, token)
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

    fn arm(&self, registry: &Registry, token: Token) -> io::Result<()> {
        let Some(slot) = self.slot.get().filter(|slot| slot.is_of(registry)) else {
            return Err(error::in_process_source_of_other_poll());
        };
        let report = Report { token, direction: self.direction, mode: registry.mode() };
        slot.shared.queue.arm(slot.index, report, || slot.shared.signal())?;
        self.latch.register(report.mode == Mode::Oneshot, || self.wake())
    }

    fn check(&self, registry: &Registry) -> io::Result<()> {
        registry.shared().check_process()?;
        let is_here = self.slot.get().is_some_and(|slot| slot.is_of(registry));
        if is_here && self.is_registered() {
            return Ok(());
        }
        Err(error::in_process_source_missing())
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
