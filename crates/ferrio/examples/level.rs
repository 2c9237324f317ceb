//! A level-triggered server: one step per event, no loops until `WouldBlock`.
//!
//! `cargo run --example level`. In this mode a source is reported by each poll for as long
//! as it is ready, so that a client may be left half-read and the others have their turn.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream as StdTcpStream;

use ferrio::net::{TcpListener, TcpStream};
use ferrio::{Events, Interest, Mode, Poll, Sources, Token};

const LISTENER: Token = Token(0);

struct Client {
    stream: TcpStream,
    text: Vec<u8>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let mut listener = TcpListener::bind("127.0.0.1:0".parse()?)?;
    poll.registry().register_with(&mut listener, LISTENER, Interest::READABLE, Mode::Level)?;
    let mut clients: Sources<Client> = Sources::new();

    let texts = ["two clients talk", "at the same time"];
    for text in texts {
        let mut client = StdTcpStream::connect(listener.local_addr()?)?;
        // It is closed here; its bytes arrive all the same.
        client.write_all(text.as_bytes())?;
    }

    let (mut left, mut reads) = (texts.len(), 0);
    while left > 0 {
        poll.wait(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                // One is enough: the next poll reports that more clients wait.
                let (mut stream, _) = listener.accept()?;
                let registry = poll.registry();
                clients.try_insert_with(|token| {
                    registry.register_with(&mut stream, token, Interest::READABLE, Mode::Level)?;
                    Ok::<_, io::Error>(Client { stream, text: Vec::new() })
                })?;
                continue;
            }
            let Some(client) = clients.get_mut(event.token()) else { continue };
            // Four bytes each, and then it is the other one's turn.
            let mut buf = [0; 4];
            let count = client.stream.read(&mut buf)?;
            client.text.extend_from_slice(&buf[..count]);
            reads += 1;
            if count == 0 {
                let client = clients.remove(event.token()).ok_or("it was there just now")?;
                println!("{}", String::from_utf8(client.text)?);
                left -= 1;
            }
        }
    }
    println!("{reads} reads");
    Ok(())
}
