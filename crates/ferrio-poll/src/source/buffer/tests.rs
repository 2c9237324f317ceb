//! Buffers over sources and sinks that block, are interrupted, and fail.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};

use super::{Input, Output, OutputBuffer, read_available};

/// What a source or a sink does, call by call; it would block at the end.
struct Script(VecDeque<Result<usize, ErrorKind>>);

impl Script {
    fn new(calls: impl IntoIterator<Item = Result<usize, ErrorKind>>) -> Script {
        Script(calls.into_iter().collect())
    }

    fn next(&mut self, len: usize) -> io::Result<usize> {
        match self.0.pop_front() {
            Some(Ok(count)) => Ok(count.min(len)),
            Some(Err(kind)) => Err(kind.into()),
            None => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

impl Read for &mut Script {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.next(buf.len())?;
        buf[..count].fill(b'x');
        Ok(count)
    }
}

impl Write for &mut Script {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.next(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn reading_goes_on_until_it_would_block_and_over_interruptions() {
    let mut source = Script::new([Ok(3), Err(ErrorKind::Interrupted), Ok(4)]);
    let mut bytes = b"ab".to_vec();
    assert_eq!(read_available(&mut source, &mut bytes, 100).unwrap(), Input::Blocked);
    assert_eq!(bytes, b"abxxxxxxx");
}

#[test]
fn reading_tells_the_end_from_the_budget() {
    let mut source = Script::new([Ok(30), Ok(30), Ok(0)]);
    let mut bytes = Vec::new();
    assert_eq!(read_available(&mut source, &mut bytes, 40).unwrap(), Input::More);
    assert_eq!(bytes.len(), 40);
    assert_eq!(read_available(&mut source, &mut bytes, 40).unwrap(), Input::Ended);
    assert_eq!(bytes.len(), 40);
}

#[test]
fn an_error_of_a_read_leaves_what_came_before() {
    let mut source = Script::new([Ok(3), Err(ErrorKind::ConnectionReset)]);
    let mut bytes = Vec::new();
    let error = read_available(&mut source, &mut bytes, 100).unwrap_err();
    assert_eq!((error.kind(), bytes.len()), (ErrorKind::ConnectionReset, 3));
}

#[test]
fn a_budget_of_nothing_reads_nothing() {
    let mut source = Script::new([Ok(1)]);
    assert_eq!(read_available(&mut source, &mut Vec::new(), 0).unwrap(), Input::More);
    assert_eq!(source.0.len(), 1);
}

#[test]
fn writing_keeps_what_was_not_taken_in_its_order() {
    let mut output = OutputBuffer::with_limit(10);
    let mut sink = Script::new([Ok(2), Err(ErrorKind::Interrupted), Ok(1)]);
    assert_eq!(output.write_to(&mut sink, b"abcde").unwrap(), Output::Blocked);
    assert_eq!(output.as_slice(), b"de");
    output.push(b"fghijklm").unwrap();
    assert_eq!((output.as_slice(), output.room(), output.is_full()), (&b"defghijklm"[..], 0, true));
    let mut sink = Script::new([Ok(100)]);
    assert_eq!(output.flush_to(&mut sink).unwrap(), Output::Empty);
    assert!(output.is_empty() && output.room() == 10);
}

#[test]
fn a_full_buffer_takes_nothing_of_what_is_too_much() {
    let mut output = OutputBuffer::with_limit(4);
    output.push(b"abc").unwrap();
    let error = output.push(b"de").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull);
    let text = error.to_string();
    assert!(text.contains('2') && text.contains('3') && text.contains('4'), "{text}");
    assert_eq!(output.as_slice(), b"abc");
}

#[test]
fn a_sink_that_takes_nothing_or_fails_keeps_the_bytes() {
    for (call, kind) in [(Ok(0), ErrorKind::WriteZero), (Err(ErrorKind::BrokenPipe), ErrorKind::BrokenPipe)] {
        let mut output = OutputBuffer::with_limit(4);
        let error = output.write_to(&mut Script::new([call]), b"abc").unwrap_err();
        assert_eq!((error.kind(), output.len()), (kind, 3));
    }
}

#[test]
fn an_empty_buffer_gives_a_burst_back() {
    let mut output = OutputBuffer::with_limit(1 << 20);
    output.push(&[0; 1 << 20]).unwrap();
    assert_eq!(output.flush_to(&mut Script::new([Ok(1 << 20)])).unwrap(), Output::Empty);
    assert!(output.bytes.capacity() <= super::KEPT_MAX);
}
