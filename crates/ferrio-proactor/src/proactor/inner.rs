//! A proactor without its Poll, which a wait borrows beside it.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::time::Duration;

use ferrio_poll::park::{self, Nudge};
use ferrio_poll::{Poll, Token};

use crate::buffer::chunk::Chunk;
use crate::config::Config;
use crate::core::{After, Core};
use crate::driver::Driver;
use crate::error;
use crate::id::{Handle, OpId};
use crate::op::Operation;
use crate::op::parcel::Parcel;
use crate::op::perform::{Code, Handles, Shape};
use crate::proactor::mailbox::{Letter, Mailbox};
use crate::proactor::remote::Remote;
use crate::rejected::{Reason, Rejected};
use crate::sys::Owned;

/// How many letters are read at a time, so that those who write many do not hold up the others.
const LETTERS_MAX: usize = 256;

/// All but the Poll.
pub(crate) struct Inner {
    /// Before the core, whose memory it uses.
    pub(crate) driver: Option<Driver>,
    pub(crate) core: Core,
    mailbox: Arc<Mailbox>,
    /// Memory for the letters of one turn.
    letters: VecDeque<Letter>,
    /// The letters of the last turn left the driver no room for completions.
    is_driver_first: bool,
    /// Memory for the handles of one send to many.
    receivers: Vec<Handle>,
    /// Memory for the operations on a descriptor that are cancelled together.
    cancelled: Vec<u32>,
    nudge: Nudge,
    /// How often this process had been forked off when the proactor was made.
    forks: usize,
}

impl Inner {
    pub(crate) fn new(config: Config, nudge: Nudge) -> io::Result<Inner> {
        park::watch_forks()?;
        let mut core = Core::new(config)?;
        core.pool.on_return(nudge.clone());
        Ok(Inner {
            driver: None,
            core,
            mailbox: Arc::default(),
            letters: VecDeque::new(),
            is_driver_first: false,
            receivers: Vec::new(),
            cancelled: Vec::new(),
            nudge,
            forks: park::forks(),
        })
    }

    #[cold]
    pub(crate) fn open_driver(&mut self, poll: &Poll, setup: Option<&str>) -> io::Result<()> {
        self.driver = Some(Driver::open(&self.core, poll, &self.nudge, setup)?);
        Ok(())
    }

    pub(crate) fn remote(&self) -> Remote {
        Remote::new(Arc::clone(&self.mailbox), self.nudge.clone())
    }

    pub(crate) fn letters_max(&self) -> usize {
        self.mailbox.high_water()
    }

    /// Whether a wait of the Poll alone is enough.
    pub(crate) fn is_idle(&self) -> bool {
        self.core.slab.len() == 0 && self.core.finished.is_empty() && !self.has_mail()
    }

    /// Whether another thread may ask for something, or one that is gone has.
    fn has_mail(&self) -> bool {
        if Arc::strong_count(&self.mailbox) > 1 {
            return true;
        }
        // What the last remote has posted before it went is seen from here on.
        fence(Ordering::Acquire);
        self.mailbox.has_letters()
    }

    pub(crate) fn check_process(&self) -> io::Result<()> {
        if self.forks == park::forks() { Ok(()) } else { Err(error::forked()) }
    }

    /// The driver, which is open wherever an operation is.
    fn follow(&mut self, after: After) {
        if let Some(driver) = &mut self.driver {
            driver.follow(&mut self.core, after);
        }
    }

    fn start(&mut self, index: u32) {
        if let Some(after) = self.core.skip_if_behind(index) {
            return self.follow(after);
        }
        if let Some(driver) = &mut self.driver {
            driver.start(&mut self.core, index);
        }
    }

    /// Takes a descriptor without operations out of the table.
    pub(crate) fn take_out(&mut self, entry: u32) -> Owned {
        // What a driver knows of it in the kernel is shared with the processes forked off.
        let is_own = self.check_process().is_ok();
        if let Some(driver) = self.driver.as_mut().filter(|_| is_own) {
            driver.forget(&self.core, entry);
        }
        self.core.table.remove(entry)
    }

    pub(crate) fn submit<O: Operation>(&mut self, token: Token, operation: O) -> Result<OpId, Rejected<O>> {
        if let Some(reason) = self.refusal(O::CODE, operation.handles(), operation.buffer_len()) {
            return Err(Rejected::new(operation, reason));
        }
        Ok(self.accept(token, Parcel::new(operation)))
    }

    /// Takes an operation in, and starts it if it waits for no other.
    fn accept(&mut self, token: Token, parcel: Parcel) -> OpId {
        let is_timeout = parcel.shape == Shape::Timeout;
        let (id, is_first) = self.core.insert(token, parcel);
        if is_timeout {
            self.core.set_deadline(id);
        } else if is_first {
            self.start(id.slot);
        }
        id
    }

    /// Why an operation is not accepted; `None` if it is.
    fn refusal(&self, code: Code, handles: Handles, buffer_len: u32) -> Option<Reason> {
        if !self.core.is_usable(handles) {
            return Some(Reason::Stale);
        }
        if self.core.is_full() {
            return Some(Reason::Full);
        }
        if buffer_len > self.core.config.buffer_len {
            return Some(Reason::BufferLen(buffer_len));
        }
        let is_known = self.driver.as_ref().is_some_and(|driver| driver.codes().contains(code));
        (!is_known).then_some(Reason::Unsupported)
    }

    pub(crate) fn send_all(
        &mut self,
        token: Token,
        handles: impl IntoIterator<Item = Handle>,
        chunk: Chunk,
    ) -> Result<OpId, Rejected<Chunk>> {
        if self.core.is_full() {
            return Err(Rejected::new(chunk, Reason::Full));
        }
        // First, for an iterator of the user's may panic.
        let mut receivers = mem::take(&mut self.receivers);
        receivers.extend(handles);
        let bytes = chunk.clone();
        let id = self.core.begin_send_all(token, chunk);
        for handle in receivers.drain(..) {
            let sent = self.send_at_once(handle, &bytes);
            if let Some(index) = self.core.add_part(token, id, handle, sent) {
                self.start(index);
            }
        }
        self.core.release_send_all(id);
        self.receivers = receivers;
        Ok(id)
    }

    /// Sends a part of a send to many before there is an operation for it; the result, if it did.
    fn send_at_once(&self, handle: Handle, bytes: &[u8]) -> Option<i32> {
        let entry = self.core.table.get(handle).filter(|entry| entry.writes.is_empty())?;
        if self.core.has_gap(handle) {
            return None;
        }
        self.driver.as_ref()?.send_at_once(entry.fd(), bytes)
    }

    pub(crate) fn cancel(&mut self, id: OpId) -> bool {
        let Some(slot) = self.core.slab.get(id) else { return false };
        if self.check_process().is_err() {
            return false;
        }
        if slot.shape == Shape::SendAll {
            for part in self.core.parts(id) {
                self.cancel_slot(part);
            }
        } else {
            self.cancel_slot(id.slot);
        }
        true
    }

    /// Cancels all operations on a descriptor.
    pub(crate) fn cancel_on(&mut self, handle: Handle) {
        let mut slots = mem::take(&mut self.cancelled);
        self.core.operations_on(handle.slot, &mut slots);
        for index in slots.drain(..) {
            self.cancel_slot(index);
        }
        self.cancelled = slots;
    }

    pub(crate) fn cancel_slot(&mut self, index: u32) {
        if self.core.slab.at(index).is_cancelled {
            return;
        }
        match self.core.cancel(index) {
            Some(after) => self.follow(after),
            None => {
                if let Some(driver) = &mut self.driver {
                    driver.cancel(&mut self.core, index);
                }
            }
        }
    }

    /// Does what other threads asked for before the driver has its turn. Where there is room for one
    /// completion only, they take turns.
    pub(crate) fn take_letters_first(&mut self) {
        if !mem::take(&mut self.is_driver_first) {
            self.take_letters(self.core.letters_room());
            self.is_driver_first = self.core.room() == 0;
        }
    }

    /// Whether letters were left for the next turn, or have just come.
    pub(crate) fn has_letters(&self) -> bool {
        self.mailbox.has_letters()
    }

    /// Does what other threads asked for after the driver has had its turn.
    pub(crate) fn take_letters_last(&mut self) {
        self.take_letters(self.core.room());
    }

    /// Does what other threads asked for, at most `max` of it.
    fn take_letters(&mut self, max: usize) {
        let max = max.min(LETTERS_MAX);
        if !self.mailbox.has_letters() || max == 0 {
            return;
        }
        let mut letters = mem::take(&mut self.letters);
        self.mailbox.take(&mut letters, max);
        for letter in letters.drain(..) {
            self.open_letter(letter);
        }
        self.letters = letters;
    }

    fn open_letter(&mut self, letter: Letter) {
        match letter {
            Letter::Wake(token) => self.core.woken(token),
            Letter::Submit(token, parcel) => self.submit_letter(token, parcel.open()),
            Letter::Cancel(id) => drop(self.cancel(id)),
            Letter::CancelHandle(handle) => {
                if self.core.table.get(handle).is_some() {
                    self.cancel_on(handle);
                }
            }
            Letter::CancelToken(token) => {
                let slots = self.core.slab.iter().filter(|(_, slot)| slot.token == token);
                let slots: Vec<_> = slots.map(|(index, _)| index).collect();
                for index in slots {
                    // One that was queued may have gone with another.
                    if self.core.slab.is_in_use(index) && self.core.slab.at(index).shape.is_whole() {
                        self.cancel(self.core.slab.id(index));
                    }
                }
            }
        }
    }

    /// Submits for another thread, which cannot be given an operation back.
    fn submit_letter(&mut self, token: Token, parcel: Parcel) {
        match self.refusal(parcel.code, parcel.handles, parcel.buffer_len) {
            Some(reason) => self.core.refused(token, reason.code()),
            None => drop(self.accept(token, parcel)),
        }
    }

    /// Cancels everything, waits for its end until `timeout` is over, and gives how many
    /// operations the kernel did not let go.
    pub(crate) fn shut_down(&mut self, timeout: Duration) -> u32 {
        self.mailbox.close();
        self.core.take_in_all();
        let slots: Vec<_> = self.core.slab.iter().map(|(index, _)| index).collect();
        for index in slots {
            // A part goes with its whole, and one that was queued may be gone by now.
            if self.core.slab.is_in_use(index) && self.core.slab.at(index).shape.is_whole() {
                self.cancel(self.core.slab.id(index));
            }
        }
        if let Some(driver) = &mut self.driver {
            driver.shut_down(&mut self.core, timeout);
        }
        self.core.slab.len()
    }
}
