//! Waking a loop from another thread.
//!
//! `cargo run --example waker`. A worker thread sends messages through a channel of std
//! and wakes the loop, which sleeps otherwise. Several wakes may arrive as one event, so
//! the loop empties the channel each time. (`channel` shows channels that wake by
//! themselves.)

use std::error::Error;
use std::sync::mpsc::{self, TryRecvError};
use std::thread;
use std::time::Duration;

use ferrio::{Events, Poll, Token, Waker};

const WAKER: Token = Token(0);

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let waker = Waker::new(poll.registry(), WAKER)?;
    let (sender, receiver) = mpsc::channel();

    let worker = {
        // The same waker: all wakes of it and of its clones are one event.
        let waker = waker.clone();
        thread::spawn(move || -> std::io::Result<()> {
            for number in 1..=3 {
                thread::sleep(Duration::from_millis(20));
                // First the message, then the wake: the loop must find it.
                if sender.send(number).is_err() {
                    break;
                }
                waker.wake()?;
            }
            // The end of the channel is a message too.
            drop(sender);
            waker.wake()
        })
    };

    'serving: loop {
        poll.wait(&mut events, None)?;
        if events.iter().any(|event| event.token() == WAKER) {
            loop {
                match receiver.try_recv() {
                    Ok(number) => println!("message {number}"),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => break 'serving,
                }
            }
        }
    }
    worker.join().map_err(|_| "the worker panicked")??;
    println!("done");
    Ok(())
}
