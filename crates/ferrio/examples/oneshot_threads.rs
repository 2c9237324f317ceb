//! Connections that several threads serve, each by one thread at a time.
//!
//! `cargo run --example oneshot_threads`. One thread waits and passes tokens to the workers.
//! In oneshot mode a connection is silent after its event, until the worker that has
//! served it registers it anew. So no connection is ever with two workers.

use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use ferrio::net::TcpStream;
use ferrio::{Events, Interest, Mode, Poll, Registry, Token, user};

const CONNECTIONS: usize = 8;
const BYTES: usize = 100 * CONNECTIONS;
const WORKERS: usize = 3;
/// Workers send how much they have read.
const COUNTS: Token = Token(CONNECTIONS);

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(4);
    let (mut connections, mut peers) = (Vec::new(), Vec::new());
    for number in 0..CONNECTIONS {
        let (mut stream, peer) = pair()?;
        poll.registry().register_with(&mut stream, Token(number), Interest::READABLE, Mode::Oneshot)?;
        connections.push(Mutex::new(stream));
        peers.push(peer);
    }
    let (counts, mut receiver) = user::channel();
    poll.registry().register(&mut receiver, COUNTS, Interest::READABLE)?;
    let registry = poll.registry().try_clone()?;
    let (jobs, queue) = mpsc::channel();
    let queue = Mutex::new(queue);
    thread::scope(|scope| -> Result<(), Box<dyn Error>> {
        for _ in 0..WORKERS {
            let (connections, queue, counts, registry) = (&connections, &queue, counts.clone(), &registry);
            scope.spawn(move || {
                let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(Token(number)) = next() {
                    // No other worker has it, except one that is about to unlock it.
                    let mut stream = connections[number].lock().unwrap_or_else(PoisonError::into_inner);
                    if counts.send(serve(&mut stream, Token(number), registry)).is_err() {
                        return;
                    }
                }
            });
        }
        let mut talk = move |n: usize| peers[n % CONNECTIONS].write_all(b"!");
        scope.spawn(move || (0..BYTES).try_for_each(&mut talk));
        // Owned by this block: when the block ends, so does the queue, and the workers with it.
        let jobs = jobs;
        let mut bytes = 0;
        while bytes < BYTES {
            poll.wait(&mut events, None)?;
            for event in events.iter().filter(|event| event.token() != COUNTS) {
                jobs.send(event.token())?;
            }
            for count in receiver.try_iter() {
                bytes += count?;
            }
        }
        Ok(())
    })?;
    println!("{BYTES} bytes from {CONNECTIONS} connections, read by {WORKERS} workers");
    Ok(())
}

/// Reads once. Registering it anew reports what is left, and what comes later.
fn serve(stream: &mut TcpStream, token: Token, registry: &Registry) -> io::Result<usize> {
    let result = stream.read(&mut [0; 64]);
    if !matches!(result, Ok(0)) {
        registry.reregister_with(stream, token, Interest::READABLE, Mode::Oneshot)?;
    }
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
        result => result,
    }
}

/// Two connected streams.
fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = net::TcpListener::bind("127.0.0.1:0")?;
    let one = TcpStream::connect(listener.local_addr()?)?;
    let (other, _) = listener.accept()?;
    other.set_nonblocking(true)?;
    Ok((one, TcpStream::from_std(other)))
}
