//! Timers: once, again and again, and with slack.
//!
//! `cargo run --example timer`. A timer is a source: its token comes with the events of
//! sockets, and none costs a descriptor or a system call.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use ferrio::time::Timer;
use ferrio::{Events, Interest, Poll, Token};

const ONCE: Token = Token(0);
const EVERY: Token = Token(1);
/// The timers with slack have the tokens from here on.
const RELAXED: usize = 2;
const RELAXED_COUNT: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(64);

    let mut once = Timer::new();
    poll.registry().register(&mut once, ONCE, Interest::READABLE)?;
    let start = Instant::now();
    once.set(Duration::from_millis(20))?;
    poll.wait(&mut events, None)?;
    assert!(start.elapsed() >= Duration::from_millis(20), "a timer is never early");
    println!("once: due {} time", once.take());

    // An interval counts from its start and does not drift. What a busy loop misses is
    // one event, and the count tells how often it was due.
    let mut every = Timer::new();
    poll.registry().register(&mut every, EVERY, Interest::READABLE)?;
    every.set_every(Duration::from_millis(10))?;
    thread::sleep(Duration::from_millis(35));
    let mut count = 0;
    while count < 5 {
        let events = poll.wait(&mut events, None)?;
        let times = every.take();
        println!("every 10 ms: due {times} times in {events} event");
        count += times;
    }
    println!("cancelled: {}", every.cancel());

    // Each of these may be late by up to 50 ms. So they meet, and the loop sleeps through.
    let mut relaxed: Vec<Timer> = (0..RELAXED_COUNT).map(|_| Timer::new()).collect();
    for (number, timer) in relaxed.iter_mut().enumerate() {
        poll.registry().register(timer, Token(RELAXED + number), Interest::READABLE)?;
        timer.set_slack(Duration::from_millis(50));
        timer.set(Duration::from_millis(number as u64))?;
    }
    let (mut left, mut waits) = (RELAXED_COUNT, 0);
    while left > 0 {
        poll.wait(&mut events, None)?;
        waits += 1;
        for event in &events {
            let timer = &relaxed[event.token().0 - RELAXED];
            left -= usize::from(timer.take() > 0);
        }
    }
    println!("{RELAXED_COUNT} timers with slack: {waits} waits");
    Ok(())
}
