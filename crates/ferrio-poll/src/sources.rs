//! A table of sources whose tokens go stale.

use std::convert::Infallible;
use std::fmt;
use std::io;

use crate::interest::Interest;
use crate::mode::Mode;
use crate::registry::{Registry, Source};
use crate::token::Token;

/// A table that names what it holds by tokens, each of them once.
///
/// A loop that closes a connection while it serves a batch may find another event of it
/// further on in the same batch. With places that are used again, that event would reach
/// whoever has the place now. Here each token carries the generation of its place: the token
/// of something that was removed finds nothing, ever.
///
/// Tokens below 2<sup>32</sup>, or 2<sup>16</sup> where a token has 32 bits, never come from
/// a table and are free for listeners, wakers and timers. Two tables of one Poll may give
/// the same token.
///
/// A place whose generations are used up is not used again.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use ferrio_poll::net::{TcpListener, TcpStream};
/// use ferrio_poll::{Events, Interest, Poll, Sources, Token};
///
/// const LISTENER: Token = Token(0);
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(64);
/// let mut connections: Sources<TcpStream> = Sources::new();
/// let mut listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
/// let client = std::net::TcpStream::connect(listener.local_addr()?)?;
///
/// poll.poll(&mut events, None)?;
/// let (stream, _) = listener.accept()?;
/// let token = connections.register(poll.registry(), stream, Interest::READABLE)?;
/// drop(client);
///
/// poll.poll(&mut events, None)?;
/// assert!(connections.get_mut(events[0].token()).is_some());
/// connections.remove(token);
/// assert!(connections.get_mut(events[0].token()).is_none());
/// # Ok(())
/// # }
/// ```
pub struct Sources<S> {
    places: Vec<Place<S>>,
    /// The places that are free again.
    free: Vec<usize>,
    /// How many places have a value.
    len: usize,
}

/// A place in the table.
struct Place<S> {
    /// How often something was put here; tells its tokens from those of before.
    generation: usize,
    value: Option<S>,
}

impl<S> Sources<S> {
    /// A table with nothing in it.
    pub fn new() -> Sources<S> {
        Sources { places: Vec::new(), free: Vec::new(), len: 0 }
    }

    /// The same, with room for `capacity` values before it grows.
    ///
    /// # Panics
    ///
    /// If that is more than a `Vec` can hold.
    pub fn with_capacity(capacity: usize) -> Sources<S> {
        Sources { places: Vec::with_capacity(capacity), free: Vec::new(), len: 0 }
    }

    /// Puts `value` into the table and returns the token that names it.
    ///
    /// # Panics
    ///
    /// If there are 2<sup>32</sup> values, 2<sup>16</sup> where a token has 32 bits.
    pub fn insert(&mut self, value: S) -> Token {
        match self.try_insert_with(|_| Ok::<_, Infallible>(value)) {
            Ok(token) => token,
            Err(never) => match never {},
        }
    }

    /// Puts into the table what `make` makes for a token, and returns that token; if it makes
    /// an error, nothing is put in.
    ///
    /// For values that are no sources themselves, and for those that need their token.
    ///
    /// # Errors
    ///
    /// The error that `make` returns.
    ///
    /// # Panics
    ///
    /// As [`insert`](Sources::insert) does.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio_poll::net::UnixStream;
    /// use ferrio_poll::{Interest, Poll, Sources, Token};
    ///
    /// struct Client {
    ///     stream: UnixStream,
    ///     token: Token,
    /// }
    ///
    /// let poll = Poll::new()?;
    /// let mut clients = Sources::new();
    /// let (mut stream, _peer) = UnixStream::pair()?;
    /// let token = clients.try_insert_with(|token| {
    ///     poll.registry().register(&mut stream, token, Interest::READABLE)?;
    ///     Ok::<_, std::io::Error>(Client { stream, token })
    /// })?;
    /// assert_eq!(clients.get(token).unwrap().token, token);
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_insert_with<E>(&mut self, make: impl FnOnce(Token) -> Result<S, E>) -> Result<Token, E> {
        let (index, generation) = match self.free.last() {
            Some(index) => (*index, self.places[*index].generation + 1),
            None => (self.places.len(), 1),
        };
        assert!(index <= HALF, "a table holds at most {} values", HALF as u64 + 1);
        let token = Token(generation << HALF_BITS | index);
        let place = Place { generation, value: Some(make(token)?) };
        match self.free.pop() {
            Some(index) => self.places[index] = place,
            None => self.places.push(place),
        }
        self.len += 1;
        Ok(token)
    }

    /// Registers `source`, puts it into the table and returns its token.
    ///
    /// # Errors
    ///
    /// Those of [`Registry::register`]; the source is dropped then.
    ///
    /// # Panics
    ///
    /// As [`insert`](Sources::insert) does.
    pub fn register(&mut self, registry: &Registry, source: S, interest: Interest) -> io::Result<Token>
    where
        S: Source,
    {
        self.register_with(registry, source, interest, Mode::Edge)
    }

    /// The same, with a mode of its own.
    ///
    /// # Errors
    ///
    /// Those of [`Registry::register_with`]; the source is dropped then.
    ///
    /// # Panics
    ///
    /// As [`insert`](Sources::insert) does.
    pub fn register_with(
        &mut self,
        registry: &Registry,
        mut source: S,
        interest: Interest,
        mode: Mode,
    ) -> io::Result<Token>
    where
        S: Source,
    {
        self.try_insert_with(|token| {
            registry.register_with(&mut source, token, interest, mode)?;
            Ok(source)
        })
    }

    /// What `token` names; `None` if it is stale or not of this table.
    pub fn get(&self, token: Token) -> Option<&S> {
        let place = self.places.get(token.0 & HALF)?;
        if place.generation == token.0 >> HALF_BITS { place.value.as_ref() } else { None }
    }

    /// What `token` names, to be changed; `None` if it is stale or not of this table.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut S> {
        let place = self.places.get_mut(token.0 & HALF)?;
        if place.generation == token.0 >> HALF_BITS { place.value.as_mut() } else { None }
    }

    /// True if `token` names something.
    pub fn contains(&self, token: Token) -> bool {
        self.get(token).is_some()
    }

    /// Takes out what `token` names; the token is stale from then on. `None` if it was stale
    /// already.
    ///
    /// To drop a source ends its registration; one that lives on is to be deregistered.
    pub fn remove(&mut self, token: Token) -> Option<S> {
        let index = token.0 & HALF;
        let place = self.places.get_mut(index).filter(|place| place.generation == token.0 >> HALF_BITS)?;
        let value = place.value.take()?;
        if place.generation < HALF {
            self.free.push(index);
        }
        self.len -= 1;
        Some(value)
    }

    /// Takes out all values; their tokens are stale from then on.
    pub fn clear(&mut self) {
        self.retain(|_, _| false);
    }

    /// Takes out the values for which `keep` is false.
    pub fn retain(&mut self, mut keep: impl FnMut(Token, &mut S) -> bool) {
        for index in 0..self.places.len() {
            let place = &mut self.places[index];
            let token = Token(place.generation << HALF_BITS | index);
            if place.value.as_mut().is_some_and(|value| !keep(token, value)) {
                self.remove(token);
            }
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All values with their tokens, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (Token, &S)> {
        self.places.iter().enumerate().filter_map(|(index, place)| {
            place.value.as_ref().map(|value| (Token(place.generation << HALF_BITS | index), value))
        })
    }

    /// All values with their tokens, to be changed, in no particular order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Token, &mut S)> {
        self.places.iter_mut().enumerate().filter_map(|(index, place)| {
            let token = Token(place.generation << HALF_BITS | index);
            place.value.as_mut().map(|value| (token, value))
        })
    }
}

impl<S> Default for Sources<S> {
    fn default() -> Sources<S> {
        Sources::new()
    }
}

impl<S: fmt::Debug> fmt::Debug for Sources<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Half of the bits of a token: the lower ones are the place, the upper the generation.
const HALF_BITS: u32 = usize::BITS / 2;

const HALF: usize = usize::MAX >> HALF_BITS;

#[cfg(test)]
mod tests {
    use super::{HALF, HALF_BITS, Sources};
    use crate::token::Token;

    #[test]
    fn a_stale_token_finds_nothing_though_its_place_is_used_again() {
        let mut table = Sources::new();
        let first = table.insert("first");
        assert_eq!(table.remove(first), Some("first"));
        let second = table.insert("second");
        assert_eq!(second.0 & HALF, first.0 & HALF);
        assert!(!table.contains(first) && table.get_mut(first).is_none() && table.remove(first).is_none());
        assert_eq!(table.get(second), Some(&"second"));
        assert_eq!(format!("{table:?}"), format!("{{{second:?}: \"second\"}}"));
    }

    #[test]
    fn small_tokens_are_left_to_others() {
        let mut table = Sources::with_capacity(4);
        let tokens: Vec<_> = (0..4).map(|n| table.insert(n)).collect();
        assert!(tokens.iter().all(|token| token.0 > HALF));
        assert!([0, 1, HALF, usize::MAX].iter().all(|n| !table.contains(Token(*n))));
        assert_eq!((table.len(), table.is_empty()), (4, false));
        table.iter_mut().for_each(|(_, n)| *n += 1);
        assert!(tokens.iter().all(|token| table.remove(*token).is_some()));
        assert!(table.is_empty());
    }

    #[test]
    fn values_are_taken_out_by_what_they_are() {
        let mut table = Sources::new();
        let tokens: Vec<_> = (0..10).map(|n| table.insert(n)).collect();
        table.retain(|token, n| {
            assert_eq!(tokens[*n], token);
            *n % 2 == 0
        });
        assert_eq!((table.len(), table.iter().count()), (5, 5));
        assert!(table.contains(tokens[4]) && !table.contains(tokens[5]));
        table.clear();
        assert!(table.is_empty() && table.insert(0).0 != tokens[0].0);
    }

    #[test]
    fn a_place_whose_generations_are_used_up_is_left_empty() {
        let mut table = Sources::new();
        table.insert('a');
        table.places[0].generation = HALF;
        let last = Token(HALF << HALF_BITS);
        assert_eq!(table.remove(last), Some('a'));
        assert_eq!(table.insert('b').0 & HALF, 1);
        assert_eq!(table.get(last), None);
    }
}
