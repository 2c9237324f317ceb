//! Receivers that wait for a free buffer of the pool.

use std::io::Write;
use std::mem::MaybeUninit;
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::Token;
use ferrio_proactor::{Choice, Chunk, Completions, Config, DriverKind, Handle, Kind, is_cancelled, op};
use socket2::SockRef;

use crate::harness::system::socket;
use crate::harness::{Came, PATIENCE, Rig, on_each, on_each_setup_with, on_each_with};
#[cfg(unix)]
use crate::limit;

/// A pool that four pieces of data empty.
fn small() -> Config {
    Config { buffers: 4, buffer_len: 1024, ..Config::default() }
}

fn one_buffer() -> Config {
    Config { buffers: 1, ..Config::default() }
}

/// Longer than anything takes that is not lost.
const LOST: Duration = Duration::from_secs(5);

/// The next chunk, which holds its buffer.
fn next_chunk(rig: &mut Rig) -> (Token, Chunk) {
    rig.wait();
    let completion = rig.completions.next().unwrap();
    let Kind::Received(chunk) = completion.kind else { panic!("{completion:?}") };
    (completion.token, chunk)
}

/// Chunks that a test keeps.
struct Kept(Vec<Chunk>);

/// Takes chunks until the pool is empty.
fn empty_the_pool(rig: &mut Rig, buffers: usize) -> (Handle, TcpStream, Kept) {
    let (handle, mut peer) = rig.connection();
    rig.proactor.submit(Token(usize::MAX), op::RecvMany { handle }).unwrap();
    let mut kept = Vec::new();
    while kept.len() < buffers {
        peer.write_all(&[0; 10]).unwrap();
        rig.wait();
        while let Some(completion) = rig.completions.next() {
            let Kind::Received(chunk) = completion.kind else { panic!("{completion:?}") };
            kept.push(chunk);
        }
    }
    assert_eq!(rig.proactor.stats().buffers_free, 0, "{}", rig.way);
    (handle, peer, Kept(kept))
}

/// Polls until `count` receivers are starved.
fn until_starved(rig: &mut Rig, count: u64) {
    let start = Instant::now();
    while rig.proactor.stats().starved < count {
        assert!(start.elapsed() < PATIENCE, "{}: nobody starves", rig.way);
        rig.poll(Duration::from_millis(1));
        assert!(rig.completions.is_empty(), "{}: data without a buffer", rig.way);
    }
}

#[test]
fn more_data_than_buffers_comes_in_time() {
    on_each_setup_with(small(), |rig| {
        let (handle, mut peer) = rig.connection();
        rig.proactor.submit(Token(1), op::RecvMany { handle }).unwrap();
        peer.set_nodelay(true).unwrap();
        let writer = thread::spawn(move || {
            for number in 0..200_u8 {
                peer.write_all(&[number; 1000]).unwrap();
            }
        });
        // The writer is ahead, however slow it is.
        let ahead = &mut [MaybeUninit::uninit(); 20_000];
        while SockRef::from(&socket(&rig.proactor, handle).unwrap()).peek(ahead).unwrap_or(0) < ahead.len() {
            thread::yield_now();
        }
        let mut received = 0;
        loop {
            match rig.next() {
                (_, true, Came::Received(bytes)) => {
                    for byte in bytes {
                        assert_eq!(usize::from(byte), received / 1000);
                        received += 1;
                    }
                }
                (_, false, Came::Ended(Ok(()))) => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(received, 200_000, "{}", rig.way);
        writer.join().unwrap();
        assert_eq!(rig.proactor.stats().buffers_free_min, 0, "{}: the pool was large enough", rig.way);
    });
}

#[test]
fn chunks_dropped_in_another_thread_let_a_receiver_go_on() {
    on_each_setup_with(small(), |rig| {
        let (handle, mut peer) = rig.connection();
        rig.proactor.submit(Token(1), op::RecvMany { handle }).unwrap();
        let (sender, chunks) = mpsc::channel::<Chunk>();
        let dropper = thread::spawn(move || {
            let mut bytes = 0;
            for (n, chunk) in chunks.iter().enumerate() {
                // Now and then late enough for the owner to sleep.
                if n % 16 == 0 {
                    thread::sleep(Duration::from_millis(2));
                }
                bytes += chunk.len();
            }
            bytes
        });
        let writer = thread::spawn(move || peer.write_all(&[7; 400_000]).unwrap());
        let mut is_over = false;
        while !is_over {
            // A wait of this length ends the test: nothing woke the owner.
            rig.wait();
            while let Some(completion) = rig.completions.next() {
                match completion.kind {
                    Kind::Received(chunk) => sender.send(chunk).unwrap(),
                    Kind::Ended(result) => {
                        result.unwrap();
                        is_over = true;
                    }
                    kind => panic!("{kind:?}"),
                }
            }
        }
        drop(sender);
        writer.join().unwrap();
        assert_eq!(dropper.join().unwrap(), 400_000, "{}", rig.way);
    });
}

#[test]
fn many_connections_share_few_buffers() {
    // Fewer places for entries than receivers that wait.
    share(300, Config { buffers: 16, entries: 8, ..Config::default() });
}

#[test]
fn a_thousand_connections_share_the_pool_as_it_is() {
    // Two descriptors each. The tests of this process run at once, and have descriptors too.
    #[cfg(unix)]
    limit::set(|limit| limit.map(|limit| limit.saturating_add(2100)));
    share(1000, Config::default());
}

/// Has so many peers send at once, and end.
fn share(connections: usize, config: Config) {
    on_each_with(config, |rig| {
        let mut peers = Vec::new();
        for n in 0..connections {
            let (handle, mut peer) = rig.connection();
            rig.proactor.submit(Token(n), op::RecvMany { handle }).unwrap();
            peer.write_all(&[1; 3000]).unwrap();
            peer.shutdown(Shutdown::Write).unwrap();
            peers.push(peer);
        }
        let mut bytes = vec![0; connections];
        let mut over = 0;
        while over < connections {
            match rig.next() {
                (token, true, Came::Received(data)) => bytes[token.0] += data.len(),
                (_, false, Came::Ended(Ok(()))) => over += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(bytes.iter().all(|&bytes| bytes == 3000), "{}: {bytes:?}", rig.way);
        let stats = rig.proactor.stats();
        let is_ring = rig.proactor.driver() == Some(DriverKind::Ring);
        assert!(stats.starved > 0 || !is_ring, "{}: the pool was large enough; {stats:?}", rig.way);
    });
}

#[test]
fn a_receiver_without_a_buffer_is_left_alone_until_there_is_one() {
    on_each_setup_with(small(), |rig| {
        let (_, _first, Kept(kept)) = empty_the_pool(rig, 4);
        let (handle, mut peer) = rig.connection();
        peer.write_all(b"data").unwrap();
        rig.proactor.submit(Token(1), op::RecvMany { handle }).unwrap();
        until_starved(rig, 1);
        // By now each that has to wait does so.
        assert!(rig.is_silent(), "{}", rig.way);
        let before = rig.proactor.stats();
        assert!(rig.is_silent(), "{}", rig.way);
        let after = rig.proactor.stats();
        assert_eq!(after.starved, before.starved, "{}: it was tried for nothing", rig.way);
        assert!(after.enters <= before.enters + 4, "{}: {before:?}, {after:?}", rig.way);
        drop(kept);
        assert!(matches!(rig.next(), (Token(1), true, Came::Received(_))), "{}", rig.way);
    });
}

#[test]
fn a_buffer_that_one_does_not_need_goes_to_the_next() {
    on_each_setup_with(small(), |rig| {
        let (_, _first, Kept(mut kept)) = empty_the_pool(rig, 4);
        // The first in the queue for a buffer has no data: it does not keep the buffer from the other.
        let (idle, _idle_peer) = rig.connection();
        let (busy, mut busy_peer) = rig.connection();
        rig.proactor.submit(Token(1), op::RecvMany { handle: idle }).unwrap();
        until_starved_or_waiting(rig);
        busy_peer.write_all(b"data").unwrap();
        rig.proactor.submit(Token(2), op::RecvMany { handle: busy }).unwrap();
        until_starved(rig, 1);
        until_starved_or_waiting(rig);
        drop(kept.pop());
        let (token, more, came) = rig.next();
        assert_eq!((token, more), (Token(2), true), "{}: {came:?}", rig.way);
    });
}

/// Lets receivers that were submitted be tried.
fn until_starved_or_waiting(rig: &mut Rig) {
    for _ in 0..5 {
        rig.poll(Duration::from_millis(1));
        assert!(rig.completions.is_empty(), "{}: data without a buffer", rig.way);
    }
}

#[test]
fn a_cancelled_receiver_does_not_take_the_turn_of_another() {
    on_each_setup_with(small(), |rig| {
        let (_, _first, Kept(mut kept)) = empty_the_pool(rig, 4);
        let mut ids = Vec::new();
        let mut peers = Vec::new();
        for n in 0..3 {
            let (handle, mut peer) = rig.connection();
            peer.write_all(b"data").unwrap();
            ids.push((handle, rig.proactor.submit(Token(n), op::RecvMany { handle }).unwrap()));
            peers.push(peer);
        }
        until_starved(rig, 3);
        assert!(rig.proactor.cancel(ids[0].1));
        let (token, more, came) = rig.next();
        assert!(matches!(&came, Came::Ended(Err(error)) if is_cancelled(error)), "{came:?}");
        assert_eq!((token, more), (Token(0), false));
        rig.proactor.close(ids[1].0);
        let (token, more, came) = rig.next();
        assert!(matches!(&came, Came::Ended(Err(error)) if is_cancelled(error)), "{came:?}");
        assert_eq!((token, more), (Token(1), false));
        assert!(rig.is_silent(), "{}", rig.way);
        // One buffer, and the one that is left gets it.
        drop(kept.pop());
        let (token, more, _) = rig.next();
        assert_eq!((token, more), (Token(2), true), "{}", rig.way);
    });
}

#[test]
fn the_end_of_a_stream_comes_when_there_is_a_buffer() {
    on_each_setup_with(small(), |rig| {
        let (_, _first, Kept(kept)) = empty_the_pool(rig, 4);
        let (handle, peer) = rig.connection();
        rig.proactor.submit(Token(1), op::RecvMany { handle }).unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        assert!(rig.is_silent(), "{}", rig.way);
        drop(kept);
        let (token, more, came) = rig.next();
        assert_eq!((token, more), (Token(1), false));
        assert!(matches!(came, Came::Ended(Ok(()))), "{}: {came:?}", rig.way);
    });
}

#[test]
fn answers_that_are_over_give_their_buffers_to_the_next_receivers() {
    // As many as the readiness driver hears of in one turn have all the buffers.
    const CONNECTIONS: usize = 300;
    on_each(|rig| {
        rig.completions = Completions::with_capacity(1024);
        let mut peers = Vec::new();
        for n in 0..CONNECTIONS {
            let (handle, peer) = rig.connection();
            rig.proactor.submit(Token(n), op::RecvMany { handle }).unwrap();
            peers.push((handle, peer));
        }
        rig.poll(Duration::ZERO);
        for _ in 0..4 {
            peers.iter_mut().for_each(|(_, peer)| peer.write_all(&[1; 64]).unwrap());
            let mut answered = 0;
            while answered < CONNECTIONS {
                rig.wait();
                while let Some(completion) = rig.completions.next() {
                    match completion.kind {
                        Kind::Received(chunk) => {
                            let (handle, _) = peers[completion.token.0];
                            rig.proactor.submit(completion.token, op::Send::new(handle, chunk)).unwrap();
                        }
                        Kind::Done(_) => answered += 1,
                        kind => panic!("{kind:?}"),
                    }
                }
            }
        }
        // A ring is told of buffers that are free again by its next system call.
        let is_ring = rig.way.driver == Choice::Ring;
        assert!(is_ring || rig.proactor.stats().starved == 0, "{}: {:?}", rig.way, rig.proactor.stats());
    });
}

#[test]
fn each_of_many_that_are_ready_has_its_turn() {
    const CONNECTIONS: usize = 300;
    on_each_with(Config { buffers: 1024, ..Config::default() }, |rig| {
        let mut peers = Vec::new();
        for n in 0..CONNECTIONS {
            let (handle, peer) = rig.connection();
            rig.proactor.submit(Token(n), op::RecvMany { handle }).unwrap();
            peers.push(peer);
        }
        assert!(rig.is_silent());
        peers.iter_mut().for_each(|peer| peer.write_all(b"!").unwrap());
        let mut seen = [false; CONNECTIONS];
        rig.completions = Completions::with_capacity(1024);
        for _ in 0..20 {
            rig.wait();
            while let Some(completion) = rig.completions.next() {
                let n = completion.token.0;
                seen[n] = true;
                peers[n].write_all(b"!").unwrap();
            }
        }
        let missing = seen.iter().filter(|seen| !**seen).count();
        assert_eq!(missing, 0, "{}: some had no turn", rig.way);
    });
}

#[test]
fn a_fast_sender_does_not_hold_up_another() {
    on_each(|rig| {
        let connections: Vec<_> = (0..2).map(|_| rig.connection()).collect();
        let mut peers = Vec::new();
        for (n, (handle, peer)) in connections.into_iter().enumerate() {
            let mut writer = peer.try_clone().unwrap();
            // As much as the sockets take, up to 2 MiB.
            writer.set_nonblocking(true).unwrap();
            let mut left = 2 << 20;
            while left > 0 {
                match writer.write(&vec![0; left]) {
                    Ok(count) => left -= count,
                    Err(_) => break,
                }
            }
            rig.proactor.submit(Token(n), op::RecvMany { handle }).unwrap();
            peers.push(peer);
        }
        let mut first_of_second = None;
        let mut pieces = 0;
        while first_of_second.is_none() {
            let (token, more, _) = rig.next();
            assert!(more);
            pieces += 1;
            first_of_second = (token == Token(1)).then_some(pieces);
        }
        assert!(first_of_second.is_some_and(|pieces| pieces <= 70), "{}: after {pieces}", rig.way);
    });
}

#[test]
fn a_receiver_that_leaves_the_buffer_lets_the_next_have_it() {
    for leaves in ["by its end", "by a cancel"] {
        on_each_with(one_buffer(), |rig| {
            let (first, mut first_peer) = rig.connection();
            let (second, mut second_peer) = rig.connection();
            let id = rig.proactor.submit(Token(1), op::RecvMany { handle: first }).unwrap();
            rig.proactor.submit(Token(2), op::RecvMany { handle: second }).unwrap();
            // Both have begun to wait for data.
            assert!(rig.is_silent());
            first_peer.write_all(b"x").unwrap();
            let (token, held) = next_chunk(rig);
            assert_eq!((token, &*held), (Token(1), &b"x"[..]));
            // Both wait for the buffer, the first one first.
            if leaves == "by its end" {
                first_peer.shutdown(Shutdown::Write).unwrap();
            } else {
                first_peer.write_all(b"z").unwrap();
            }
            assert!(rig.is_silent());
            second_peer.write_all(b"y").unwrap();
            assert!(rig.is_silent());
            if leaves == "by a cancel" {
                rig.proactor.cancel(id);
            }
            drop(held);
            let start = Instant::now();
            let mut is_received = false;
            while !is_received {
                rig.poll(Duration::from_millis(100));
                while let Some(completion) = rig.completions.next() {
                    is_received |= completion.token == Token(2);
                }
                assert!(start.elapsed() < LOST, "{}, {leaves}: a free buffer is not used", rig.way);
            }
        });
    }
}

#[test]
fn a_buffer_that_another_thread_gives_back_is_heard_of() {
    on_each_with(one_buffer(), |rig| {
        let (handle, mut peer) = rig.connection();
        peer.set_nodelay(true).unwrap();
        rig.proactor.submit(Token(1), op::RecvMany { handle }).unwrap();
        let (give, given) = mpsc::channel::<Chunk>();
        let thread = thread::spawn(move || {
            for (round, chunk) in given.iter().enumerate() {
                // At another time of the wait in each round.
                for _ in 0..round % 500 {
                    std::hint::spin_loop();
                }
                drop(chunk);
            }
        });
        for round in 0..5000 {
            peer.write_all(b"x").unwrap();
            let start = Instant::now();
            let (_, chunk) = next_chunk(rig);
            assert!(start.elapsed() < LOST, "{}, round {round}: a buffer is lost", rig.way);
            give.send(chunk).unwrap();
        }
        drop(give);
        thread.join().unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        assert!(matches!(rig.next(), (Token(1), false, Came::Ended(Ok(())))));
    });
}
