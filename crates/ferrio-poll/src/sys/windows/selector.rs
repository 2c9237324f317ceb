//! A selector: one completion port, and the registrations that report to it.

#[cfg(test)]
mod tests;

use std::io;
use std::os::windows::io::BorrowedHandle;
use std::sync::Arc;
use std::time::Duration;

use crate::error::kernel;
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::backend::Backend;
use crate::sys::capabilities::{Capabilities, Support};
use crate::sys::event::Event;
use crate::sys::selected::Selected;
use crate::sys::windows::afd;
use crate::sys::windows::beside::Beside;
pub(crate) use crate::sys::windows::delivery::Scratch;
use crate::sys::windows::handle::{Handle, Place};
use crate::sys::windows::port::{Key, Packet, Port};
use crate::sys::windows::slot::{Object, Subject};
use crate::sys::windows::slots::{Registration, Shared};
use crate::sys::windows::wait;
use crate::token::Token;

/// A completion port, and what is registered with it.
#[derive(Debug)]
pub(crate) struct Selector {
    /// Registrations share it: they end by themselves, also after the selector.
    pub(super) shared: Arc<Shared>,
}

impl Selector {
    pub(crate) fn new(_: Backend) -> io::Result<Selector> {
        Ok(Selector { shared: Arc::new(Shared::new(Port::new()?)) })
    }

    pub(crate) fn register(
        &self,
        handle: Handle<'_>,
        place: &mut Place,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        check(handle, interest)?;
        if place.0.is_some() {
            return Err(kernel::descriptor_registered());
        }
        place.0 = Some(Registration::new(&self.shared, subject(handle)?, token, interest, mode)?);
        Ok(())
    }

    pub(crate) fn reregister(
        &self,
        handle: Handle<'_>,
        place: &mut Place,
        token: Token,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<()> {
        check(handle, interest)?;
        let registration = place.0.as_ref().filter(|registration| registration.is_of(&self.shared));
        let registration = registration.ok_or_else(kernel::descriptor_missing)?;
        if registration.set(token, interest, mode)? { Ok(()) } else { Err(kernel::socket_closed()) }
    }

    pub(crate) fn deregister(&self, _: Handle<'_>, place: &mut Place) -> io::Result<()> {
        match place.0.take_if(|registration| registration.is_of(&self.shared)) {
            Some(registration) if registration.is_live() => Ok(()),
            Some(_) => Err(kernel::socket_closed()),
            None => Err(kernel::descriptor_missing()),
        }
    }

    pub(crate) fn signal(&self) -> io::Result<()> {
        if self.shared.attention.signal() {
            return Ok(());
        }
        self.shared.port.post(Packet::new(Key::Wake, 0, 0))
    }

    pub(crate) fn wait(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        scratch.wait(&self.shared, events, timeout)
    }

    /// For sockets of a parker.
    pub(crate) fn beside(&self) -> Beside {
        Beside::new(&self.shared)
    }

    /// As `wait`, and ends also when something was found `beside`.
    pub(crate) fn wait_beside(
        &self,
        scratch: &mut Scratch,
        events: &mut [Event],
        beside: &Beside,
        timeout: Option<Duration>,
    ) -> io::Result<Selected> {
        scratch.wait_beside(&self.shared, events, beside.list(), timeout)
    }

    /// Looks for what there is beside, while there is no room for events; true if it heard a wake.
    pub(crate) fn look_beside(&self, scratch: &mut Scratch, beside: &Beside) -> io::Result<bool> {
        let found = scratch.wait_beside(&self.shared, &mut [], beside.list(), Some(Duration::ZERO))?;
        Ok(found.woken)
    }

    pub(crate) fn capabilities(&self) -> Capabilities {
        Capabilities {
            edge: Support::Emulated,
            level: Support::Emulated,
            oneshot: Support::Native,
            hangup: Support::Native,
            priority: Support::Native,
            aio: Support::Absent,
            lio: Support::Absent,
            raw_flags: Support::Absent,
            busy_poll: Support::Absent,
            // The kernel takes 100 ns, and wakes by its tick.
            nanosecond_timeout: Support::Absent,
            short_read_drains: true,
            raw_descriptors_rearm: false,
            embeddable: false,
            // Only one by the same source is.
            refuses_second: false,
            refuses_files: false,
        }
    }
}

/// Fails for an interest that can never come true.
fn check(handle: Handle<'_>, interest: Interest) -> io::Result<()> {
    if interest.is_aio() || interest.is_lio() {
        return Err(kernel::aio_on_windows(interest));
    }
    match handle {
        Handle::Socket(_) => Ok(()),
        Handle::Object(_) | Handle::AutoReset(_) if interest == Interest::READABLE => Ok(()),
        _ => Err(kernel::object_only_readable(interest)),
    }
}

/// What to watch for `handle`.
fn subject(handle: Handle<'_>) -> io::Result<Subject> {
    let object = |handle: BorrowedHandle<'_>, resets_itself| {
        // It also tells what is no object to wait for.
        let is_signalled = wait::look(handle).map_err(|error| kernel::not_waitable(&error))?;
        let handle = handle.try_clone_to_owned()?;
        Ok(Subject::Object(Object {
            handle,
            resets_itself,
            is_taken: resets_itself && is_signalled,
            wait: None,
        }))
    };
    match handle {
        Handle::Socket(socket) => Ok(Subject::Socket(afd::base_socket(socket)?)),
        Handle::Object(handle) => object(handle, false),
        Handle::AutoReset(handle) => object(handle, true),
    }
}
