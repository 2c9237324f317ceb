//! What Ferrio writes to the program's log.
//!
//! `cargo run --example logs --features log`. It is a line per registration, at the level
//! trace, for the logger of the program. The feature `tracing` gives the same as events.

use std::error::Error;

use ferrio::net::UdpSocket;
use ferrio::{Interest, Poll, Token};
use log::{LevelFilter, Log, Metadata, Record};

struct Printer;

impl Log for Printer {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        println!("{} {}: {}", record.level(), record.target(), record.args());
    }

    fn flush(&self) {}
}

fn main() -> Result<(), Box<dyn Error>> {
    log::set_logger(&Printer)?;
    log::set_max_level(LevelFilter::Trace);

    let poll = Poll::new()?;
    let mut socket = UdpSocket::bind("127.0.0.1:0".parse()?)?;
    poll.registry().register(&mut socket, Token(1), Interest::READABLE)?;
    poll.registry().reregister(&mut socket, Token(2), Interest::WRITABLE)?;
    poll.registry().deregister(&mut socket)?;
    Ok(())
}
