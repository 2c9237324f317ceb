//! One wait for both: readiness and completions do not lose one another.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::time::Timer;
use ferrio_poll::{Events, Interest, Mode, Token, Waker, user};
use ferrio_proactor::{DriverKind, Handle, op};

use crate::harness::system::{Source, Stream, WAIT_COST, pair};
use crate::harness::{PATIENCE, Rig, on_each_setup};

/// The token of what is in flight all the time.
const BESIDE: Token = Token(1000);

/// What one test waits for.
const SOURCE: Token = Token(1);

/// An accept and a receive, which nobody answers.
fn put_in_flight(rig: &mut Rig) -> (TcpListener, TcpStream, Handle) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let handle = rig.proactor.attach(listener.try_clone().unwrap());
    rig.proactor.submit(BESIDE, op::AcceptMany { handle }).unwrap();
    let (handle, peer) = rig.connection();
    rig.proactor.submit(BESIDE, op::RecvMany { handle }).unwrap();
    rig.poll(Duration::from_millis(1));
    assert!(rig.events.is_empty() && rig.completions.is_empty());
    (listener, peer, handle)
}

/// The tokens of the next events.
fn next_events(rig: &mut Rig) -> Vec<Token> {
    let start = Instant::now();
    loop {
        rig.poll(PATIENCE);
        let tokens: Vec<_> = rig.events.iter().map(|event| event.token()).collect();
        if !tokens.is_empty() {
            return tokens;
        }
        assert!(start.elapsed() < PATIENCE, "{}: no event came", rig.way);
    }
}

/// A source of readiness, registered, and its peer.
fn source(rig: &Rig, token: Token, mode: Mode) -> (Source, Stream) {
    let (source, peer) = pair();
    let mut source = non_blocking(source);
    rig.proactor.registry().register_with(&mut source, token, Interest::READABLE, mode).unwrap();
    (source, peer)
}

/// A stream as a source.
fn non_blocking(stream: Stream) -> Source {
    stream.set_nonblocking(true).unwrap();
    Source::from_std(stream)
}

/// Reads until there is no more, or the end; the number of bytes.
fn drain(source: &mut Source) -> usize {
    let mut count = 0;
    loop {
        match source.read(&mut [0; 8]) {
            Ok(0) => return count,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return count,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Readiness by a thread that writes while the proactor sleeps.
fn write_soon(mut peer: Stream) -> thread::JoinHandle<Stream> {
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(5));
        peer.write_all(b"!").unwrap();
        peer
    })
}

#[test]
fn each_mode_is_reported_beside_operations() {
    on_each_setup(|rig| {
        let _beside = put_in_flight(rig);
        for mode in [Mode::Edge, Mode::Level, Mode::Oneshot] {
            let (mut source, mut peer) = source(rig, SOURCE, mode);
            for round in 0..5 {
                peer = write_soon(peer).join().unwrap();
                assert_eq!(next_events(rig), [SOURCE], "{}, {mode:?}", rig.way);
                if mode == Mode::Level {
                    assert_eq!(next_events(rig), [SOURCE], "{}: a level once", rig.way);
                }
                assert_eq!(drain(&mut source), 1);
                assert!(rig.is_silent(), "{}, {mode:?}, round {round}", rig.way);
                if mode == Mode::Oneshot {
                    let registry = rig.proactor.registry();
                    registry.reregister_with(&mut source, SOURCE, Interest::READABLE, mode).unwrap();
                }
            }
            rig.proactor.registry().deregister(&mut source).unwrap();
        }
    });
}

#[test]
fn what_finds_no_room_among_the_events_comes_later() {
    on_each_setup(|rig| {
        let (_listener, mut peer, _) = put_in_flight(rig);
        let mut pairs = Vec::new();
        for n in 0..10 {
            let (source, mut writer) = source(rig, Token(n), Mode::Edge);
            writer.write_all(b"!").unwrap();
            pairs.push((source, writer));
        }
        peer.write_all(b"!").unwrap();
        rig.events = Events::with_capacity(1);
        let mut seen = [0; 10];
        let mut completions = 0;
        let start = Instant::now();
        while seen.iter().sum::<usize>() < 10 || completions == 0 {
            rig.poll(Duration::from_millis(100));
            rig.events.iter().for_each(|event| seen[event.token().0] += 1);
            completions += rig.completions.len();
            assert!(start.elapsed() < PATIENCE, "{}: {seen:?}, {completions}", rig.way);
        }
        assert_eq!((seen, completions), ([1; 10], 1), "{}", rig.way);
        assert!(rig.is_silent());
    });
}

#[test]
fn another_thread_registers_what_is_ready_while_the_proactor_sleeps() {
    on_each_setup(|rig| {
        let _beside = put_in_flight(rig);
        let (source, mut writer) = pair();
        let mut source = non_blocking(source);
        writer.write_all(b"!").unwrap();
        let registry = rig.proactor.registry().try_clone().unwrap();
        let registering = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            registry.register_with(&mut source, SOURCE, Interest::READABLE, Mode::Oneshot).unwrap();
            (registry, source)
        });
        assert_eq!(next_events(rig), [SOURCE]);
        let (registry, mut source) = registering.join().unwrap();
        assert!(rig.is_silent());
        // And arms it again.
        let arming = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            registry.reregister_with(&mut source, SOURCE, Interest::READABLE, Mode::Oneshot).unwrap();
            source
        });
        assert_eq!(next_events(rig), [SOURCE], "{}", rig.way);
        arming.join().unwrap();
    });
}

#[test]
fn sources_of_the_process_end_the_same_wait() {
    on_each_setup(|rig| {
        let _beside = put_in_flight(rig);
        let registry = rig.proactor.registry().try_clone().unwrap();
        let waker = Waker::new(&registry, Token(1)).unwrap();
        let (mut receiver, trigger) = user::source();
        registry.register(&mut receiver, Token(2), Interest::READABLE).unwrap();
        let (sender, mut messages) = user::channel::<u32>();
        registry.register(&mut messages, Token(3), Interest::READABLE).unwrap();
        let mut timer = Timer::new();
        registry.register(&mut timer, Token(4), Interest::READABLE).unwrap();
        let (go_on, next) = mpsc::channel();
        let asking = thread::spawn(move || {
            let pause = || {
                next.recv().unwrap();
                // Mostly the wait has begun by then.
                thread::sleep(Duration::from_millis(10));
            };
            pause();
            waker.wake().unwrap();
            pause();
            trigger.fire().unwrap();
            pause();
            sender.send(5).unwrap();
            // Its end would be news too.
            (waker, trigger, sender)
        });
        for token in 1..=3 {
            go_on.send(()).unwrap();
            assert_eq!(next_events(rig), [Token(token)], "{}", rig.way);
        }
        let kept = asking.join().unwrap();
        let start = Instant::now();
        timer.set(Duration::from_millis(30)).unwrap();
        assert_eq!(next_events(rig), [Token(4)], "{}", rig.way);
        assert!(start.elapsed() >= Duration::from_millis(30), "{}: early", rig.way);
        drop(kept);
    });
}

#[test]
fn a_source_that_was_taken_out_is_not_reported() {
    on_each_setup(|rig| {
        let (_listener, mut peer, _) = put_in_flight(rig);
        for _ in 0..50 {
            let (mut source, mut writer) = source(rig, SOURCE, Mode::Level);
            writer.write_all(b"!").unwrap();
            peer.write_all(b"!").unwrap();
            // A completion in between: the readiness may have been seen by then.
            rig.wait();
            rig.proactor.registry().deregister(&mut source).unwrap();
            rig.poll(Duration::ZERO);
            assert!(rig.events.is_empty(), "{}: {:?}", rig.way, rig.events);
        }
    });
}

#[test]
fn without_operations_a_wait_is_that_of_the_poll() {
    on_each_setup(|rig| {
        let (mut source, mut peer) = source(rig, SOURCE, Mode::Edge);
        // The driver is there, and nothing is in flight.
        let (handle, _other) = rig.connection();
        let id = rig.proactor.submit(BESIDE, op::Send::new(handle, "x")).unwrap();
        rig.done::<op::Send<&str>>(id).0.unwrap();
        let enters = rig.proactor.stats().enters;
        for _ in 0..20 {
            peer.write_all(b"!").unwrap();
            assert_eq!(next_events(rig), [SOURCE]);
            assert_eq!(drain(&mut source), 1);
        }
        assert_eq!(rig.proactor.stats().enters, enters, "{}", rig.way);
    });
}

#[test]
fn readiness_beside_an_idle_accept_enters_no_ring() {
    on_each_setup(|rig| {
        let _beside = put_in_flight(rig);
        let (mut source, mut peer) = source(rig, SOURCE, Mode::Edge);
        let mut turn = |rig: &mut Rig| {
            peer.write_all(b"!").unwrap();
            assert_eq!(next_events(rig), [SOURCE]);
            assert_eq!(drain(&mut source), 1);
        };
        // The first finds where to sleep.
        (0..3).for_each(|_| turn(rig));
        let enters = rig.proactor.stats().enters;
        (0..100).for_each(|_| turn(rig));
        let more = rig.proactor.stats().enters - enters;
        assert!(more <= 2, "{}: {more} enters for 100 turns", rig.way);
    });
}

/// What a thread asks for, and when it was seen.
const ROUNDS: usize = 20_000;

/// Waits until a peer says that the one before was seen.
fn await_next(peer: &mut Stream) -> io::Result<()> {
    peer.read_exact(&mut [0])
}

#[test]
fn nothing_is_lost_among_edges_wakes_and_packets() {
    // Each is sent only once the one before was seen: a loss would be the end.
    on_each_setup(|rig| {
        let rounds = if rig.way.setup.is_none() { ROUNDS / WAIT_COST } else { ROUNDS / 10 };
        let (mut edge, edge_peer) = source(rig, Token(0), Mode::Edge);
        let waker = Waker::new(rig.proactor.registry(), Token(1)).unwrap();
        let (packets, packet_peer) = pair();
        let handle = rig.proactor.attach(packets);
        rig.proactor.submit(Token(2), op::RecvMany { handle }).unwrap();
        let (acks, ack_peers): (Vec<_>, Vec<_>) = (0..3).map(|_| pair()).unzip();
        let mut ack_peers = ack_peers.into_iter();
        let mut start = |mut ask: Box<dyn FnMut() + Send>| {
            let mut ack = ack_peers.next().unwrap();
            thread::spawn(move || {
                for _ in 0..rounds {
                    ask();
                    await_next(&mut ack).unwrap();
                }
            })
        };
        let (mut edge_peer, mut packet_peer) = (edge_peer, packet_peer);
        let threads = [
            start(Box::new(move || edge_peer.write_all(b"e").unwrap())),
            start(Box::new(move || waker.wake().unwrap())),
            start(Box::new(move || packet_peer.write_all(b"p").unwrap())),
        ];
        let mut seen = [0; 3];
        let mut last = Instant::now();
        while seen.iter().sum::<usize>() < 3 * rounds {
            rig.poll(PATIENCE);
            assert!(last.elapsed() < PATIENCE, "{}: lost after {seen:?}", rig.way);
            let mut came = [0; 3];
            for event in &rig.events {
                came[event.token().0] += 1;
            }
            if came[0] > 0 {
                // A spurious edge has no byte.
                came[0] = drain(&mut edge);
            }
            while let Some(completion) = rig.completions.next() {
                if completion.more {
                    came[2] += 1;
                }
            }
            for n in 0..3 {
                if came[n] > 0 && seen[n] < rounds {
                    assert_eq!(came[n], 1, "{}, {n}", rig.way);
                    seen[n] += 1;
                    (&acks[n]).write_all(b"!").unwrap();
                    last = Instant::now();
                }
            }
        }
        assert_eq!(seen, [rounds; 3]);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        if rig.way.setup.is_none() && rig.proactor.driver() == Some(DriverKind::Ring) {
            println!("{:?}", rig.proactor.stats());
        }
    });
}
