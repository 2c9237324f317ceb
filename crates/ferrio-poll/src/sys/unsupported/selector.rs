//! A selector that cannot be made.

use std::io;
use std::time::Duration;

use crate::error::kernel;
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::backend::Backend;
use crate::sys::capabilities::Capabilities;
use crate::sys::event::Event;
use crate::sys::handle::{Handle, Place};
use crate::sys::selected::Selected;
use crate::token::Token;

/// None can be made.
#[derive(Debug)]
pub(crate) enum Selector {}

#[derive(Debug, Default)]
pub(crate) struct Scratch;

impl Selector {
    pub(crate) fn new(_: Backend) -> io::Result<Selector> {
        Err(kernel::unsupported_system())
    }

    pub(crate) fn register(
        &self,
        _: Handle<'_>,
        _: &mut Place,
        _: Token,
        _: Interest,
        _: Mode,
    ) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn reregister(
        &self,
        _: Handle<'_>,
        _: &mut Place,
        _: Token,
        _: Interest,
        _: Mode,
    ) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn deregister(&self, _: Handle<'_>, _: &mut Place) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn signal(&self) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn wait(&self, _: &mut Scratch, _: &mut [Event], _: Option<Duration>) -> io::Result<Selected> {
        match *self {}
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        match *self {}
    }
}
