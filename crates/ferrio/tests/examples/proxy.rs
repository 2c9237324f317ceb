//! The proxy, between real clients and servers.

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Example, assert_refused, expect, expect_closed, expect_silence};

/// A proxy, and a server that it connects to.
pub(crate) fn proxy(args: &[&str]) -> (Example, TcpListener, std::net::SocketAddr) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = server.local_addr().unwrap().to_string();
    let mut example =
        Example::start("proxy", &[&["--listen", "127.0.0.1:0", "--to", &to][..], args].concat());
    let addr = example.addr();
    (example, server, addr)
}

#[test]
fn bytes_go_both_ways_and_each_direction_ends_on_its_own() {
    let (mut example, listener, addr) = proxy(&[]);
    let mut client = TcpStream::connect(addr).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    client.write_all(b"question").unwrap();
    expect(&mut server, b"question");
    // The client's end reaches the server, which still answers.
    client.shutdown(Shutdown::Write).unwrap();
    assert!(expect_closed(&mut server).is_empty());
    server.write_all(b"answer").unwrap();
    expect(&mut client, b"answer");
    server.shutdown(Shutdown::Write).unwrap();
    assert!(expect_closed(&mut client).is_empty());
    assert!(example.line().ends_with(": done, 8 bytes to the server, 6 bytes back\n"));

    // And the other way round.
    let mut client = TcpStream::connect(addr).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    server.shutdown(Shutdown::Write).unwrap();
    assert!(expect_closed(&mut client).is_empty());
    client.write_all(b"still").unwrap();
    expect(&mut server, b"still");
    drop(client);
    assert!(expect_closed(&mut server).is_empty());
}

#[test]
fn a_server_that_does_not_read_holds_the_client_up_and_gets_every_byte() {
    let (example, listener, addr) = proxy(&[]);
    let mut client = TcpStream::connect(addr).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let much: Vec<u8> = (0..40_000_000u32).map(|number| (number / 7) as u8).collect();
    let sent = much.clone();
    let sending = thread::spawn(move || {
        client.write_all(&sent).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        client
    });
    thread::sleep(Duration::from_millis(300));
    assert!(!sending.is_finished(), "nothing held it up");
    let resident = example.resident_kib();
    assert!(resident.is_none_or(|kib| kib < 15_000), "{resident:?} KiB");
    // Another pair goes on meanwhile.
    let mut other = TcpStream::connect(addr).unwrap();
    let (mut other_server, _) = listener.accept().unwrap();
    other.write_all(b"quick").unwrap();
    expect(&mut other_server, b"quick");
    expect(&mut server, &much);
    assert!(expect_closed(&mut server).is_empty());
    sending.join().unwrap();
}

#[test]
fn an_idle_pair_is_closed_and_a_busy_one_is_not() {
    let (mut example, listener, addr) = proxy(&["--idle", "0.4"]);
    let mut idle = TcpStream::connect(addr).unwrap();
    let (mut idle_server, _) = listener.accept().unwrap();
    let mut busy = TcpStream::connect(addr).unwrap();
    let (mut busy_server, _) = listener.accept().unwrap();
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(800) {
        busy.write_all(b"x").unwrap();
        expect(&mut busy_server, b"x");
        thread::sleep(Duration::from_millis(20));
    }
    assert!(expect_closed(&mut idle).is_empty() && expect_closed(&mut idle_server).is_empty());
    assert!(example.line().ends_with(": idle, 0 bytes to the server, 0 bytes back\n"));
    expect_silence(&mut busy);
}

#[test]
fn a_server_that_is_not_there_is_told_to_the_log_and_the_client_is_closed() {
    let (mut example, listener, addr) = proxy(&[]);
    drop(listener);
    let mut client = TcpStream::connect(addr).unwrap();
    assert!(expect_closed(&mut client).is_empty());
    let line = example.line_with("cannot connect to 127.0.0.1:");
    assert!(line.contains("(os error ") && line.ends_with(")\n"), "{line}");
    example.line_with("given up");
}

#[test]
fn the_next_address_of_a_name_is_tried() {
    // The name has the IPv6 address too on many machines, and nobody listens there.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("localhost:{}", server.local_addr().unwrap().port());
    let mut example = Example::start("proxy", &["--listen", "localhost:0", "--to", &to]);
    let mut client = TcpStream::connect(example.addr()).unwrap();
    let (mut accepted, _) = server.accept().unwrap();
    accepted.write_all(b"here").unwrap();
    expect(&mut client, b"here");
}

#[test]
fn bad_options_are_refused_in_plain_text() {
    assert_refused("proxy", &[], &["--to <ADDR>"]);
    assert_refused("proxy", &["--to", "nowhere"], &["--to nowhere", "invalid socket address"]);
    assert_refused("proxy", &["--to", "127.0.0.1:9", "--listen", "x"], &["proxy: ", "\"x\""]);
    assert_refused("proxy", &["--to", "127.0.0.1:9", "--idle", "0"], &["--idle", "above 0"]);
}
