//! Sources that still have something to do.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::time::{Duration, Instant};

use crate::token::Token;

/// The sources that still have something to do although no event will say so: what was left
/// for later in fairness to others.
///
/// Events are edges: a connection that is left half-read gets no further event. A loop puts
/// its token on this list, does not sleep while anything is on the list, and serves each
/// listed source once per turn, a budget at a time.
///
/// A token is on the list at most once, however often it is pushed.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::io::Write;
/// use ferrio::buffer::{Input, read_available};
/// use ferrio::unix::pipe;
/// use ferrio::{Events, Interest, Poll, ReadyList, Token};
///
/// let mut poll = Poll::new()?;
/// let mut events = Events::with_capacity(8);
/// let (mut sender, mut receiver) = pipe::new()?;
/// poll.registry().register(&mut receiver, Token(0), Interest::READABLE)?;
/// sender.write_all(&[7; 5000])?;
/// drop(sender);
///
/// let mut ready = ReadyList::new();
/// let mut bytes = Vec::new();
/// let mut is_open = true;
/// while is_open {
///     // Does not sleep while something is listed.
///     poll.wait(&mut events, ready.timeout(None))?;
///     ready.extend(events.iter().map(|event| event.token()));
///     for _ in 0..ready.len() {
///         let Some(token) = ready.pop() else { break };
///         // At most 2,000 bytes each turn.
///         match read_available(&mut receiver, &mut bytes, 2000)? {
///             Input::More => ready.push(token),
///             Input::Blocked => {}
///             Input::Ended => is_open = false,
///         }
///     }
/// }
/// assert_eq!(bytes.len(), 5000);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ReadyList {
    /// In the order in which they are served.
    queue: VecDeque<Token>,
    /// The same, to find out whether a token is listed.
    listed: HashSet<Token, BuildHasherDefault<TokenHasher>>,
}

impl ReadyList {
    /// A list with nothing on it.
    pub fn new() -> ReadyList {
        ReadyList::default()
    }

    /// Puts `token` at the end of the list, unless it is listed.
    pub fn push(&mut self, token: Token) {
        if self.listed.insert(token) {
            self.queue.push_back(token);
        }
    }

    /// Takes `token` from the list, as when its source was closed. True if it was listed.
    pub fn remove(&mut self, token: Token) -> bool {
        let was_listed = self.listed.remove(&token);
        if was_listed {
            self.queue.retain(|listed| *listed != token);
        }
        was_listed
    }

    /// Takes the first token from the list. For one turn of the loop, in which each source that
    /// is listed now is served once, call it as often as the list is [long](ReadyList::len)
    /// before: what is pushed meanwhile comes with the next turn.
    pub fn pop(&mut self) -> Option<Token> {
        let token = self.queue.pop_front()?;
        self.listed.remove(&token);
        Some(token)
    }

    /// How long a poll may sleep: not at all while anything is listed, and `otherwise` if
    /// nothing is.
    pub fn timeout(&self, otherwise: Option<Duration>) -> Option<Duration> {
        if self.is_empty() { otherwise } else { Some(Duration::ZERO) }
    }

    /// The same as a deadline, for [`Poll::poll_until`](crate::Poll::poll_until): now while
    /// anything is listed, and `otherwise`, such as the first deadline of a
    /// [`Wheel`](crate::time::Wheel), if nothing is.
    pub fn deadline(&self, otherwise: Option<Instant>) -> Option<Instant> {
        if self.is_empty() { otherwise } else { Some(Instant::now()) }
    }

    /// True if `token` is listed.
    pub fn contains(&self, token: Token) -> bool {
        self.listed.contains(&token)
    }

    /// How many tokens are listed.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// True if none is.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

impl Extend<Token> for ReadyList {
    fn extend<I: IntoIterator<Item = Token>>(&mut self, tokens: I) {
        tokens.into_iter().for_each(|token| self.push(token));
    }
}

/// Tokens are numbers that the program chose, and need no hash against an attacker.
#[derive(Clone, Debug, Default)]
struct TokenHasher(u64);

impl Hasher for TokenHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(usize::from(*byte)));
    }

    fn write_usize(&mut self, number: usize) {
        // Multiplying spreads the lower bits upwards, and the fold brings them back: the table
        // uses both ends. The factor is 2^64 divided by the golden ratio.
        let product = u128::from(self.0 ^ number as u64) * 0x9e37_79b9_7f4a_7c15;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_listed_once_and_served_in_its_turn() {
        let mut ready = ReadyList::new();
        ready.extend([1, 2, 1, 3, 2].map(Token));
        assert_eq!((ready.len(), ready.timeout(None)), (3, Some(Duration::ZERO)));
        assert!(ready.remove(Token(2)) && !ready.remove(Token(2)) && !ready.contains(Token(2)));
        let mut served = Vec::new();
        for _ in 0..ready.len() {
            let Some(token) = ready.pop() else { break };
            served.push(token.0);
            ready.push(token);
        }
        assert_eq!(served, [1, 3]);
        assert_eq!([ready.pop(), ready.pop(), ready.pop()], [Some(Token(1)), Some(Token(3)), None]);
        assert_eq!((ready.is_empty(), ready.timeout(None)), (true, None));
        let later = Some(Instant::now() + Duration::from_secs(1));
        assert_eq!(ready.deadline(later), later);
        ready.push(Token(9));
        assert!(ready.deadline(later) < later && ready.deadline(None).is_some());
    }
}
