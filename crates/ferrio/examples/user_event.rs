//! A source that the program makes ready itself.
//!
//! `cargo run --example user_event`. For work that has no descriptor: a cache that was
//! filled, a job that is done. Firing is cheap, from any thread or signal handler.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use ferrio::{Events, Interest, Poll, Token, user};

const CACHE: Token = Token(0);

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(8);
    let (mut source, trigger) = user::source();
    poll.registry().register(&mut source, CACHE, Interest::READABLE | Interest::WRITABLE)?;

    // Fires coalesce: what happened a thousand times is one event.
    for _ in 0..1000 {
        trigger.fire()?;
    }
    let count = poll.wait(&mut events, None)?;
    println!("1000 fires, {count} event: {:?}", source.take());
    println!("taken: {:?}", source.take());

    // It has two directions, like a socket.
    trigger.fire_writable()?;
    poll.wait(&mut events, None)?;
    println!("and the other direction: {:?}", source.take());

    // What was written before the fire is there when its event is handled.
    let entries = Arc::new(AtomicU32::new(0));
    let filler = {
        let entries = Arc::clone(&entries);
        thread::spawn(move || {
            entries.store(42, Ordering::Relaxed);
            trigger.fire()
        })
    };
    poll.wait(&mut events, None)?;
    println!("the cache has {} entries", entries.load(Ordering::Relaxed));
    filler.join().map_err(|_| "the filler panicked")??;
    Ok(())
}
