//! Channels whose messages arrive with the events of sockets.
//!
//! `cargo run --example channel`. Workers send results to the loop through a channel
//! without a bound. Another channel has room for two, and gives back what does not fit.

use std::error::Error;
use std::thread;

use ferrio::user::{self, TryRecvError, TrySendError};
use ferrio::{Events, Interest, Poll, Token};

const RESULTS: Token = Token(0);
const ORDERS: Token = Token(1);

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(8);

    let (sender, mut results) = user::channel();
    poll.registry().register(&mut results, RESULTS, Interest::READABLE)?;
    let workers: Vec<_> = (1..=4u64)
        .map(|number| {
            let sender = sender.clone();
            thread::spawn(move || sender.send((number, (1..=number).product::<u64>())))
        })
        .collect();
    // The workers have theirs. When the last of them is gone, the receiver is told.
    drop(sender);

    let mut factorials = Vec::new();
    'open: loop {
        poll.wait(&mut events, None)?;
        // Until there is none left: only after that is the next message an event.
        loop {
            match results.try_recv() {
                Ok(result) => factorials.push(result),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => break 'open,
            }
        }
    }
    for worker in workers {
        worker.join().map_err(|_| "a worker panicked")??;
    }
    factorials.sort_unstable();
    println!("{factorials:?}");

    let (sender, mut orders) = user::sync_channel(2);
    poll.registry().register(&mut orders, ORDERS, Interest::READABLE)?;
    let mut refused = None;
    for order in ["tea", "coffee", "water"] {
        match sender.try_send(order) {
            Err(TrySendError::Full(order)) => refused = Some(order),
            result => result?,
        }
    }
    println!("no room for {refused:?}");
    poll.wait(&mut events, None)?;
    for order in orders.try_iter() {
        println!("{order}");
        if let Some(order) = refused.take() {
            sender.try_send(order)?;
        }
    }
    // And the other way round: senders are told that the receiver is gone.
    drop(orders);
    println!("closed: {}", sender.try_send("milk").is_err());
    Ok(())
}
