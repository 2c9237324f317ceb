//! Records over a Unix socket: what one call sends is what one call receives.
//!
//! `cargo run --example seqpacket`. A service answers each request of its client, whom it knows by
//! the kernel's word, and nothing has to be framed.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::{env, process};

use ferrio::net::{SocketFile, UnixSeqpacket, UnixSeqpacketListener};
use ferrio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(0);
const CLIENT: Token = Token(1);

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let path = env::temp_dir().join(format!("ferrio-records-{}.sock", process::id()));
    SocketFile::remove_stale(&path)?;
    // From the beginning on nobody but this user can connect.
    let mut listener = UnixSeqpacketListener::bind_with_mode(&path, 0o600)?;
    // The file goes when this is dropped.
    let _file = SocketFile::new(&path)?;
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;

    // A client, which is this program too. It has sent both requests before the first is read.
    let client = UnixSeqpacket::connect(&path)?;
    client.send(b"status")?;
    client.send(b"a request that is longer than the service wants to hear")?;

    let mut service = None;
    let mut answered = 0;
    while answered < 2 {
        poll.wait(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                let (mut socket, _) = listener.accept()?;
                let peer = socket.peer_credentials()?;
                println!("a client of this user: {}", peer == client.peer_credentials()?);
                poll.registry().register(&mut socket, CLIENT, Interest::READABLE)?;
                service = Some(socket);
            } else if let Some(socket) = &service {
                answered += answer(socket)?;
            }
        }
    }
    let mut buf = [0; 64];
    for _ in 0..2 {
        let record = client.recv(&mut buf)?;
        println!("the answer is {:?}", String::from_utf8_lossy(&buf[..record.len()]));
    }
    Ok(())
}

/// Answers what is there; returns how many requests that were.
fn answer(socket: &UnixSeqpacket) -> io::Result<usize> {
    let mut buf = [0; 16];
    let mut count = 0;
    loop {
        match socket.recv(&mut buf) {
            Ok(record) if record.is_truncated() => socket.send(b"too long")?,
            Ok(record) => socket.send(if &buf[..record.len()] == b"status" { b"ready" } else { b"what?" })?,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(count),
            Err(error) => return Err(error),
        };
        count += 1;
    }
}
