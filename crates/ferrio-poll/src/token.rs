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
/// # extern crate ferrio_poll as ferrio;
/// use ferrio::Token;
///
/// const LISTENER: Token = Token(0);
/// assert_eq!(usize::from(LISTENER), 0);
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub usize);

impl Token {
    /// How many tags there are: 16, or 4 where a token has 32 bits.
    pub const TAGS: u8 = 1 << Token::TAG_BITS;

    pub(crate) const TAG_BITS: u32 = if usize::BITS == 64 { 4 } else { 2 };

    const TAG_SHIFT: u32 = usize::BITS - Token::TAG_BITS;

    /// This token with `tag` in its uppermost bits, in place of what stands there: for an
    /// object with several sources, whose events are then told apart by their
    /// [`tag`](Token::tag).
    ///
    /// [`Sources`](crate::Sources) finds a value by any of its tagged tokens. In a token of
    /// another origin those bits must be free.
    ///
    /// # Panics
    ///
    /// If `tag` is not below [`TAGS`](Token::TAGS).
    pub const fn tagged(self, tag: u8) -> Token {
        assert!(tag < Token::TAGS, "a token has room for 16 tags, or for 4 where it has 32 bits");
        Token(self.untagged().0 | (tag as usize) << Token::TAG_SHIFT)
    }

    /// The tag in the uppermost bits of this token.
    pub const fn tag(self) -> u8 {
        (self.0 >> Token::TAG_SHIFT) as u8
    }

    /// This token without its tag.
    pub const fn untagged(self) -> Token {
        Token(self.0 & (usize::MAX >> Token::TAG_BITS))
    }
}

impl From<Token> for usize {
    fn from(token: Token) -> usize {
        token.0
    }
}
