//! A listener for each thread, all on one port.
//!
//! `cargo run --example reuse_port`. The system spreads the clients over the listeners, so the
//! threads share nothing and none has to hand connections to another. Each accepts in turns and
//! greets its clients. Where ports cannot be shared, one thread serves them all.

use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{self, SocketAddr};
use std::thread;

use ferrio::net::{Acceptor, SocketBuilder, TcpListener};
use ferrio::{Events, Interest, Poll, Token, Waker};

const LISTENER: Token = Token(0);
const END: Token = Token(1);
const THREADS: usize = 4;
const CLIENTS: usize = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let listeners = listeners()?;
    let address = listeners[0].local_addr()?;
    println!("{} listeners on one port", listeners.len());
    let mut workers = Vec::new();
    for listener in listeners {
        let poll = Poll::new()?;
        let end = Waker::new(poll.registry(), END)?;
        workers.push((thread::spawn(move || serve(poll, listener)), end));
    }
    for _ in 0..CLIENTS {
        greeting(address)?;
    }
    let mut served = 0;
    for (worker, end) in workers {
        end.wake()?;
        served += worker.join().map_err(|_| "a worker panicked")??;
    }
    println!("{served} clients served");
    Ok(())
}

/// A listener for each thread, or one alone where ports cannot be shared.
fn listeners() -> io::Result<Vec<TcpListener>> {
    let alone = SocketBuilder::new().no_delay(true);
    let shared = alone.clone().reuse_port(true);
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let first = match shared.tcp_listener(any) {
        Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(vec![alone.tcp_listener(any)?]),
        first => first?,
    };
    let address = first.local_addr()?;
    let mut listeners = vec![first];
    for _ in 1..THREADS {
        listeners.push(shared.tcp_listener(address)?);
    }
    Ok(listeners)
}

/// Greets clients until it is told to end; how many there were.
fn serve(mut poll: Poll, listener: TcpListener) -> io::Result<u64> {
    let mut events = Events::with_capacity(16);
    let mut acceptor = Acceptor::new(listener);
    poll.registry().register(&mut acceptor, LISTENER, Interest::READABLE)?;
    loop {
        poll.wait(&mut events, None)?;
        for event in &events {
            match event.token() {
                LISTENER => {
                    while let Some((mut stream, _)) = acceptor.accept()? {
                        // A new connection has room for so few bytes. The client may be gone.
                        let _ = stream.write_all(b"hello\n");
                    }
                }
                _ => return Ok(acceptor.stats().accepted),
            }
        }
    }
}

/// What a client is told.
fn greeting(address: SocketAddr) -> io::Result<()> {
    let mut text = String::new();
    net::TcpStream::connect(address)?.read_to_string(&mut text)?;
    if text == "hello\n" { Ok(()) } else { Err(io::Error::other(format!("{text:?} is no greeting"))) }
}
