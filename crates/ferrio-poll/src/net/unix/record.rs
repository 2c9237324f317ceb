//! What one receive took of a record.

/// What one receive took of a record, or of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    len: usize,
    is_truncated: bool,
    is_end: bool,
}

impl Record {
    pub(super) fn new(len: usize, is_truncated: bool, is_end: bool) -> Record {
        Record { len, is_truncated, is_end }
    }

    /// How many bytes are in the buffer.
    ///
    /// 0 is an empty datagram; of a connection it is the end, or an empty record: no system tells
    /// the two apart. After the end every receive says 0; after an empty record it gives the next
    /// record or would block.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if nothing is in the buffer; see [`len`](Record::len).
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// True if the record was longer than the buffer and its rest is lost.
    ///
    /// # Implementation notes
    ///
    /// `MSG_TRUNC`.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// True if the next receive begins another record, as it does for every datagram; false if it
    /// goes on with this one.
    ///
    /// # Implementation notes
    ///
    /// Linux and Android give a record by one receive, and lose what does not fit. The BSDs keep
    /// the rest for the next receive and mark the last part by `MSG_EOR`.
    pub fn is_end(&self) -> bool {
        self.is_end
    }
}
