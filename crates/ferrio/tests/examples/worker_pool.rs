//! The server with a pool of threads.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use crate::harness::{Example, PATIENCE, Peer, assert_refused, expect, expect_closed};

fn start(args: &[&str]) -> (Example, SocketAddr) {
    let mut example = Example::start("worker_pool", &[&["--listen", "127.0.0.1:0"], args].concat());
    let addr = example.addr();
    (example, addr)
}

#[test]
fn the_answers_come_in_the_order_of_the_lines() {
    let (_example, addr) = start(&["--threads", "4"]);
    let mut client = TcpStream::connect(addr).unwrap();
    // The first takes longest.
    client.write_all(b"100000\n10\nten\n100\n\n4000000000\n2\r\n").unwrap();
    let expected = "9592 primes below 100000\n4 primes below 10\nerror: invalid digit found in string\n\
                    25 primes below 100\nerror: cannot parse integer from empty string\n\
                    error: give a number up to 10000000\n0 primes below 2\n";
    expect(&mut client, expected.as_bytes());
}

#[test]
fn a_full_pool_holds_the_clients_up_and_loses_no_line() {
    let (example, addr) = start(&["--threads", "2", "--queue", "1"]);
    thread::scope(|scope| {
        for client in 0..8 {
            scope.spawn(move || {
                let mut stream = TcpStream::connect(addr).unwrap();
                let numbers: Vec<u32> = (0..100).map(|number| client * 100 + number).collect();
                let lines: String = numbers.iter().map(|number| format!("{number}\n")).collect();
                stream.write_all(lines.as_bytes()).unwrap();
                stream.shutdown(Shutdown::Write).unwrap();
                stream.limit_reads(PATIENCE);
                let answers = BufReader::new(stream).lines().map(Result::unwrap);
                let below: Vec<u32> =
                    answers.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
                assert_eq!(below, numbers);
            });
        }
    });
    drop(example);
}

#[test]
fn long_jobs_of_one_client_do_not_stop_the_loop() {
    let (_example, addr) = start(&["--threads", "2", "--queue", "1"]);
    let mut busy = TcpStream::connect(addr).unwrap();
    busy.write_all("200000\n".repeat(60).as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(50));
    // It is answered between the jobs of the other one, not behind all of them.
    let mut client = TcpStream::connect(addr).unwrap();
    client.write_all(b"10\n").unwrap();
    expect(&mut client, b"4 primes below 10\n");
    busy.set_nonblocking(true).unwrap();
    let mut answers = Vec::new();
    let _ = std::io::Read::read_to_end(&mut busy, &mut answers);
    assert!(answers.iter().filter(|byte| **byte == b'\n').count() < 60, "it waited for all of them");
}

#[test]
fn a_client_that_leaves_is_forgotten_and_one_that_ends_is_answered() {
    let (_example, addr) = start(&["--threads", "1"]);
    let mut gone = TcpStream::connect(addr).unwrap();
    gone.write_all(b"100000\n100000\n").unwrap();
    drop(gone);
    let mut client = TcpStream::connect(addr).unwrap();
    // The last line lacks its newline.
    client.write_all(b"10\n20").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(expect_closed(&mut client), b"4 primes below 10\n8 primes below 20\n");
}

#[test]
fn a_line_that_is_too_long_is_answered_and_the_last() {
    let (_example, addr) = start(&[]);
    let mut client = TcpStream::connect(addr).unwrap();
    client.write_all(b"10\n").unwrap();
    client.write_all(&[b'1'; 1025]).unwrap();
    assert_eq!(expect_closed(&mut client), b"4 primes below 10\nerror: a line has at most 1024 bytes\n");
}

#[test]
fn bad_options_are_refused_in_plain_text() {
    assert_refused("worker_pool", &["--listen", "x"], &["worker_pool: ", "\"x\""]);
    assert_refused("worker_pool", &["--threads", "0"], &["--threads"]);
    assert_refused("worker_pool", &["--queue", "many"], &["--queue"]);
}
