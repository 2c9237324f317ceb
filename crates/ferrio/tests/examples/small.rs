//! The small examples.

use std::fs;
use std::io::Write;
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;

use crate::harness::{Example, PATIENCE, expect, expect_closed, run, unique_path};

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
fn the_unix_server_echoes() {
    let path = unique_path("echo");
    let mut server = Example::start("unix_server", &[path.to_str().unwrap()]);
    assert_eq!(server.place(), path.to_str().unwrap());
    let mut client = UnixStream::connect(&path).unwrap();
    client.write_all(b"hello").unwrap();
    expect(&mut client, b"hello");
    drop(server);
    fs::remove_file(path).unwrap();
}

#[test]
fn a_unix_server_replaces_the_socket_file_of_one_that_was_killed_and_no_other() {
    let path = unique_path("second");
    let name = path.to_str().unwrap();
    for _ in 0..2 {
        let mut server = Example::start("unix_server", &[name]);
        server.place();
        let mut client = UnixStream::connect(&path).unwrap();
        client.write_all(b"hello").unwrap();
        expect(&mut client, b"hello");
        // The path belongs to a server that lives.
        assert_refused("unix_server", name, "Address already in use");
    }
    fs::remove_file(&path).unwrap();
    fs::write(&path, "not a socket").unwrap();
    assert_refused("unix_server", name, "Address already in use");
    assert_eq!(fs::read_to_string(&path).unwrap(), "not a socket");
    fs::remove_file(path).unwrap();
}

#[test]
fn the_small_servers_say_in_plain_text_what_is_wrong() {
    for server in ["tcp_server", "udp_server"] {
        assert_refused(server, "nowhere", "invalid socket address");
        assert_refused(server, "192.0.2.1:7301", "Cannot assign requested address");
    }
    assert_refused("unix_server", "/no/such/folder/socket", "No such file");
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
fn children_are_waited_for_and_the_last_is_killed() {
    let output = run("child_exit", &[]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    // The first two end when they like.
    lines[..2].sort_unstable();
    let expected =
        ["child 0 exited with 0", "child 1 exited with 7", "enough", "child 2 was ended by signal Some(9)"];
    assert_eq!(lines, expected);
}

#[test]
fn the_watch_tells_what_happens_to_a_file() {
    let output = run("watch", &[]);
    assert!(output.status.success());
    let expected = "Created \"draft\"\nModified \"draft\"\nClosedAfterWrite \"draft\"\n\
                    Attributes \"draft\"\nMovedFrom \"draft\"\nMovedTo \"letter\"\n\
                    Deleted \"letter\"\nSelfDeleted\ndone\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn the_wall_timer_rings_and_ticks() {
    let output = run("wall_timer", &[]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with("the alarm rang, and the clock ticked\n"), "{text}");
}

#[test]
fn signals_are_taken_until_the_one_to_end() {
    let output = run("signals", &[]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "reload, asked for by this process\nterminated\n");
}
