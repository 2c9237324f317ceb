//! What the tests of named pipes share.
#![allow(unsafe_code, reason = "a pipe is made of a raw handle, as mio has it")]

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{FromRawHandle, IntoRawHandle};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mio::windows::NamedPipe;
use mio::{Events, Interest, Poll, Token};

use crate::harness::{BOTH, PATIENCE, poll_once};

/// The token of a server.
pub(crate) const SERVER: Token = Token(7);

/// The token of its client.
pub(crate) const CLIENT: Token = Token(8);

/// `FILE_FLAG_OVERLAPPED` of the system's headers.
pub(crate) const OVERLAPPED: u32 = 0x4000_0000;

/// A name that no other pipe has.
pub(crate) fn pipe_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!(r"\\.\pipe\ferrio-contract-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A server, and its name.
pub(crate) fn server() -> (NamedPipe, String) {
    let name = pipe_name();
    (NamedPipe::new(&name).expect("a pipe"), name)
}

/// A client of the pipe called `name`, as std opens it.
pub(crate) fn client(name: &str) -> NamedPipe {
    let file =
        OpenOptions::new().read(true).write(true).custom_flags(OVERLAPPED).open(name).expect("a client");
    // SAFETY: the handle was just opened, and nobody else has it.
    unsafe { NamedPipe::from_raw_handle(file.into_raw_handle()) }
}

/// A server and its client.
pub(crate) fn pipes() -> (NamedPipe, NamedPipe) {
    let (server, name) = server();
    let client = client(&name);
    (server, client)
}

/// Both, registered for `interest`, with what that reports already polled away.
pub(crate) fn registered_pipes(poll: &mut Poll, events: &mut Events) -> (NamedPipe, NamedPipe) {
    let (mut server, mut client) = pipes();
    register(poll, &mut server, SERVER);
    register(poll, &mut client, CLIENT);
    until(poll, events, |seen| {
        [SERVER, CLIENT].iter().all(|token| seen.iter().any(|(seen, _)| seen == token))
    });
    (server, client)
}

/// Registers `pipe` for both directions.
pub(crate) fn register(poll: &Poll, pipe: &mut NamedPipe, token: Token) {
    poll.registry().register(pipe, token, BOTH).expect("register");
}

/// An event in short: its token, and which of both directions it says.
pub(crate) type Seen = (Token, Option<Interest>);

/// Polls until `is_enough` is true for all events that came; returns them.
pub(crate) fn until(poll: &mut Poll, events: &mut Events, is_enough: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
    let deadline = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    while !is_enough(&seen) {
        assert!(Instant::now() < deadline, "not in time, but {seen:?}");
        poll_once(poll, events, deadline.saturating_duration_since(Instant::now()));
        seen.extend(events.iter().map(|event| {
            let says = match (event.is_readable(), event.is_writable()) {
                (false, false) => None,
                (true, false) => Some(Interest::READABLE),
                (false, true) => Some(Interest::WRITABLE),
                (true, true) => Some(BOTH),
            };
            (event.token(), says)
        }));
    }
    seen
}

/// Does `operation`, and polls as long as it would block.
pub(crate) fn poll_until<T>(
    poll: &mut Poll,
    events: &mut Events,
    mut operation: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match operation() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => return result,
        }
        assert!(Instant::now() < deadline, "would block for longer than {PATIENCE:?}");
        poll_once(poll, events, Duration::from_secs(1));
    }
}

/// Reads exactly `len` bytes by reads of at most `chunk`.
pub(crate) fn read_len(
    poll: &mut Poll,
    events: &mut Events,
    mut pipe: &NamedPipe,
    len: usize,
    chunk: usize,
) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = vec![0; chunk];
    while all.len() < len {
        let got = poll_until(poll, events, || pipe.read(&mut buf)).expect("read");
        assert_ne!(got, 0, "the end after {} of {len} bytes", all.len());
        all.extend_from_slice(&buf[..got]);
    }
    all
}

/// Reads until the end of the stream.
pub(crate) fn read_to_end(poll: &mut Poll, events: &mut Events, mut pipe: &NamedPipe) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = [0; 4096];
    loop {
        match poll_until(poll, events, || pipe.read(&mut buf)).expect("read") {
            0 => return all,
            len => all.extend_from_slice(&buf[..len]),
        }
    }
}

/// Writes all of `bytes` by one write.
pub(crate) fn write_one(poll: &mut Poll, events: &mut Events, mut pipe: &NamedPipe, bytes: &[u8]) {
    let len = poll_until(poll, events, || pipe.write(bytes)).expect("write");
    assert_eq!(len, bytes.len());
}

/// Bytes that tell a lost or moved one.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}
