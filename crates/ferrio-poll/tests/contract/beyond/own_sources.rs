//! Sources of one's own, and a table of them.

use std::io::{self, Read, Write};

use mio::{Interest, IoSource, Sources, Token};

use crate::harness::system::{StdStream, Stream, std_stream_pair};
use crate::harness::{assert_would_block, expect_one_event, poll_with_events};

const SOURCE: Token = Token(2);

/// Two connected streams of std, of which the first does not block.
pub(super) fn pair() -> (StdStream, StdStream) {
    let (reader, writer) = std_stream_pair();
    reader.set_nonblocking(true).unwrap();
    (reader, writer)
}

/// Reads a little.
pub(super) fn read(mut stream: &StdStream) -> io::Result<usize> {
    stream.read(&mut [0; 16])
}

#[test]
fn an_io_source_is_reported_and_rearmed_by_do_io() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, mut writer) = pair();
    let mut source = IoSource::new(reader);
    poll.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap();
    for _ in 0..3 {
        writer.write_all(b"!").unwrap();
        expect_one_event(&mut poll, &mut events, SOURCE);
        assert_eq!(source.do_io(read).unwrap(), 1);
        assert_would_block(source.do_io(read));
    }
    poll.registry().deregister(&mut source).unwrap();
    let reader = source.into_inner();
    assert_would_block(read(&reader));
}

#[test]
fn an_event_of_a_connection_that_is_gone_finds_nothing_in_the_table() {
    let (mut poll, mut events) = poll_with_events();
    let mut table = Sources::new();
    let (first, mut writer) = pair();
    let token = table.register(poll.registry(), Stream::from_std(first), Interest::READABLE).unwrap();
    writer.write_all(b"!").unwrap();
    let event = expect_one_event(&mut poll, &mut events, token);
    // The loop closes it and accepts another before it comes to the event.
    table.remove(token);
    let (second, _writer) = pair();
    let new = table.register(poll.registry(), Stream::from_std(second), Interest::READABLE).unwrap();
    assert!(table.get_mut(event.token()).is_none() && table.get_mut(new).is_some());
    assert_eq!(table.len(), 1);
}
