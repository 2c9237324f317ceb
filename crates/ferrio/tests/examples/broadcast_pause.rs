//! `--slow pause`: a sender waits for the client that is slow.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Example, PATIENCE, Peer, expect, join};

fn server(pause_max: &str) -> Example {
    let options = ["--slow", "pause", "--line-max", "1000", "--queue-max", "20000", "--linger", "1"];
    let args = [&["--listen", "127.0.0.1:0", "--pause-max", pause_max][..], &options].concat();
    Example::start("broadcast", &args)
}

/// More than the sockets and the queue between two clients hold.
const LINES: usize = 30_000;

fn numbered(number: usize) -> String {
    format!("{number:08}{}\n", ".".repeat(900))
}

fn send_all(mut stream: &TcpStream) {
    for number in 0..LINES {
        if stream.write_all(numbered(number).as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn a_sender_is_held_up_by_a_slow_client_and_no_line_is_lost() {
    let mut server = server("30");
    let mut peers = join(server.addr(), 3);
    let sender = peers.remove(0);
    let sending = thread::spawn(move || {
        send_all(&sender);
        sender
    });
    // One of them reads at once, the other when the sender has had to stop.
    let mut quick = peers.remove(0);
    let reading = thread::spawn(move || {
        for number in 0..LINES {
            expect(&mut quick, numbered(number).as_bytes());
        }
        quick
    });
    thread::sleep(Duration::from_millis(300));
    assert!(!sending.is_finished(), "nothing held it up");
    for number in 0..LINES {
        expect(&mut peers[0], numbered(number).as_bytes());
    }
    let _kept = (sending.join().unwrap(), reading.join().unwrap());
    let counters = server.finish();
    counters.assert_balanced();
    assert_eq!((counters.value("dropped"), counters.value("slow")), (0, 0));
    assert!(counters.value("held") > 0);
    assert_eq!(counters.value("delivered"), 2 * LINES as u64 + 1 + 2);
}

#[test]
fn two_clients_that_only_send_hold_each_other_up_for_a_limited_time() {
    let mut server = server("0.5");
    let addr = server.addr();
    let mut peers = join(addr, 2);
    let start = Instant::now();
    thread::scope(|scope| {
        let ends: Vec<_> = peers.iter().map(|peer| scope.spawn(|| send_all(peer))).collect();
        for end in ends {
            end.join().unwrap();
        }
    });
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
    // A third one finds a server that goes on.
    let mut third = TcpStream::connect(addr).unwrap();
    third.write_all(b"hello\n").unwrap();
    third.shutdown(Shutdown::Write).unwrap();
    third.limit_reads(PATIENCE);
    // It is closed when its time to linger is over.
    third.read_to_end(&mut Vec::new()).unwrap();
    peers.clear();
    let counters = server.finish();
    counters.assert_balanced();
    assert!(counters.value("slow") >= 1 && counters.value("held") >= 2, "{counters:?}");
}
