//! Closing connections that have been silent for too long.
//!
//! `cargo run --example timeouts`. A server with thousands of connections keeps their
//! deadlines in a wheel of its own: to reset one for each message costs some
//! nanoseconds and no system call. The wheel says how long the loop may sleep.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net;
use std::thread;
use std::time::{Duration, Instant};

use ferrio::net::TcpStream;
use ferrio::time::{TimerKey, Wheel};
use ferrio::{Events, Interest, Poll, Sources, Token};

const CONNECTIONS: usize = 50;
const IDLE_MAX: Duration = Duration::from_millis(100);

struct Connection {
    stream: TcpStream,
    last_heard: Instant,
    /// Its entry in the wheel: when it is to be closed.
    deadline: TimerKey,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(64);
    let mut connections: Sources<Connection> = Sources::new();
    let mut wheel: Wheel<Token> = Wheel::new(Instant::now());
    let pairs = (0..CONNECTIONS).map(|_| pair()).collect::<io::Result<Vec<_>>>()?;
    let mut peers = Vec::new();
    for (mut stream, peer) in pairs {
        peers.push(peer);
        let last_heard = Instant::now();
        connections.try_insert_with(|token| {
            poll.registry().register(&mut stream, token, Interest::READABLE)?;
            let deadline = wheel.insert(last_heard + IDLE_MAX, token);
            Ok::<_, io::Error>(Connection { stream, last_heard, deadline })
        })?;
    }
    // One of them talks for a while.
    let talker = thread::spawn(move || {
        for _ in 0..5 {
            if peers[0].write_all(b"hello").is_err() {
                break;
            }
            thread::sleep(IDLE_MAX / 5);
        }
        peers
    });

    let mut messages = 0;
    while let Some(deadline) = wheel.next_deadline() {
        poll.poll_until(&mut events, deadline)?;
        // First the messages, then the deadlines: a message that came in time saves its
        // connection.
        for event in &events {
            let Some(connection) = connections.get_mut(event.token()) else { continue };
            // A read of less than there is room for leaves nothing: see `short_read_drains`.
            messages += connection.stream.read(&mut [0; 64])? / 5;
            connection.last_heard = Instant::now();
            wheel.reset(connection.deadline, connection.last_heard + IDLE_MAX);
        }
        let now = Instant::now();
        while let Some((_, token)) = wheel.expire(now) {
            // Dropping it closes it.
            let silent = connections.remove(token).ok_or("each deadline has its connection")?;
            assert!(now - silent.last_heard >= IDLE_MAX, "nobody is closed early");
        }
    }
    talker.join().map_err(|_| "the talker panicked")?;
    println!("closed {CONNECTIONS} silent connections, {messages} messages from the one that talked");
    Ok(())
}

/// Two connected streams.
fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = net::TcpListener::bind("127.0.0.1:0")?;
    let one = TcpStream::connect(listener.local_addr()?)?;
    let (other, _) = listener.accept()?;
    other.set_nonblocking(true)?;
    Ok((one, TcpStream::from_std(other)))
}
