//! Events of connections that are gone.
//!
//! `cargo run --example stale_events`. Serving one event may close another connection whose
//! event is in the same list, and a new connection may get its index in the table. A token
//! of a `Sources` table names one connection for ever, so that such an event finds none.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net;

use ferrio::net::TcpStream;
use ferrio::{Events, Interest, Poll, Sources, Token};

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(8);
    let mut clients: Sources<TcpStream> = Sources::new();

    let (ann, mut to_ann) = pair()?;
    let (bob, mut to_bob) = pair()?;
    let (eve, mut to_eve) = pair()?;
    let mut eve = Some(eve);
    let ann = clients.register(poll.registry(), ann, Interest::READABLE)?;
    let bob = clients.register(poll.registry(), bob, Interest::READABLE)?;

    // Each asks for the other one to be removed, and both events are in one list.
    to_ann.write_all(b"!")?;
    to_bob.write_all(b"!")?;
    poll.wait(&mut events, None)?;
    println!("{} events", events.len());
    let mut newcomer = None;
    for event in &events {
        let Some(client) = clients.get_mut(event.token()) else {
            println!("an event of a client that is gone");
            continue;
        };
        println!("{} byte", client.read(&mut [0; 8])?);
        let other = if event.token() == ann { bob } else { ann };
        clients.remove(other);
        // Her token differs, though her index is the one that has become free.
        if let Some(eve) = eve.take() {
            newcomer = Some((clients.register(poll.registry(), eve, Interest::READABLE)?, other));
        }
    }
    let (eve, gone) = newcomer.ok_or("a client was removed")?;
    println!("same index: {}, same token: {}", index(eve) == index(gone), eve == gone);

    to_eve.write_all(b"hello")?;
    poll.wait(&mut events, None)?;
    let client = clients.get_mut(events[0].token()).ok_or("she is there")?;
    println!("{} bytes", client.read(&mut [0; 8])?);
    Ok(())
}

/// The lower half of a token, which is the index in its table.
fn index(token: Token) -> usize {
    token.0 & (usize::MAX >> (usize::BITS / 2))
}

/// Two connected streams.
fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = net::TcpListener::bind("127.0.0.1:0")?;
    let one = TcpStream::connect(listener.local_addr()?)?;
    let (other, _) = listener.accept()?;
    other.set_nonblocking(true)?;
    Ok((one, TcpStream::from_std(other)))
}
