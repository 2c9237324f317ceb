//! Sockets that a parker waits for beside the sources of a Poll.

#[cfg(test)]
mod tests;

use std::io;
use std::os::windows::io::{AsRawSocket, BorrowedSocket, RawSocket};
use std::sync::Arc;

use crate::error::kernel;
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::event::Event;
use crate::sys::windows::afd;
use crate::sys::windows::found::Found;
use crate::sys::windows::slot::Subject;
use crate::sys::windows::slots::{Registration, Shared};
use crate::token::Token;

/// Registrations of a parker's own with the port of a Poll. What is found of them goes into a list
/// beside the events, which the parker takes out.
#[derive(Debug)]
pub(crate) struct Beside {
    shared: Arc<Shared>,
    places: Vec<Option<Companion>>,
    found: Arc<Found>,
}

/// What is asked for at one place.
#[derive(Debug)]
struct Companion {
    /// Only compared, to tell whether a new question is about the same socket.
    socket: RawSocket,
    registration: Registration,
}

impl Beside {
    pub(super) fn new(shared: &Arc<Shared>) -> Beside {
        Beside { shared: Arc::clone(shared), places: Vec::new(), found: Arc::new(Found::new()) }
    }

    /// Asks for one event of `socket`, in place of what was asked for at `place` before.
    pub(crate) fn arm(
        &mut self,
        place: usize,
        socket: BorrowedSocket<'_>,
        interest: Interest,
    ) -> io::Result<()> {
        let (token, raw) = (Token(place), socket.as_raw_socket());
        if self.places.len() <= place {
            self.places.resize_with(place + 1, || None);
        }
        let companion = self.places[place].take_if(|companion| companion.socket == raw);
        // Another socket was there: from here on nothing is found of it.
        self.forget(place);
        if interest.is_aio() || interest.is_lio() {
            return Err(kernel::aio_on_windows(interest));
        }
        if let Some(companion) = companion {
            // False if the socket was closed, and this is another of the same number.
            if companion.registration.set(token, interest, Mode::Oneshot)? {
                self.places[place] = Some(companion);
                return Ok(());
            }
        }
        let subject = Subject::Socket(afd::base_socket(socket)?);
        let registration = Registration::beside(&self.shared, subject, token, interest, &self.found)?;
        self.places[place] = Some(Companion { socket: raw, registration });
        Ok(())
    }

    /// Ends what is asked for at `place`, and takes away what was found there.
    pub(crate) fn forget(&mut self, place: usize) {
        if let Some(companion) = self.places.get_mut(place) {
            *companion = None;
        }
        // Only now, for until then the poller may add something.
        self.found.remove(Token(place));
    }

    /// Takes out what has been found.
    pub(crate) fn found(&mut self) -> impl Iterator<Item = Event> {
        std::iter::from_fn(|| self.found.pop())
    }

    /// Where the waits put what they find.
    pub(super) fn list(&self) -> &Found {
        &self.found
    }
}
