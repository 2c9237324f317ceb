//! The protocol of redis: how a command is read and an answer written.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The most words of a command and the most bytes of a word.
const WORDS_MAX: usize = 1024;
const WORD_MAX: usize = 64 << 20;

/// An answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// A word of the protocol, such as `OK`.
    Simple(&'static str),
    /// What went wrong.
    Error(String),
    /// A number.
    Integer(i64),
    /// Bytes.
    Bulk(Vec<u8>),
    /// There is nothing.
    Nil,
}

/// The next command: an array of words. `None` at the end of the stream.
pub async fn read_command(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<Vec<u8>>>> {
    let Some(count) = read_len(reader, b'*', WORDS_MAX).await? else { return Ok(None) };
    let mut words = Vec::with_capacity(count);
    for _ in 0..count {
        let len = read_len(reader, b'$', WORD_MAX).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut word = vec![0; len + 2];
        reader.read_exact(&mut word).await?;
        if !word.ends_with(b"\r\n") {
            return Err(bad("a word that does not end where it says"));
        }
        word.truncate(len);
        words.push(word);
    }
    Ok(Some(words))
}

/// Writes an answer.
pub async fn write_answer(writer: &mut (impl AsyncWrite + Unpin), answer: &Answer) -> io::Result<()> {
    match answer {
        Answer::Simple(word) => writer.write_all(format!("+{word}\r\n").as_bytes()).await,
        Answer::Error(text) => writer.write_all(format!("-ERR {text}\r\n").as_bytes()).await,
        Answer::Integer(number) => writer.write_all(format!(":{number}\r\n").as_bytes()).await,
        Answer::Nil => writer.write_all(b"$-1\r\n").await,
        Answer::Bulk(bytes) => {
            writer.write_all(format!("${}\r\n", bytes.len()).as_bytes()).await?;
            writer.write_all(bytes).await?;
            writer.write_all(b"\r\n").await
        }
    }
}

/// A line of `mark` and a length of at most `max`. `None` at the end of the stream.
async fn read_len(
    reader: &mut (impl AsyncBufRead + Unpin),
    mark: u8,
    max: usize,
) -> io::Result<Option<usize>> {
    let mut line = Vec::new();
    // A length is short; whoever sends a long line does not speak this protocol.
    if reader.take(32).read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    let digits = line.strip_prefix(&[mark]).and_then(|rest| rest.strip_suffix(b"\r\n"));
    let len = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    match len.filter(|len| *len <= max) {
        Some(len) => Ok(Some(len)),
        None => Err(bad("a length was expected")),
    }
}

fn bad(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}
