//! The HTTP server, with clients that behave and clients that do not.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Example, PATIENCE, Peer, assert_refused, expect, expect_closed, expect_silence};

fn start(args: &[&str]) -> (Example, SocketAddr) {
    let mut example = Example::start("http", &[&["--listen", "127.0.0.1:0"], args].concat());
    let addr = example.addr();
    (example, addr)
}

/// Sends `request` and reads to the end.
fn ask(addr: SocketAddr, request: &[u8]) -> String {
    let mut client = TcpStream::connect(addr).unwrap();
    client.write_all(request).unwrap();
    String::from_utf8(expect_closed(&mut client)).unwrap()
}

/// Reads one answer; returns its status line and its body.
fn answer(client: &mut TcpStream) -> (String, Vec<u8>) {
    client.limit_reads(PATIENCE);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    client.read_exact(&mut body).unwrap();
    (head.lines().next().unwrap().to_owned(), body)
}

#[test]
fn a_connection_is_kept_alive_for_the_next_request() {
    let (_example, addr) = start(&[]);
    let mut client = TcpStream::connect(addr).unwrap();
    for _ in 0..3 {
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let (status, body) = answer(&mut client);
        assert_eq!(status, "HTTP/1.1 200 OK");
        assert!(body.starts_with(b"Hello"));
    }
    client.write_all(b"GET /nothing?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(answer(&mut client).0, "HTTP/1.1 404 Not Found");
    assert!(expect_closed(&mut client).is_empty());
    // HTTP/1.0 closes unless it is asked not to.
    assert!(ask(addr, b"GET / HTTP/1.0\r\n\r\n").contains("Connection: close\r\n"));
}

#[test]
fn pipelined_requests_are_answered_in_their_order_however_many() {
    let (_example, addr) = start(&[]);
    let mut client = TcpStream::connect(addr).unwrap();
    let mut requests = Vec::new();
    for number in 0..1000 {
        let body = format!("request {number}");
        let length = body.len();
        requests.extend_from_slice(
            format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes(),
        );
    }
    let mut writer = client.try_clone().unwrap();
    // Cut at places that mean nothing.
    let sending = thread::spawn(move || {
        requests.chunks(777).for_each(|piece| writer.write_all(piece).unwrap());
        writer.shutdown(Shutdown::Write).unwrap();
    });
    for number in 0..1000 {
        assert_eq!(answer(&mut client).1, format!("request {number}").into_bytes());
    }
    sending.join().unwrap();
    assert!(expect_closed(&mut client).is_empty());
}

#[test]
fn a_client_that_takes_no_answers_is_not_read_from_and_gets_all_of_them_later() {
    let (example, addr) = start(&[]);
    let mut client = TcpStream::connect(addr).unwrap();
    let count = 40;
    for _ in 0..count {
        client.write_all(b"GET /numbers HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    }
    thread::sleep(Duration::from_millis(200));
    let resident = example.resident_kib();
    assert!(resident.is_none_or(|kib| kib < 30_000), "{resident:?} KiB");
    let mut other = TcpStream::connect(addr).unwrap();
    other.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(answer(&mut other).0, "HTTP/1.1 200 OK");
    for _ in 0..count {
        let (status, body) = answer(&mut client);
        assert_eq!(status, "HTTP/1.1 200 OK");
        assert!(body.starts_with(b"0\n1\n") && body.ends_with(b"199999\n"));
    }
}

#[test]
fn what_is_no_request_is_answered_by_what_is_wrong_with_it() {
    let (_example, addr) = start(&[]);
    let cases: [(&[u8], &str); 15] = [
        (b"nonsense\r\n\r\n", "400 "),
        (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "400 "),
        (b"GET / HTTP/1.1\r\n\r\n", "400 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400 "),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", "400 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", "400 "),
        (b"G\xffT / HTTP/1.1\r\nHost: x\r\n\r\n", "400 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400 "),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 "),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505 "),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "501 "),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", "413 "),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n", "413 "),
        (b"DELETE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405 "),
        (b"\r\n\r\n\r\n", "400 "),
    ];
    for (request, expected) in cases {
        let text = ask(addr, request);
        assert!(
            text.starts_with(&format!("HTTP/1.1 {expected}")),
            "{:?}: {text}",
            request.escape_ascii().to_string()
        );
    }
    let long = [b"GET / HTTP/1.1\r\nHost: x\r\nX: ", &[b'x'; 100_000][..], b"\r\n\r\n"].concat();
    assert!(ask(addr, &long).starts_with("HTTP/1.1 431 "));
}

#[test]
fn head_has_the_fields_and_no_body() {
    let (_example, addr) = start(&[]);
    let text = ask(addr, b"HEAD /numbers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(text.contains("Content-Length: 1288890\r\n") && text.ends_with("\r\n\r\n"), "{text}");
}

#[test]
fn a_request_that_does_not_end_is_given_up_and_an_idle_connection_closed() {
    let (_example, addr) = start(&["--idle", "0.4"]);
    let mut idle = TcpStream::connect(addr).unwrap();
    let mut slow = TcpStream::connect(addr).unwrap();
    let start = Instant::now();
    // A byte now and then does not help.
    for byte in b"GET / HTTP" {
        slow.write_all(&[*byte]).unwrap();
        thread::sleep(Duration::from_millis(30));
    }
    let text = String::from_utf8(expect_closed(&mut slow)).unwrap();
    assert!(text.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{text}");
    assert!(start.elapsed() >= Duration::from_millis(400));
    assert!(expect_closed(&mut idle).is_empty());
}

#[test]
fn a_body_that_is_asked_for_comes_after_100_continue() {
    let (_example, addr) = start(&[]);
    let mut client = TcpStream::connect(addr).unwrap();
    client
        .write_all(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        .unwrap();
    expect(&mut client, b"HTTP/1.1 100 Continue\r\n\r\n");
    expect_silence(&mut client);
    client.write_all(b"hello").unwrap();
    assert_eq!(answer(&mut client).1, b"hello");
}

/// Runs curl; `None` if this machine has none.
fn curl(args: &[&str]) -> Option<Output> {
    Command::new("curl").args(["-sS", "-v", "--max-time", "10"]).args(args).output().ok()
}

#[test]
fn curl_gets_and_posts_on_one_connection() {
    let (_example, addr) = start(&[]);
    let (home, numbers) = (format!("http://{addr}/"), format!("http://{addr}/numbers"));
    let Some(output) = curl(&[&home, &numbers]) else { return };
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{log}");
    assert!(output.stdout.starts_with(b"Hello") && output.stdout.ends_with(b"199999\n"));
    assert_eq!(log.matches("HTTP/1.1 200 OK").count(), 2, "{log}");
    assert!(log.contains("Re-using existing") || log.contains("Re-used"), "{log}");

    let body = "x".repeat(60_000);
    let echo = format!("http://{addr}/echo");
    let output = curl(&["-H", "Expect: 100-continue", "--data-binary", &body, &echo]).unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), body);
    // Larger than this server takes.
    let output = curl(&["--data-binary", &body.repeat(2), &echo]).unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(log.contains("HTTP/1.1 413 Content Too Large"), "{log}");
}

#[test]
fn bad_options_are_refused_in_plain_text() {
    assert_refused("http", &["--listen", "x"], &["http: ", "\"x\""]);
    assert_refused("http", &["--idle", "none"], &["--idle", "seconds"]);
}
