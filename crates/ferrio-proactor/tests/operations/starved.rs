//! Receivers that have no buffer.

use std::io::Write;
use std::net::Shutdown;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::Token;
use ferrio_proactor::{Chunk, Config, Kind, op};

use crate::harness::{Came, Rig, on_each_with};

/// Longer than anything takes that is not lost.
const LOST: Duration = Duration::from_secs(5);

fn one_buffer() -> Config {
    Config { buffers: 1, ..Config::default() }
}

/// The next chunk, which holds its buffer.
fn chunk(rig: &mut Rig) -> (Token, Chunk) {
    rig.wait();
    let completion = rig.completions.next().unwrap();
    let Kind::Received(chunk) = completion.kind else { panic!("{completion:?}") };
    (completion.token, chunk)
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
            let (token, held) = chunk(rig);
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
            let (_, chunk) = chunk(rig);
            assert!(start.elapsed() < LOST, "{}, round {round}: a buffer is lost", rig.way);
            give.send(chunk).unwrap();
        }
        drop(give);
        thread.join().unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        assert!(matches!(rig.next(), (Token(1), false, Came::Ended(Ok(())))));
    });
}
