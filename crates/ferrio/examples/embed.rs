//! A Poll inside another loop.
//!
//! `cargo run --example embed`. A library that brings its own Poll can live in a program
//! with another loop: that of a GUI, of a language runtime, or as here of a second Poll. The
//! outer loop needs two things: the descriptor of the inner Poll, and its next deadline.

use std::error::Error;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use ferrio::net::UnixStream;
use ferrio::time::Timer;
use ferrio::unix::FdSource;
use ferrio::{Backend, Events, Interest, Mode, Poll, Token};

const INNER: Token = Token(0);
const SOCKET: Token = Token(1);
const TIMER: Token = Token(2);

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    // FERRIO_BACKEND chooses one.
    let mut inner = Poll::builder().backend(Backend::from_env()?).build()?;
    if !inner.capabilities().embeddable {
        println!("not on this backend: the descriptor of {:?} shows wakes only", inner.backend());
        return Ok(());
    }
    let (mut socket, mut peer) = UnixStream::pair()?;
    inner.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
    let mut timer = Timer::new();
    inner.registry().register(&mut timer, TIMER, Interest::READABLE)?;
    timer.set(Duration::from_millis(20))?;
    peer.write_all(b"hello")?;

    // Other loops have levels. The descriptor is a duplicate, so that the inner Poll itself
    // is not borrowed and can be polled.
    let mut outer = Poll::new()?;
    let mut descriptor = FdSource::new(inner.as_fd().try_clone_to_owned()?);
    outer.registry().register_with(&mut descriptor, INNER, Interest::READABLE, Mode::Level)?;

    let mut outer_events = Events::with_capacity(16);
    let mut events = Events::with_capacity(16);
    let mut left = 2;
    while left > 0 {
        // Timers do not make the descriptor readable: the outer loop keeps their time.
        outer.poll_until(&mut outer_events, inner.next_deadline())?;
        let why = if outer_events.is_empty() { "its deadline" } else { "its descriptor" };

        // In both cases: look, without sleeping, until there is nothing left.
        while inner.wait(&mut events, Some(Duration::ZERO))? > 0 {
            for event in &events {
                match event.token() {
                    SOCKET => {
                        let mut buf = [0; 64];
                        let count = socket.read(&mut buf)?;
                        println!("{count} bytes, by {why}");
                        left -= 1;
                    }
                    _ if timer.take() > 0 => {
                        println!("the timer, by {why}");
                        left -= 1;
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}
