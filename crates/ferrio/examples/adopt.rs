//! An event loop of readiness that goes on as it is in a proactor's wait.
//!
//! `cargo run --example adopt --features proactor`. A program has a `Poll` with a socket, a waker
//! and a timer. The proactor is made of that very Poll: what is registered stays registered, with
//! the tokens that it has, and completions come by the same wait. In the end the Poll comes back.

use std::error::Error;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Parser;
use ferrio::net::TcpStream;
use ferrio::proactor::{Completions, Kind, op};
use ferrio::time::Timer;
use ferrio::{Events, Interest, Poll, Token, Waker};

#[path = "completion/driver.rs"]
mod driver;
#[path = "completion/pair.rs"]
mod pair;

use driver::{Driver, wait};
use pair::pair;

/// Makes a proactor of the Poll of a program, and gives it back.
#[derive(Parser)]
struct Options {
    /// What does the operations.
    #[arg(long, value_enum, default_value = "auto")]
    driver: Driver,
}

const SOCKET: Token = Token(0);
const WAKER: Token = Token(1);
const TIMER: Token = Token(2);
/// Operations have tokens of their own: they may be the same numbers as those of sources.
const RECEIVE: Token = Token(0);

pub(crate) fn main() -> ExitCode {
    match adopt(Options::parse().driver) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("adopt: {error}");
            ExitCode::FAILURE
        }
    }
}

fn adopt(driver: Driver) -> Result<(), Box<dyn Error>> {
    // The program as it was.
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let (socket, mut peer) = pair()?;
    socket.set_nonblocking(true)?;
    let mut socket = TcpStream::from_std(socket);
    poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
    let waker = Waker::new(poll.registry(), WAKER)?;
    let mut timer = Timer::new();
    poll.registry().register(&mut timer, TIMER, Interest::READABLE)?;
    peer.write_all(b"one")?;
    poll.wait(&mut events, None)?;
    for event in &events {
        println!("by the Poll: an event of {}", name(event.token()));
    }
    drain(&mut socket)?;

    // The change: the proactor takes the Poll over, and a receive is submitted.
    let mut proactor = driver.proactor(poll)?;
    let mut completions = Completions::with_capacity(16);
    let (stream, mut other) = pair()?;
    let stream = proactor.attach(stream);
    proactor.submit(RECEIVE, op::RecvMany { handle: stream })?;

    peer.write_all(b"two")?;
    timer.set(Duration::from_millis(20))?;
    let thread = thread::spawn(move || waker.wake());
    other.write_all(b"hello")?;
    let mut left = 4;
    while left > 0 {
        wait(&mut proactor, &mut events, &mut completions, None)?;
        for event in &events {
            match event.token() {
                SOCKET => drain(&mut socket)?,
                TIMER => drop(timer.take()),
                _ => {}
            }
            println!("by the proactor: an event of {}", name(event.token()));
            left -= 1;
        }
        while let Some(completion) = completions.next() {
            if let Kind::Received(chunk) = completion.kind {
                println!("by the proactor: {} bytes received", chunk.len());
                left -= 1;
            }
        }
    }
    thread.join().map_err(|_| "the thread panicked")??;

    // And back: registrations are still there.
    let mut poll = proactor.shutdown(Duration::from_secs(1)).poll;
    peer.write_all(b"three")?;
    poll.wait(&mut events, None)?;
    for event in &events {
        println!("by the Poll again: an event of {}", name(event.token()));
    }
    Ok(())
}

fn name(token: Token) -> &'static str {
    match token {
        SOCKET => "the socket",
        WAKER => "the waker",
        _ => "the timer",
    }
}

/// Reads until it would block: the socket has edges.
fn drain(socket: &mut TcpStream) -> io::Result<()> {
    loop {
        match socket.read(&mut [0; 64]) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
