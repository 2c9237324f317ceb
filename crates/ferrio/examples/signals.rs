//! Signals as events.
//!
//! `cargo run --example signals`. SIGHUP asks a server to read its settings anew,
//! SIGINT and SIGTERM ask it to end; this program sends them to itself. Neither the
//! handlers of others nor the default action of other signals are touched.

use std::error::Error;
use std::process;
use std::thread;

use ferrio::signal::{SIGHUP, SIGINT, SIGTERM, Signals, raise};
use ferrio::{Events, Interest, Poll, Token};

const SIGNALS: Token = Token(0);

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    poll.registry().register(&mut signals, SIGNALS, Interest::READABLE)?;

    let sending = thread::spawn(|| raise(SIGHUP));
    loop {
        // A signal ends a `poll` with the error `Interrupted`; `wait` goes on.
        poll.wait(&mut events, None)?;
        while let Some(received) = signals.take() {
            if received.signal() != SIGHUP {
                println!("terminated");
                sending.join().map_err(|_| "the thread panicked")??;
                return Ok(());
            }
            match received.origin() {
                Some(origin) if origin.pid == process::id() => println!("reload, asked for by this process"),
                origin => println!("reload, asked for by {origin:?}"),
            }
            raise(SIGTERM)?;
        }
    }
}
