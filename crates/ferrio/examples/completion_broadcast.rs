//! The broadcast server by completion: each line of a client goes to all others.
//!
//! `cargo run --release --example completion_broadcast --features proactor`, then
//! `nc 127.0.0.1 7322` in several terminals. A line goes out in the very buffer that it came in,
//! by one `send_all` for all that keep up. A client that does not is found at once, and gets its
//! lines by sends of its own, of which it is known how many bytes wait: with too many, or when it
//! takes nothing for a while, it is disconnected. Nobody else waits for it. The chapter *from
//! readiness to completion* of the book goes through it.
//!
//! | file | what it holds |
//! |---|---|
//! | `completion_broadcast/relay.rs` | the clients, and who gets what by which way |
//! | `completion_broadcast/partial.rs` | a line that has come in part |

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use ferrio::net::SocketBuilder;
use ferrio::proactor::{Completions, Kind, op};
use ferrio::{Events, Poll, Token};

#[path = "completion/driver.rs"]
mod driver;
#[path = "completion_broadcast/partial.rs"]
mod partial;
#[path = "completion_broadcast/relay.rs"]
mod relay;

use driver::{Driver, wait};
use relay::Relay;

/// Sends each line of a client to all others.
#[derive(Parser)]
struct Options {
    /// Where it listens.
    #[arg(default_value = "127.0.0.1:7322")]
    address: SocketAddr,
    /// How many bytes wait for one client at most.
    #[arg(long, default_value = "1048576")]
    queue: usize,
    /// How long a client may take nothing while bytes wait for it, in milliseconds.
    #[arg(long, default_value = "5000")]
    stall: u64,
    /// What does the operations.
    #[arg(long, value_enum, default_value = "auto")]
    driver: Driver,
}

/// Clients have the tokens that follow.
const LISTENER: Token = Token(0);
/// The token of every `send_all`.
const TO_ALL: Token = Token(1);

/// How long the listener rests after an error.
const REST: Duration = Duration::from_millis(100);
/// How much one turn brings at most. What it brings may all be kept by a client that has just
/// stopped reading, so it is a part of the pool only.
const TURN: usize = 64;

pub(crate) fn main() -> ExitCode {
    match serve(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("completion_broadcast: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &Options) -> io::Result<()> {
    let mut proactor = options.driver.proactor(Poll::new()?)?;
    // What it accepts has the option too: no answer waits for an acknowledgement.
    let listener = SocketBuilder::new().no_delay(true).tcp_listener(options.address)?;
    println!("listening on {}", listener.local_addr()?);
    let listener = proactor.attach(listener);
    proactor.submit(LISTENER, op::AcceptMany { handle: listener })?;
    let mut relay = Relay::new(proactor, options.queue, Duration::from_millis(options.stall));
    let mut events = Events::with_capacity(16);
    let mut completions = Completions::with_capacity(TURN);
    let mut received = Vec::with_capacity(TURN);
    loop {
        let timeout = relay.time_left();
        wait(&mut relay.proactor, &mut events, &mut completions, timeout)?;
        while let Some(completion) = completions.next() {
            let (token, id) = (completion.token, completion.id);
            match completion.kind {
                Kind::Accepted(stream) => relay.welcome(stream.into())?,
                Kind::Received(chunk) => received.push((token, chunk)),
                Kind::Done(done) => relay.sent(token, id, done),
                Kind::Ended(Err(error)) if token == LISTENER => {
                    eprintln!("completion_broadcast: accept: {error}");
                    relay.proactor.submit(LISTENER, op::Timeout::at(Instant::now() + REST))?;
                }
                Kind::Ended(Ok(())) if token == LISTENER => {
                    relay.proactor.submit(LISTENER, op::AcceptMany { handle: listener })?;
                }
                Kind::Ended(_) => relay.close(token, "ended"),
                _ => {}
            }
        }
        // First what the last turn has left, then what this one has brought.
        relay.find_slow_clients();
        for (token, chunk) in received.drain(..) {
            relay.relay(token, chunk)?;
        }
    }
}
