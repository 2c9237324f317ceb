//! A message as it was read.

/// A part of a message, as [`read_message`](crate::windows::NamedPipe::read_message) has read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagePart {
    len: usize,
    is_last: bool,
}

impl MessagePart {
    pub(super) fn new(len: usize, is_last: bool) -> MessagePart {
        MessagePart { len, is_last }
    }

    /// How many bytes of the buffer it fills.
    // An empty part is no special case, and `is_empty` would be taken for the end.
    #[allow(clippy::len_without_is_empty, reason = "a part may be empty and is still a part")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if the message ends with it.
    pub fn is_last(&self) -> bool {
        self.is_last
    }
}
