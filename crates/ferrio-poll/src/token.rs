//! The user's name for a registration.

/// The user's name for a registration: it comes back with each event.
///
/// A token is a plain number. Ferrio never looks into it, keeps no bit of it for
/// itself and lets several sources carry the same one; an index into a slab, a
/// counter or a pointer all serve.
///
/// # Examples
///
/// ```
/// use ferrio_poll::Token;
///
/// const LISTENER: Token = Token(0);
/// assert_eq!(usize::from(LISTENER), 0);
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub usize);

impl From<Token> for usize {
    fn from(token: Token) -> usize {
        token.0
    }
}
