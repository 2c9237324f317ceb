//! The memory of one message, as a call takes it.

/// The memory that one header points to.
pub(crate) struct Parts<'a> {
    /// The address of the peer; `None` if there is none.
    pub(crate) address: Option<&'a mut [u8]>,
    /// The bytes of the message; the kernel writes to them only if they are to be received.
    pub(crate) bytes: Bytes<'a>,
    /// The control messages.
    pub(crate) control: &'a mut [u8],
}

/// The bytes of a message.
pub(crate) enum Bytes<'a> {
    /// To be filled.
    In(&'a mut [u8]),
    /// To be sent.
    Out(&'a [u8]),
}
