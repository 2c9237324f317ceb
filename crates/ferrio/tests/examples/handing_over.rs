//! The examples that pass descriptors, take them, or move bytes inside the kernel.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{
    Example, PATIENCE, Peer, assert_refused, eventually, expect, expect_closed, program, text_of,
};

#[test]
fn records_are_answered_one_by_one() {
    let expected = "a client of this user: true\nthe answer is \"ready\"\nthe answer is \"too long\"\n";
    assert_eq!(text_of("seqpacket"), expected);
}

#[test]
fn each_client_is_passed_to_the_worker() {
    let text = text_of("pass_descriptors");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    let expected = [0, 1, 2].map(|number| format!("served by the worker: client {number}"));
    assert_eq!(lines, expected);
}

/// A splice proxy to a listener of ours.
fn splice_proxy() -> (Example, TcpListener, TcpStream) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = server.local_addr().unwrap().to_string();
    let mut proxy = Example::start("splice_proxy", &[&target, "127.0.0.1:0"]);
    let client = TcpStream::connect(proxy.addr()).unwrap();
    (proxy, server, client)
}

#[test]
fn a_splice_proxy_moves_megabytes_both_ways_and_passes_each_end_on() {
    let (_proxy, listener, mut client) = splice_proxy();
    let (mut server, _) = listener.accept().unwrap();
    let content: Vec<u8> = (0..8 << 20_u32).map(|at| (at % 251) as u8).collect();
    std::thread::scope(|scope| {
        let (mut sending, content) = (client.try_clone().unwrap(), &content);
        scope.spawn(move || {
            sending.write_all(content).unwrap();
            sending.shutdown(Shutdown::Write).unwrap();
        });
        server.limit_reads(PATIENCE);
        let mut received = Vec::new();
        server.read_to_end(&mut received).unwrap();
        assert!(received == *content);
    });
    // The other direction is still open.
    server.write_all(b"all of it").unwrap();
    expect(&mut client, b"all of it");
    drop(server);
    assert_eq!(expect_closed(&mut client), b"");
}

#[test]
fn a_pair_without_a_server_ends_alone_and_leaves_no_descriptor() {
    let (proxy, listener, mut client) = splice_proxy();
    let (server, _) = listener.accept().unwrap();
    (&server).write_all(b"complete").unwrap();
    expect(&mut client, b"complete");
    let before = proxy.descriptors();
    drop(listener);
    let address = client.peer_addr().unwrap();
    let mut refused = TcpStream::connect(address).unwrap();
    expect_closed(&mut refused);
    // The pipes are closed after the streams.
    eventually(|| match proxy.descriptors() {
        count if count == before => Ok(()),
        count => Err(io::Error::other(format!("{count} descriptors, {before} before"))),
    });
    (&server).write_all(b"goes on").unwrap();
    expect(&mut client, b"goes on");
    assert_refused("splice_proxy", &[], &["the address to connect to is missing"]);
    assert_refused("splice_proxy", &["nonsense"], &["splice_proxy: invalid socket address"]);
}

/// `activated`, started by a shell with `third` as its descriptor 3.
fn activated(third: impl Into<OwnedFd>, names: &str) -> Command {
    let script = "export LISTEN_PID=$$; exec \"$0\" 3<&0 </dev/null";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(program("activated")).stdin(Stdio::from(third.into()));
    shell.env("LISTEN_FDS", "1").env("LISTEN_FDNAMES", names);
    shell
}

#[test]
fn a_service_takes_the_socket_that_it_was_handed_with_the_clients_that_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // It came before the service was started.
    let mut early = TcpStream::connect(address).unwrap();
    let mut service = Example::spawn(&mut activated(listener, "web"));
    assert_eq!(service.addr(), address);
    expect(&mut early, b"welcome by web\n");
    let mut late = TcpStream::connect(address).unwrap();
    expect(&mut late, b"welcome by web\n");
}

#[test]
fn a_service_that_was_handed_nothing_binds_and_one_with_wrong_variables_says_so() {
    let mut service = Example::start("activated", &["127.0.0.1:0"]);
    let mut client = TcpStream::connect(service.addr()).unwrap();
    expect(&mut client, b"welcome by bound here\n");
    let listener = || TcpListener::bind("127.0.0.1:0").unwrap();
    let output = activated(listener(), "web:control").output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("activated: LISTEN_FDNAMES=\"web:control\" is not 1 names"), "{text}");
    let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let output = activated(udp, "dns").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("dns is no listener: UdpSocket"));
}

/// What process answers at the other end.
fn process_of(client: &mut TcpStream) -> io::Result<u32> {
    client.write_all(b"?")?;
    client.limit_reads(PATIENCE);
    let mut line = Vec::new();
    let mut byte = [0];
    while byte != *b"\n" {
        client.read_exact(&mut byte)?;
        line.push(byte[0]);
    }
    let line = String::from_utf8(line).expect("text");
    Ok(line.trim_end().strip_prefix("process ").expect("a process").parse().expect("a number"))
}

#[test]
fn a_server_is_replaced_without_refusing_a_connection() {
    let mut server = Example::start("restart", &["127.0.0.1:0"]);
    let address = server.addr();
    let mut kept = TcpStream::connect(address).unwrap();
    let first = process_of(&mut kept).unwrap();
    server.signal(Signal::HUP);
    // Each of these is served, by one process or the other.
    let second = (0..10_000)
        .map(|_| process_of(&mut TcpStream::connect(address).unwrap()).unwrap())
        .find(|process| *process != first)
        .expect("a successor");
    // The old process serves its own client to the end, and no other.
    assert_eq!(process_of(&mut kept).unwrap(), first);
    assert_eq!(process_of(&mut TcpStream::connect(address).unwrap()).unwrap(), second);
    drop(kept);
    server.line_with(&format!("process {first} has served its clients"));
    assert_eq!(process_of(&mut TcpStream::connect(address).unwrap()).unwrap(), second);
    // The successor is not the child of this test.
    let pid = Pid::from_raw(i32::try_from(second).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
}
