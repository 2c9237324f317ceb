//! The list that a poll fills.
#![allow(unsafe_code, reason = "one cast between a type and its transparent wrapper")]

use std::fmt;
use std::iter::FusedIterator;
use std::ops::Index;
use std::slice;

use crate::event::Event;
use crate::sys;

/// The events of one poll.
///
/// Made once and reused: a poll clears it, fills it with at most
/// [`capacity`](Events::capacity) events and allocates nothing. Events for which
/// there was no room come with the next poll.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::time::Duration;
/// use ferrio::{Events, Poll};
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(128);
/// poll.poll(&mut events, Some(Duration::from_millis(1)))?;
/// for event in &events {
///     println!("{:?} is ready", event.token());
/// }
/// assert_eq!(events.len(), 0);
/// # Ok(())
/// # }
/// ```
pub struct Events {
    /// Room for all events; only the first `len` are of the last poll.
    buffer: Box<[sys::Event]>,
    /// How many events the last poll gave.
    len: usize,
}

impl Events {
    /// Room for `capacity` events, each 12 bytes on x86-64 Linux and 16
    /// elsewhere; at most for as many as fit into 2 GiB, more than the kernel can give
    /// at once.
    ///
    /// A poll with room for none could report nothing: it fails with
    /// `InvalidInput`.
    pub fn with_capacity(capacity: usize) -> Events {
        let capacity = capacity.min(sys::event::CAPACITY_MAX);
        Events { buffer: vec![sys::event::EMPTY; capacity].into_boxed_slice(), len: 0 }
    }

    /// Forgets the events. A poll does so by itself.
    #[inline]
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// The most events one poll can give.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.buffer.len()
    }

    /// How many events the last poll gave.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if the last poll gave none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The events, in no order that means anything.
    #[inline]
    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: self.buffer[..self.len].iter() }
    }

    /// The room of an empty list, at most `limit` events of it.
    #[inline]
    pub(crate) fn room(&mut self, limit: usize) -> &mut [sys::Event] {
        debug_assert!(self.is_empty());
        let limit = limit.min(self.buffer.len());
        &mut self.buffer[..limit]
    }

    /// Makes a list of the first `count` events of its [`room`](Self::room).
    #[inline]
    pub(crate) fn fill(&mut self, count: usize) {
        debug_assert!(count <= self.buffer.len());
        self.len = count;
    }

    /// Appends an event; there must be room.
    pub(crate) fn push(&mut self, event: sys::Event) {
        self.buffer[self.len] = event;
        self.len += 1;
    }
}

impl Index<usize> for Events {
    type Output = Event;

    /// The event at `index`, counted from 0.
    ///
    /// # Panics
    ///
    /// If there are not more than `index` events.
    fn index(&self, index: usize) -> &Event {
        wrap(&self.buffer[..self.len][index])
    }
}

impl<'a> IntoIterator for &'a Events {
    type Item = &'a Event;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

/// The events of one poll, one after the other; made by [`Events::iter`].
#[derive(Clone)]
pub struct Iter<'a> {
    /// The events that are still to come.
    rest: slice::Iter<'a, sys::Event>,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a Event;

    #[inline]
    fn next(&mut self) -> Option<&'a Event> {
        self.rest.next().map(wrap)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }

    fn count(self) -> usize {
        self.rest.count()
    }

    fn nth(&mut self, n: usize) -> Option<&'a Event> {
        self.rest.nth(n).map(wrap)
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl FusedIterator for Iter<'_> {}

impl fmt::Debug for Iter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// The public view of a kernel event.
fn wrap(event: &sys::Event) -> &Event {
    let event: *const sys::Event = event;
    // SAFETY: `Event` is `repr(transparent)` over `sys::Event`, so the pointer is
    // valid and aligned for it; the lifetime is that of the argument.
    unsafe { &*event.cast::<Event>() }
}
