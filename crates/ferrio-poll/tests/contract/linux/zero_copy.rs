//! Sends whose bytes the kernel reads where they are.
#![allow(unsafe_code, reason = "a notice is read from the error queue by recvmsg(2)")]

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::sync::Arc;

use mio::net::TcpStream;
use mio::net::ZeroCopySends;
use mio::{Interest, Token, TryRead};

use crate::harness::skips::is_skipped;
use crate::harness::{assert_kind, expect_one_event, poll_with_events, retry};
use crate::net_harness::tcp_pair;
use crate::subject::{self, Hint};

const STREAM: Token = Token(6);

/// `SO_EE_ORIGIN_ZEROCOPY`.
const ORIGIN_ZEROCOPY: u8 = 5;

/// The first and the last send of a notice in the error queue, which has nothing else here.
fn notice(stream: &TcpStream) -> io::Result<(u32, u32)> {
    let mut control = [0_u64; 16];
    // SAFETY: a `msghdr` is made of integers and pointers, which may all be zero.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = size_of_val(&control) as _;
    let flags = libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT;
    // SAFETY: the control memory is as long as it says, and borrowed until the call has returned.
    let result = unsafe { libc::recvmsg(stream.as_raw_fd(), &raw mut message, flags) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    // Behind the header: errno; origin, type, code; and the two.
    let header = size_of::<libc::cmsghdr>();
    let bytes: Vec<u8> = control.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let integer = |at: usize| u32::from_ne_bytes(bytes[header + at..header + at + 4].try_into().unwrap());
    assert_eq!((integer(0), bytes[header + 4]), (0, ORIGIN_ZEROCOPY));
    Ok((integer(8), integer(12)))
}

/// Reads `count` bytes, all of them `byte`.
fn expect_bytes(mut stream: &TcpStream, byte: u8, mut count: usize) {
    let mut buf = vec![0; 1 << 16];
    while count > 0 {
        let room = buf.len().min(count);
        let read = retry(|| stream.read(&mut buf[..room])).unwrap();
        assert!(read > 0 && buf[..read].iter().all(|found| *found == byte));
        count -= read;
    }
}

#[test]
fn bytes_are_held_until_the_kernel_is_done_with_them() {
    if is_skipped("linux::zero_copy::bytes_are_held_until_the_kernel_is_done_with_them") {
        return;
    }
    let (mut stream, peer) = tcp_pair();
    let (mut poll, mut events) = poll_with_events();
    let mut sends = ZeroCopySends::new(&stream).unwrap();
    poll.registry().register(&mut stream, STREAM, Interest::READABLE).unwrap();
    let buffers: Vec<Arc<[u8]>> = (0..3_u8).map(|byte| vec![byte; 20_000].into()).collect();
    for (number, buffer) in buffers.iter().enumerate() {
        // In two parts.
        let mut start = 0;
        while start < 10_000 {
            start += sends.send(&stream, buffer, start.max(number)).unwrap();
        }
        expect_bytes(&peer, buffer[0], 20_000 - number);
    }
    assert!(sends.pending() >= 3);
    assert!(buffers.iter().all(|buffer| Arc::strong_count(buffer) >= 2));
    let event = expect_one_event(&mut poll, &mut events, STREAM);
    assert_eq!(event.is_error(), subject::gives(Hint::ErrorQueue), "{event:?}");
    while sends.pending() > 0 {
        let (first, last) = retry(|| notice(&stream)).unwrap();
        let before = sends.pending();
        sends.complete(first, last);
        assert_eq!(sends.pending(), before - (last - first + 1) as usize);
    }
    assert!(buffers.iter().all(|buffer| Arc::strong_count(buffer) == 1));
    assert_kind(notice(&stream), io::ErrorKind::WouldBlock);
    assert_eq!((&stream).try_read(&mut [0; 8]).unwrap(), None);
}

#[test]
fn what_is_not_complete_is_never_freed() {
    if is_skipped("linux::zero_copy::what_is_not_complete_is_never_freed") {
        return;
    }
    let (stream, _peer) = tcp_pair();
    let mut sends = ZeroCopySends::new(&stream).unwrap();
    let buffers: Vec<Arc<[u8]>> = (0..4_u8).map(|byte| vec![byte; 10].into()).collect();
    for buffer in &buffers {
        assert_eq!(sends.send(&stream, buffer, 0).unwrap(), 10);
    }
    let counts = || buffers.iter().map(Arc::strong_count).collect::<Vec<_>>();
    // Out of order, twice, and of no send.
    for (first, last) in [(2, 2), (2, 2), (4, 4), (1000, 2000), (u32::MAX, u32::MAX)] {
        sends.complete(first, last);
        assert_eq!((counts(), sends.pending()), (vec![2, 2, 1, 2], 3));
    }
    sends.complete(0, 0);
    assert_eq!(counts(), [1, 2, 1, 2]);
    drop(sends);
    assert_eq!(counts(), [1, 2, 1, 2]);
}

#[test]
fn nothing_is_no_send_and_a_system_without_it_says_so() {
    let (stream, _peer) = tcp_pair();
    match ZeroCopySends::new(&stream) {
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
            assert!(error.to_string().contains("SO_ZEROCOPY"), "{error}");
        }
        Ok(mut sends) => {
            let bytes: Arc<[u8]> = Arc::new([1, 2]);
            for start in [2, 3, usize::MAX] {
                assert_kind(sends.send(&stream, &bytes, start), io::ErrorKind::InvalidInput);
            }
            assert_eq!(sends.pending(), 0);
        }
    }
}
