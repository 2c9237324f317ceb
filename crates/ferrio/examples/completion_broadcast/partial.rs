//! A line that has come in part.

use std::sync::Arc;

use ferrio::proactor::Chunk;

/// The longest line.
const LINE_MAX: usize = 64 * 1024;
/// How many pieces are kept as they came. Each is a buffer of the pool, however short it is.
const PIECES_MAX: usize = 4;

/// The begin of a line.
#[derive(Default)]
pub(crate) struct Partial {
    pieces: Vec<Chunk>,
    /// The same, once there were too many pieces.
    joined: Vec<u8>,
}

/// A line, or several, to be sent.
pub(crate) enum Lines {
    /// In the buffers that they came in.
    Pieces(Vec<Chunk>),
    /// Put together.
    Joined(Arc<[u8]>),
}

/// The line has more than [`LINE_MAX`] bytes.
pub(crate) struct TooLong;

impl Partial {
    /// Adds what came.
    pub(crate) fn add(&mut self, chunk: Chunk) -> Result<Option<Lines>, TooLong> {
        let Some(last) = chunk.iter().rposition(|byte| *byte == b'\n') else {
            return self.keep(chunk).map(|()| None);
        };
        let (lines, rest) = (chunk.slice(..=last), chunk.slice(last + 1..));
        let lines = if self.joined.is_empty() {
            let mut pieces = std::mem::take(&mut self.pieces);
            pieces.push(lines);
            Lines::Pieces(pieces)
        } else {
            self.joined.extend_from_slice(&lines);
            Lines::Joined(std::mem::take(&mut self.joined).into())
        };
        if !rest.is_empty() {
            self.keep(rest)?;
        }
        Ok(Some(lines))
    }

    fn keep(&mut self, chunk: Chunk) -> Result<(), TooLong> {
        if self.joined.is_empty() && self.pieces.len() < PIECES_MAX {
            self.pieces.push(chunk);
        } else {
            for piece in self.pieces.drain(..) {
                self.joined.extend_from_slice(&piece);
            }
            self.joined.extend_from_slice(&chunk);
        }
        if self.joined.len() > LINE_MAX { Err(TooLong) } else { Ok(()) }
    }
}
