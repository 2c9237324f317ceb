//! What a short read proves, and where it proves nothing.
//!
//! `Capabilities::short_read_drains` holds for a plain read of a TCP stream, a Unix stream and
//! a pipe. Each test here is one of its exceptions: a read returns fewer bytes than asked, and
//! yet there are more.

use std::io::{Read, Write};

use mio::net::TcpStream;
use mio::{Interest, Token};

use crate::harness::{expect_no_events, expect_one_event, poll_with_events, retry};
use crate::net_harness::{send_urgent, settle, tcp_pair};

const SOURCE: Token = Token(5);

/// Reads with far more room than there can be bytes, and returns them.
pub(crate) fn read_once(mut source: impl Read) -> Vec<u8> {
    let mut buf = [0; 4096];
    let count = source.read(&mut buf).unwrap();
    buf[..count].to_vec()
}

#[test]
fn a_plain_short_read_has_drained_its_stream() {
    let (mut poll, mut events) = poll_with_events();
    let (left, mut right) = tcp_pair();
    poll.registry().register(&mut right, SOURCE, Interest::READABLE).unwrap();
    for round in 0..50_u8 {
        (&left).write_all(&[round]).unwrap();
        (&left).write_all(&[round]).unwrap();
        settle();
        expect_one_event(&mut poll, &mut events, SOURCE);
        // Without a read that would block, each time.
        let mut bytes = read_once(&right);
        if bytes.len() == 1 {
            expect_one_event(&mut poll, &mut events, SOURCE);
            bytes.extend(read_once(&right));
        }
        assert_eq!(bytes, [round, round]);
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_read_ends_at_the_urgent_mark() {
    let (left, right) = tcp_pair();
    (&left).write_all(b"before").unwrap();
    send_urgent(&left);
    (&left).write_all(b"after").unwrap();
    settle();
    let right: &TcpStream = &right;
    assert_eq!(
        retry(|| {
            let mut right = right;
            let mut buf = [0; 64];
            right.read(&mut buf).map(|n| buf[..n].to_vec())
        })
        .unwrap(),
        b"before"
    );
    assert_eq!(read_once(right), b"after");
}
