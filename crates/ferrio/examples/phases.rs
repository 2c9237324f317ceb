//! The phases of a loop as plain code: prepare, check, idle, cleanup.
//!
//! `cargo run --example phases`. Other libraries call handlers before they sleep, after they
//! woke up, when there is nothing else to do, and at the end. Here the loop is the
//! program's own, so that each of these is a place in it.

use std::error::Error;
use std::io;
use std::time::Duration;

use ferrio::{Events, Interest, Poll, Token, user};

const NEWS: Token = Token(0);

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let result = run(&mut poll);
    // Cleanup: after the loop, however it ended.
    println!("cleanup after {} polls", poll.stats().polls);
    Ok(result?)
}

fn run(poll: &mut Poll) -> io::Result<()> {
    let mut events = Events::with_capacity(16);
    let (mut source, trigger) = user::source();
    poll.registry().register(&mut source, NEWS, Interest::READABLE)?;
    trigger.fire()?;

    let mut news = 0;
    // Work for the time when there is nothing else to do, in small pieces.
    let mut background = vec!["third piece", "second piece", "first piece"];
    while news < 2 {
        // Prepare: the last moment before the loop may sleep. Write what was collected, and
        // decide how long to sleep: not at all while there is something to do.
        let timeout = if background.is_empty() { None } else { Some(Duration::ZERO) };
        println!("prepare, timeout {timeout:?}");

        poll.wait(&mut events, timeout)?;

        // Check: the first moment after it. Then the events.
        println!("check, {} events", events.len());
        for event in &events {
            if event.token() == NEWS && source.take().is_some() {
                news += 1;
            }
        }

        // Idle: there was no event.
        if events.is_empty() {
            if let Some(piece) = background.pop() {
                println!("idle, {piece}");
            }
            if background.is_empty() {
                trigger.fire()?;
            }
        }
    }
    Ok(())
}
