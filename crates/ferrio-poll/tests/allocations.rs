//! Nothing is allocated per event, per poll, per wake, per registration or per timer.
//!
//! A binary of its own: the allocator of the whole process is a counting one.

#[path = "allocations/counting.rs"]
mod counting;

use std::io::{Read, Write};
use std::net;
#[cfg(unix)]
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use ferrio_poll::net::udp::{RecvBatch, SendBatch, Transmit};
#[cfg(unix)]
use ferrio_poll::net::{Descriptors, UnixStream};
use ferrio_poll::net::{TcpStream, UdpSocket};
use ferrio_poll::time::{Timer, Wheel};
use ferrio_poll::{Backend, Events, Interest, Mode, Poll, Token, Waker, user};

use crate::counting::allocations;

const PAIRS: usize = 50;
const ROUNDS: usize = 200;

/// Two connected streams.
fn pair() -> (TcpStream, TcpStream) {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let one = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (other, _) = listener.accept().unwrap();
    for stream in [&one, &other] {
        stream.set_nonblocking(true).unwrap();
        stream.set_nodelay(true).unwrap();
    }
    (TcpStream::from_std(one), TcpStream::from_std(other))
}

/// Every pair reports once per round, three wakers wake, and one registration ends
/// and begins.
fn round(
    poll: &mut Poll,
    events: &mut Events,
    pairs: &mut [(TcpStream, TcpStream)],
    wakers: &[Waker],
) -> usize {
    let mut buf = [0; 64];
    for (_, writer) in pairs.iter_mut() {
        writer.write_all(b"ping").unwrap();
    }
    for waker in wakers {
        waker.wake().unwrap();
    }
    let mut seen = 0;
    while seen < pairs.len() + wakers.len() {
        poll.poll(events, Some(Duration::from_secs(5))).unwrap();
        assert!(!events.is_empty(), "only {seen} events");
        seen += events.len();
        for event in &*events {
            if let Some((reader, _)) = pairs.get_mut(event.token().0) {
                while reader.read(&mut buf).is_ok() {}
            }
        }
    }
    let (reader, _) = &mut pairs[0];
    poll.registry().deregister(reader).unwrap();
    poll.registry().register(reader, Token(0), Interest::READABLE).unwrap();
    poll.registry().reregister(reader, Token(0), Interest::READABLE | Interest::WRITABLE).unwrap();
    poll.registry().reregister(reader, Token(0), Interest::READABLE).unwrap();
    poll.poll(events, Some(Duration::ZERO)).unwrap();
    seen
}

#[test]
fn nothing_is_allocated_once_a_loop_runs() {
    for backend in Backend::candidates() {
        let mut poll = Poll::builder().backend(*backend).build().unwrap();
        let mut events = Events::with_capacity(16);
        let mut pairs: Vec<_> = (0..PAIRS).map(|_| pair()).collect();
        for (n, (reader, _)) in pairs.iter_mut().enumerate() {
            poll.registry().register(reader, Token(n), Interest::READABLE).unwrap();
        }
        let wakers: Vec<_> = (0..3).map(|n| Waker::new(poll.registry(), Token(PAIRS + n)).unwrap()).collect();
        // The first rounds grow what is reused from then on.
        for _ in 0..2 {
            round(&mut poll, &mut events, &mut pairs, &wakers);
        }
        let before = allocations();
        let mut seen = 0;
        for _ in 0..ROUNDS {
            seen += round(&mut poll, &mut events, &mut pairs, &wakers);
        }
        let allocations = allocations() - before;
        println!("{backend:?}: {allocations} allocations for {seen} events");
        assert_eq!(allocations, 0, "{backend:?}: {allocations} allocations for {seen} events");
    }
}

#[test]
fn timers_and_user_sources_allocate_nothing_once_they_are_registered() {
    for backend in Backend::candidates() {
        let mut poll = Poll::builder().backend(*backend).timing(true).build().unwrap();
        let mut events = Events::with_capacity(16);
        let (mut receiver, trigger) = user::source();
        let mut timer = Timer::new();
        poll.registry().register(&mut receiver, Token(1), Interest::READABLE).unwrap();
        poll.registry().register_with(&mut timer, Token(2), Interest::READABLE, Mode::Level).unwrap();
        let mut seen = 0;
        let mut before = 0;
        for round in 0..ROUNDS {
            if round == 2 {
                before = allocations();
            }
            trigger.fire().unwrap();
            timer.set(Duration::ZERO).unwrap();
            timer.set_slack(Duration::from_millis(1));
            poll.poll(&mut events, Some(Duration::from_secs(5))).unwrap();
            seen += events.len();
            assert!(timer.take() + u64::from(receiver.take().is_some()) > 0);
            timer.set_every(Duration::from_secs(1)).unwrap();
            assert!(timer.cancel() && poll.timing().is_some());
        }
        let allocations = allocations() - before;
        assert_eq!(allocations, 0, "{backend:?}: {allocations} allocations for {seen} events");
        assert!(seen >= ROUNDS);
    }
}

#[test]
fn batches_of_datagrams_allocate_nothing() {
    let [sender, receiver] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap());
    let destination = receiver.local_addr().unwrap();
    let (mut out, mut batch) = (SendBatch::with_capacity(8), RecvBatch::with_capacity(16, 1500));
    let contents = [7; 10_000];
    let before = allocations();
    let mut seen = 0;
    for _ in 0..ROUNDS {
        let mut transmits = [
            Transmit::to(destination, &contents).with_segment_size(1200),
            Transmit::to(destination, b"x"),
            Transmit::to(destination, b""),
        ];
        let mut left = &mut transmits[..];
        while !left.is_empty() {
            let sent = sender.send_batch(&mut out, left).unwrap();
            Transmit::advance(&mut left, sent);
        }
        while receiver.recv_batch(&mut batch).is_ok() {
            seen += batch.iter().map(|received| received.segments().len()).sum::<usize>();
        }
    }
    let allocations = allocations() - before;
    assert_eq!(allocations, 0, "for {seen} datagrams");
    assert!(seen > ROUNDS);
}

#[test]
fn a_wheel_allocates_only_when_it_grows() {
    const TIMERS: usize = 1000;
    let start = Instant::now();
    let mut wheel = Wheel::with_capacity(start, TIMERS);
    let mut keys = Vec::with_capacity(TIMERS);
    let before = allocations();
    let mut expired = 0;
    for round in 0..ROUNDS as u64 {
        let now = start + Duration::from_secs(round * 3600);
        for n in 0..TIMERS as u64 {
            keys.push(wheel.insert(now + Duration::from_millis(n * n), Token(keys.len())));
        }
        for key in keys.iter().step_by(3) {
            wheel.remove(*key).unwrap();
        }
        for key in keys.drain(..).skip(1).step_by(3) {
            assert!(wheel.reset(key, now + Duration::from_secs(1800)));
        }
        while wheel.expire(now + Duration::from_secs(1801)).is_some() {
            expired += 1;
        }
        assert!(wheel.is_empty());
    }
    assert_eq!(allocations() - before, 0, "allocations for {expired} timers");
    assert_eq!(expired, ROUNDS * (TIMERS - TIMERS.div_ceil(3)));
    for _ in 0..=TIMERS {
        wheel.insert(start, Token(0));
    }
    assert_eq!(allocations() - before, 1, "more entries than there is room for");
}

#[cfg(unix)]
#[test]
fn descriptors_are_passed_without_an_allocation() {
    let (one, other) = UnixStream::pair().unwrap();
    let mut fds = Descriptors::with_capacity(3);
    let before = allocations();
    for round in 0..ROUNDS {
        let passed = [one.as_fd(); 3];
        assert_eq!(one.send_with_fds(b"three", &passed).unwrap(), 5);
        assert_eq!(other.recv_with_fds(&mut [0; 8], &mut fds).unwrap(), 5);
        // Given away in one round, closed by the next receive in the other.
        assert_eq!(if round % 2 == 0 { fds.drain().count() } else { fds.len() }, 3);
    }
    assert_eq!(allocations() - before, 0);
}
