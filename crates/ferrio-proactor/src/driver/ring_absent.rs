//! In the place of the ring where there is none: every method is one of a value that cannot be.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::time::Duration;

use ferrio_poll::Poll;
use ferrio_poll::park::Harvest;

use crate::capabilities::Capabilities;
use crate::core::{After, Core};
use crate::op::perform::Codes;

/// Why there is no ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Denied;

impl Display for Denied {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Ferrio knows io_uring on Linux only, on 64-bit x86, Arm, RISC-V, LoongArch and POWER")
    }
}

/// A ring, of which there is none.
#[derive(Debug)]
pub(crate) enum Ring {}

impl Ring {
    pub(crate) fn open(_: &Core, _: &Poll, _: Option<&str>) -> io::Result<Result<Ring, Denied>> {
        Ok(Err(Denied))
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        match *self {}
    }

    pub(crate) fn codes(&self) -> Codes {
        match *self {}
    }

    pub(crate) fn counts(&self) -> (u64, u64) {
        match *self {}
    }

    pub(crate) fn start(&mut self, _: &mut Core, _: u32) {
        match *self {}
    }

    pub(crate) fn cancel(&mut self, _: &mut Core, _: u32) {
        match *self {}
    }

    pub(crate) fn follow(&mut self, _: &mut Core, _: After) {
        match *self {}
    }

    pub(crate) fn park(&mut self, _: &mut Core, _: &mut Harvest<'_>, _: Option<Duration>) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn shut_down(&mut self, _: &mut Core, _: Duration) {
        match *self {}
    }
}
