//! A table of sources whose tokens go stale.

mod vacant_entry;

use std::convert::Infallible;
use std::fmt;
use std::io;

use crate::interest::Interest;
use crate::mode::Mode;
use crate::registry::{Registry, Source};
use crate::slab::{Key, Slab};
pub use crate::source::sources::vacant_entry::VacantEntry;
use crate::token::Token;

/// A table that names what it holds by tokens, each of them once.
///
/// A loop that closes a connection while it serves a batch may find another event of it
/// further on in the same batch. If its index is in use again by then, that event would
/// reach the new connection. Here each token carries the generation of its index: the token
/// of something that was removed finds nothing, ever.
///
/// Tokens below 2<sup>32</sup>, or 2<sup>16</sup> where a token has 32 bits, never come from
/// a table and are free for listeners, wakers and timers. Two tables of one Poll may give
/// the same token.
///
/// An index that has been through all its generations is not used again.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::{TcpListener, TcpStream};
/// use ferrio::{Events, Interest, Poll, Sources, Token};
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
#[doc(alias = "Slab")]
pub struct Sources<S> {
    slab: Slab<S>,
}

impl<S> Sources<S> {
    /// A table with nothing in it.
    pub fn new() -> Sources<S> {
        Sources::with_capacity(0)
    }

    /// The same, with room for `capacity` values before it grows.
    ///
    /// # Panics
    ///
    /// If that is more than a `Vec` can hold.
    pub fn with_capacity(capacity: usize) -> Sources<S> {
        Sources { slab: Slab::with_capacity(capacity, GENERATION_LAST) }
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
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio::net::UnixStream;
    /// use ferrio::{Interest, Poll, Sources, Token};
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
        let value = make(self.next_token())?;
        Ok(token(self.slab.insert(value)))
    }

    /// A place in the table with its token, to be filled once the value is made.
    ///
    /// # Panics
    ///
    /// As [`insert`](Sources::insert) does.
    ///
    /// # Examples
    ///
    /// A proxy's pair, whose sockets share an entry and are told apart by a tag:
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use ferrio::net::UnixStream;
    /// use ferrio::{Interest, Poll, Sources};
    ///
    /// struct Pair {
    ///     client: UnixStream,
    ///     server: UnixStream,
    /// }
    ///
    /// const CLIENT: u8 = 0;
    /// const SERVER: u8 = 1;
    ///
    /// let poll = Poll::new()?;
    /// let mut pairs = Sources::new();
    /// let (mut client, mut server) = UnixStream::pair()?;
    /// let entry = pairs.vacant_entry();
    /// let token = entry.token();
    /// poll.registry().register(&mut client, token.tagged(CLIENT), Interest::READABLE)?;
    /// poll.registry().register(&mut server, token.tagged(SERVER), Interest::READABLE)?;
    /// entry.insert(Pair { client, server });
    ///
    /// // Either token finds the pair, and says which of its sockets an event is of.
    /// let of_server = token.tagged(SERVER);
    /// assert!(pairs.get(of_server).is_some());
    /// assert_eq!(of_server.tag(), SERVER);
    /// # Ok(())
    /// # }
    /// ```
    pub fn vacant_entry(&mut self) -> VacantEntry<'_, S> {
        let token = self.next_token();
        VacantEntry { sources: self, token }
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

    /// What `token` names; `None` if it is stale. The token of another table may name
    /// something here too.
    pub fn get(&self, token: Token) -> Option<&S> {
        self.slab.get(key(token))
    }

    /// What `token` names, to be changed; `None` if it is stale.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut S> {
        self.slab.get_mut(key(token))
    }

    /// What two tokens name, to be changed both; `None` if either is stale or both name the
    /// same.
    pub fn get_two_mut(&mut self, one: Token, other: Token) -> Option<(&mut S, &mut S)> {
        self.slab.get_two_mut(key(one), key(other))
    }

    /// True if `token` names something.
    pub fn contains(&self, token: Token) -> bool {
        self.get(token).is_some()
    }

    /// Takes out what `token` names; the token is stale from then on. `None` if it was stale
    /// already.
    ///
    /// Dropping a source ends its registration; one that lives on has to be deregistered.
    pub fn remove(&mut self, token: Token) -> Option<S> {
        self.slab.remove(key(token))
    }

    /// Takes out all values; their tokens are stale from then on.
    pub fn clear(&mut self) {
        self.retain(|_, _| false);
    }

    /// Takes out the values for which `keep` is false.
    pub fn retain(&mut self, mut keep: impl FnMut(Token, &mut S) -> bool) {
        for index in 0..self.slab.index_end() {
            if let Some(key) = self.slab.key(index) {
                if !keep(token(key), self.slab.at(index)) {
                    self.slab.remove(key);
                }
            }
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All values with their tokens, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (Token, &S)> {
        self.slab.iter().map(|(key, value)| (token(key), value))
    }

    /// All values with their tokens, to be changed, in no particular order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Token, &mut S)> {
        self.slab.iter_mut().map(|(key, value)| (token(key), value))
    }

    /// The token that the next value gets.
    fn next_token(&self) -> Token {
        let key = self.slab.next_key();
        assert!(key.index as usize <= HALF, "a table holds at most {} values", HALF as u64 + 1);
        token(key)
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

/// The token of `key`: the lower half of its bits are the index. Of the upper half the first
/// bits are the tag, and the others the generation.
fn token(key: Key) -> Token {
    // Both fit: the index by the check of `next_token`, the generation by `GENERATION_LAST`.
    Token((key.generation as usize) << HALF_BITS | key.index as usize)
}

/// The key that `token` stands for, whether or not there is a value.
fn key(token: Token) -> Key {
    Key { index: (token.0 & HALF) as u32, generation: (token.untagged().0 >> HALF_BITS) as u32 }
}

/// Half of the bits of a token.
const HALF_BITS: u32 = usize::BITS / 2;

const HALF: usize = usize::MAX >> HALF_BITS;

/// The last generation that a token can name.
const GENERATION_LAST: u32 = (HALF >> Token::TAG_BITS) as u32;

#[cfg(all(test, not(ferrio_loom)))]
mod tests;
