//! The queues that take the packets of operations which a program starts itself.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Weak};

use crate::error::windows as error;
use crate::sync::{Mutex, lock};
use crate::sys::windows::port::Packet;

/// Takes packets of operations that a program starts itself.
pub(crate) trait Inbox: fmt::Debug + Send + Sync {
    /// A packet was taken from the port. No lock of the selector is held.
    fn arrived(self: Arc<Self>, packet: Packet);
}

/// The inboxes of one selector, by number.
#[derive(Debug, Default)]
pub(super) struct Inboxes {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// The number of the next. None is given twice: a file keeps the one that it was associated
    /// with for life, and its packets must not reach another.
    next: u32,
    inboxes: HashMap<u32, Weak<dyn Inbox>>,
}

impl Inboxes {
    /// Gives `inbox` a number.
    pub(super) fn open(&self, inbox: Weak<dyn Inbox>) -> io::Result<u32> {
        let mut table = lock(&self.table);
        if table.next == NUMBERS_MAX {
            return Err(error::inboxes_used_up(NUMBERS_MAX));
        }
        let number = table.next;
        table.next += 1;
        table.inboxes.insert(number, inbox);
        Ok(number)
    }

    /// Forgets the inbox: packets for it are dropped from now on.
    pub(super) fn close(&self, number: u32) {
        lock(&self.table).inboxes.remove(&number);
    }

    /// Gives `packet` to inbox `number`.
    pub(super) fn deliver(&self, number: u32, packet: Packet) {
        let inbox = lock(&self.table).inboxes.get(&number).and_then(Weak::upgrade);
        if let Some(inbox) = inbox {
            inbox.arrived(packet);
        }
    }
}

/// How many inboxes one selector may ever have; with the key of the first they fit a `u32`.
const NUMBERS_MAX: u32 = 0xFFFF_0000;
