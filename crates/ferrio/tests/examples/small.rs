//! The small examples.

use std::io::Write;
use std::net::{Shutdown, TcpStream, UdpSocket};

use crate::harness::{Example, PATIENCE, expect, expect_closed, run};

#[test]
fn the_tcp_server_echoes_to_several_clients_also_more_than_a_socket_holds() {
    let mut server = Example::start("tcp_server", &["127.0.0.1:0"]);
    let addr = server.addr();
    let mut first = TcpStream::connect(addr).unwrap();
    let mut second = TcpStream::connect(addr).unwrap();
    first.write_all(b"one").unwrap();
    second.write_all(b"two").unwrap();
    expect(&mut second, b"two");
    expect(&mut first, b"one");
    let much: Vec<u8> = (0..8_000_000u32).map(|n| n as u8).collect();
    let mut writer = first.try_clone().unwrap();
    let sent = much.clone();
    let sending = std::thread::spawn(move || writer.write_all(&sent));
    expect(&mut first, &much);
    sending.join().unwrap().unwrap();
    first.shutdown(Shutdown::Write).unwrap();
    assert!(expect_closed(&mut first).is_empty());
}

#[test]
fn the_small_servers_say_in_plain_text_what_is_wrong() {
    for server in ["tcp_server", "udp_server"] {
        assert_refused(server, "nowhere", "invalid socket address");
    }
}

/// It ends with a line that names the program, its argument and the reason.
fn assert_refused(server: &str, argument: &str, reason: &str) {
    let output = run(server, &[argument]);
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with(&format!("{server}: {argument}: {reason}")), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn the_udp_server_echoes() {
    let mut server = Example::start("udp_server", &["127.0.0.1:0"]);
    let addr = server.addr();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    for datagram in [&b"one"[..], b"", &[7; 20_000]] {
        socket.send_to(datagram, addr).unwrap();
        let mut buf = vec![0; 65_535];
        let (count, from) = socket.recv_from(&mut buf).unwrap();
        assert_eq!((&buf[..count], from), (datagram, addr));
    }
}

#[test]
fn the_waker_wakes_the_loop_for_each_message() {
    let output = run("waker", &[]);
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "message 1\nmessage 2\nmessage 3\ndone\n");
}

#[test]
fn the_threads_of_one_port_serve_all_clients() {
    let output = run("reuse_port", &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("listeners on one port\n") && text.ends_with("40 clients served\n"), "{text}");
}

#[test]
fn children_are_waited_for_and_the_last_is_killed() {
    let output = run("child_exit", &[]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    // The first two end when they like.
    lines[..2].sort_unstable();
    assert!(lines[0].starts_with("child 0: ") && lines[0].ends_with(" 0"), "{text}");
    assert!(lines[1].starts_with("child 1: ") && lines[1].ends_with(" 7"), "{text}");
    assert_eq!(lines[2], "enough");
    assert!(lines[3].starts_with("child 2: ") && lines.len() == 4, "{text}");
}

#[test]
fn the_wall_timer_rings_and_ticks() {
    let output = run("wall_timer", &[]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with("the alarm rang, and the clock ticked\n"), "{text}");
}
