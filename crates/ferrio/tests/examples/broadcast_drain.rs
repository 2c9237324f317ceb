//! How the broadcast server ends: by a signal, with what is queued delivered.

use std::io::Write;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::{Example, eventually, expect, expect_closed, join, unique_path};

/// As long as the server waits for slow clients.
const GRACE: Duration = Duration::from_secs(3);

/// A server that drains: it has had the signal, and holds more for a client that
/// has not read yet than its socket takes.
struct Drain {
    server: Example,
    since: Instant,
    slow: UnixStream,
    queued: Vec<u8>,
    others: Vec<TcpStream>,
}

fn drain(signal: Signal) -> Drain {
    let path = unique_path("drain");
    let mut server =
        Example::start("broadcast", &["--listen", "127.0.0.1:0", "--unix", path.to_str().unwrap()]);
    let mut others = join(server.addr(), 2);
    server.place();
    let mut slow = UnixStream::connect(&path).unwrap();
    slow.write_all(b"here\n").unwrap();
    for other in &mut others {
        expect(other, b"here\n");
    }
    let queued = [&[b'x'; 60_000][..], b"\n"].concat().repeat(14);
    others[0].write_all(&queued).unwrap();
    // A client that has it all shows that the server has relayed it all.
    expect(&mut others[1], &queued);
    let since = Instant::now();
    server.signal(signal);
    // The socket file goes when the drain begins.
    eventually(|| if path.exists() { Err(std::io::Error::other("listens")) } else { Ok(()) });
    Drain { server, since, slow, queued, others }
}

fn delivers_what_is_queued_after(signal: Signal) {
    let mut drain = drain(signal);
    // What comes in now is read, but goes nowhere.
    drain.others[0].write_all(b"too late\n").unwrap();
    expect(&mut drain.slow, &drain.queued);
    assert!(expect_closed(&mut drain.slow).is_empty());
    assert!(expect_closed(&mut drain.others[1]).is_empty());
    let counters = drain.server.counters();
    counters.assert_balanced();
    assert_eq!(counters.value("dropped"), 0);
}

#[test]
fn sigterm_drains_what_is_queued_to_a_slow_client() {
    delivers_what_is_queued_after(Signal::TERM);
}

#[test]
fn sigint_drains_like_sigterm() {
    delivers_what_is_queued_after(Signal::INT);
}

#[test]
fn a_second_signal_ends_a_drain_at_once() {
    let drain = drain(Signal::TERM);
    drain.server.signal(Signal::INT);
    let counters = drain.server.counters();
    assert!(drain.since.elapsed() < GRACE, "it took {:?}", drain.since.elapsed());
    counters.assert_balanced();
    assert!(counters.value("dropped") > 0);
}

#[test]
fn a_drain_waits_for_its_grace_and_no_longer() {
    let drain = drain(Signal::TERM);
    let counters = drain.server.counters();
    assert!(drain.since.elapsed() >= GRACE, "it took {:?}", drain.since.elapsed());
    counters.assert_balanced();
    assert!(counters.value("dropped") > 0);
}

#[test]
fn an_idle_server_ends_without_delay_and_well() {
    let mut server = Example::start("broadcast", &["--listen", "127.0.0.1:0"]);
    let mut peers = join(server.addr(), 2);
    let start = Instant::now();
    let counters = server.finish();
    assert!(start.elapsed() < GRACE, "it took {:?}", start.elapsed());
    assert_eq!((counters.value("clients"), counters.value("delivered")), (2, 1));
    assert!(expect_closed(&mut peers[0]).is_empty());
}
