//! Chunks that are dropped in other threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use ferrio_poll::park::{Harvest, Park};
use ferrio_poll::{Events, Poll};

use super::{chunk, collect, fill};
use crate::buffer::chunk::Chunk;
use crate::buffer::chunk::wake::Wake;
use crate::buffer::pool::Pool;

#[test]
fn a_buffer_comes_back_from_another_thread() {
    let mut pool = Pool::new(4, 1000).unwrap();
    let (send, receive) = mpsc::channel::<Chunk>();
    let thread = thread::spawn(move || receive.iter().map(|chunk| u64::from(chunk[0])).sum::<u64>());
    let mut sum = 0;
    for round in 0..20_000_u64 {
        let index = loop {
            match pool.take() {
                Some(index) => break index,
                None => {
                    while !pool.has_returned() {
                        thread::yield_now();
                    }
                    collect(&mut pool);
                }
            }
        };
        let byte = round as u8;
        sum += u64::from(byte);
        let chunk = fill(&mut pool, index, 0, &[byte]);
        if round % 3 == 0 {
            // Both threads have a handle; either may be the last.
            send.send(chunk.clone()).unwrap();
        } else {
            send.send(chunk).unwrap();
        }
    }
    drop(send);
    assert_eq!(thread.join().unwrap(), sum);
    collect(&mut pool);
    assert_eq!(pool.free(), 4);
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn only_a_starved_owner_is_woken_and_only_by_others() {
    let mut pool = Pool::new(8, 16).unwrap();
    let wakes = Arc::new(Wakes::default());
    pool.wake_by(wakes.clone());
    let mut chunks: Vec<_> = (0..8).map(|_| chunk(&mut pool, b"x")).collect();
    let mut elsewhere = |count| {
        let theirs: Vec<_> = chunks.drain(..count).collect();
        thread::spawn(|| drop(theirs)).join().unwrap();
        wakes.0.swap(0, Ordering::Relaxed)
    };
    assert_eq!(elsewhere(1), 0);
    pool.set_starved(true);
    assert!(pool.has_returned());
    assert_eq!(collect(&mut pool).len(), 1);
    assert_eq!(elsewhere(2), 2);
    // Asked for once, it holds until it is taken back.
    assert_eq!(collect(&mut pool).len(), 2);
    assert_eq!(elsewhere(1), 1);
    pool.set_starved(true);
    pool.set_starved(false);
    assert_eq!(elsewhere(1), 0);
    pool.set_starved(true);
    drop(chunks.pop());
    assert_eq!(wakes.0.load(Ordering::Relaxed), 0);
    // A pool that has ended wakes nobody, and lets go of what it would wake.
    drop(pool);
    assert_eq!(Arc::strong_count(&wakes), 1);
    thread::spawn(|| drop(chunks)).join().unwrap();
    assert_eq!(wakes.0.load(Ordering::Relaxed), 0);
}

/// Sleeps in the Poll, and ends when a buffer is back.
struct UntilReturned<'a>(&'a mut Pool);

impl Park for UntilReturned<'_> {
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> std::io::Result<bool> {
        self.0.set_starved(true);
        if !self.0.has_returned() {
            harvest.wait(timeout)?;
        }
        Ok(self.0.has_returned())
    }
}

#[test]
fn a_nudge_wakes_the_poll_of_a_starved_owner() {
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(8));
    let mut pool = Pool::new(1, 16).unwrap();
    pool.on_return(poll.nudge().unwrap());
    let (send, receive) = mpsc::channel::<Chunk>();
    let thread = thread::spawn(move || receive.iter().for_each(drop));
    for _ in 0..2000 {
        send.send(chunk(&mut pool, b"x")).unwrap();
        let limit = Some(Duration::from_secs(10));
        poll.poll_parked(&mut events, limit, &mut UntilReturned(&mut pool)).unwrap();
        assert!(events.is_empty());
        assert_eq!(collect(&mut pool), [0]);
    }
    drop(send);
    thread.join().unwrap();
}
