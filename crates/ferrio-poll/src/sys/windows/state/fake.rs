//! A kernel that carries out operations as AFD does, on any system.

use std::collections::VecDeque;
use std::io;

use crate::sys::windows::event::Flags;
use crate::sys::windows::state::{Operations, Outcome};

/// A kernel with one socket and a port.
#[derive(Debug)]
pub(super) struct Fake<const OPS: usize> {
    /// What holds of the socket.
    pub(super) conditions: Flags,
    /// What each operation asks for while it is the kernel's.
    under_way: [Option<Flags>; OPS],
    /// The packets in the port.
    pub(super) port: VecDeque<(usize, Outcome)>,
    /// True if it refuses the next operation.
    pub(super) refuses: bool,
    /// How many operations it began, and how many it was told to end.
    pub(super) started: usize,
    pub(super) cancelled: usize,
}

impl<const OPS: usize> Fake<OPS> {
    pub(super) fn new() -> Fake<OPS> {
        Fake {
            conditions: Flags::empty(),
            under_way: [None; OPS],
            port: VecDeque::new(),
            refuses: false,
            started: 0,
            cancelled: 0,
        }
    }

    /// From now on `conditions` hold, and end the operations that ask for one of them.
    pub(super) fn raise(&mut self, conditions: Flags) {
        self.conditions |= conditions;
        (0..OPS).for_each(|op| self.look(op));
    }

    /// Ends operation `op` by `outcome`, if it is under way.
    pub(super) fn end(&mut self, op: usize, outcome: Outcome) {
        if self.under_way[op].take().is_some() {
            self.port.push_back((op, outcome));
        }
    }

    /// True if nothing of the socket is in the kernel or in the port.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way.iter().all(Option::is_none) && self.port.is_empty()
    }

    fn look(&mut self, op: usize) {
        let found = self.under_way[op].unwrap_or(Flags::empty()) & self.conditions;
        if !found.is_empty() {
            self.end(op, Outcome::Found(found));
        }
    }
}

impl<const OPS: usize> Operations for Fake<OPS> {
    fn start(&mut self, op: usize, conditions: Flags) -> io::Result<()> {
        assert!(self.under_way[op].is_none(), "operation {op} is the kernel's");
        assert!(self.port.iter().all(|(waiting, _)| *waiting != op), "operation {op} has not come back");
        if self.refuses {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        self.started += 1;
        self.under_way[op] = Some(conditions);
        self.look(op);
        Ok(())
    }

    fn cancel(&mut self, op: usize) -> bool {
        self.cancelled += 1;
        self.end(op, Outcome::Nothing);
        true
    }
}
