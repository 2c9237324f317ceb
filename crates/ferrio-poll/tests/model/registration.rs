//! What a registration has been told, and what it is still owed.

use ferrio_poll::event::Event;
use ferrio_poll::{Interest, Token};

use crate::file::{File, Peer};

/// Whether a kind of readiness, when it is there, is reported by the next poll.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// It must be: it was not told since it arose, or since the last (re)registration.
    Due,
    /// It may be: it was told and not used up, and something happened since.
    Allowed,
    /// It must not be: nothing happened since it was told.
    Told,
}

#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) token: Token,
    interest: Interest,
    pub(crate) read: Edge,
    pub(crate) write: Edge,
    pub(crate) close: Edge,
}

impl Registration {
    /// A registration finds what is there already.
    pub(crate) fn new(token: Token, interest: Interest) -> Registration {
        Registration { token, interest, read: Edge::Due, write: Edge::Due, close: Edge::Due }
    }

    /// Something happened to the file. More than that is not promised to who was told
    /// before, for nobody has to act on half an event.
    pub(crate) fn touch(&mut self) {
        self.replace(Edge::Told, Edge::Allowed);
    }

    /// A poll had room for more and did not report this.
    pub(crate) fn settle(&mut self) {
        self.replace(Edge::Allowed, Edge::Told);
    }

    fn replace(&mut self, from: Edge, to: Edge) {
        for edge in [&mut self.read, &mut self.write, &mut self.close] {
            if *edge == from {
                *edge = to;
            }
        }
    }

    /// Judges an event.
    pub(crate) fn report(&mut self, file: &File, event: &Event) -> Result<(), String> {
        self.flags_are_true(file, event)?;
        let kinds = self.kinds(file);
        let has_cause = kinds.iter().any(|(edge, is_there, _)| *is_there && **edge != Edge::Told);
        // A close may come once more with room to write, which is no cause of its own.
        if !has_cause {
            return Err(format!("reported though nothing happened since it was told: {event:?}"));
        }
        let said = [event.is_readable(), event.is_writable(), event.is_read_closed()];
        for ((edge, is_there, name), said) in kinds.into_iter().zip(said) {
            if *edge == Edge::Due && is_there && !said {
                return Err(format!("not said to be {name}: {event:?}"));
            }
            if said {
                *edge = Edge::Told;
            }
        }
        Ok(())
    }

    /// What a poll with room to spare has left out although it was due.
    pub(crate) fn missing(&mut self, file: &File) -> Option<&'static str> {
        let kinds = self.kinds(file);
        let missing = kinds.iter().find(|(edge, is_there, _)| *is_there && **edge == Edge::Due);
        missing.map(|(_, _, name)| *name)
    }

    /// Each kind of readiness: what was told of it, and whether it is there.
    fn kinds(&mut self, file: &File) -> [(&mut Edge, bool, &'static str); 3] {
        [
            (&mut self.read, file.is_readable(self.interest), "readable"),
            (&mut self.write, file.is_writable(self.interest), "writable"),
            (&mut self.close, file.is_read_closed(self.interest), "closed"),
        ]
    }

    /// No event says what is not so, or what nobody asked for.
    fn flags_are_true(&self, file: &File, event: &Event) -> Result<(), String> {
        let closed = file.peer == Peer::Closed;
        let lies = [
            ("readable", event.is_readable() && !file.is_readable(self.interest)),
            // What was written is gone with the peer, so there is room again.
            (
                "writable",
                event.is_writable()
                    && !(file.is_writable(self.interest) || closed && self.interest.is_writable()),
            ),
            ("read closed", event.is_read_closed() && !file.is_read_closed(self.interest)),
            ("write closed", event.is_write_closed() && !closed),
            ("in error", event.is_error() && !(closed && file.unread)),
            ("urgent", event.is_priority()),
        ];
        match lies.iter().find(|(_, lies)| *lies) {
            Some((name, _)) => Err(format!("interest {:?}, but said to be {name}: {event:?}", self.interest)),
            None => Ok(()),
        }
    }
}
