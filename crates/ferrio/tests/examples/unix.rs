//! Examples of what only a Unix has.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use crate::harness::{Example, PATIENCE, Peer, assert_refused, expect, run, text_of, text_on, unique_path};
use crate::proxy::proxy;

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
        assert_refused("unix_server", &[name], &["unix_server: ", name, "its server runs"]);
    }
    fs::remove_file(&path).unwrap();
    fs::write(&path, "not a socket").unwrap();
    assert_refused("unix_server", &[name], &["unix_server: ", name, "a regular file and no socket"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "not a socket");
    fs::remove_file(path).unwrap();
}

#[test]
fn the_watch_tells_what_happens_to_a_file() {
    let output = run("watch", &[]);
    assert!(output.status.success());
    let expected = "Created \"draft\"\nModified \"draft\"\nClosedAfterWrite \"draft\"\n\
                    MovedFrom \"draft\"\nMovedTo \"letter\"\n\
                    Deleted \"letter\"\nSelfDeleted\ndone\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn signals_are_taken_until_the_one_to_end() {
    let output = run("signals", &[]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "reload, asked for by this process\nterminated\n");
}

#[test]
fn an_embedded_poll_is_heard_by_its_descriptor_and_its_deadline() {
    // A build that has only one backend says so.
    if cfg!(not(any(ferrio_force_poll, mio_unsupported_force_poll_poll))) {
        let text = text_on("epoll", "embed");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0], "5 bytes, by its descriptor");
        // A machine that stood still finds both at once.
        assert!(lines[1].starts_with("the timer, by its de"), "{text}");
    }
    let text = text_on("poll2", "embed");
    assert!(text.starts_with("not on this backend: "), "{text}");
}

#[test]
fn a_child_makes_a_poll_of_its_own() {
    assert_eq!(text_of("fork"), "the child has exited with Some(0)\nits answer was \"yes\"\n");
}

#[test]
fn own_sources_are_heard_message_by_message() {
    let text = text_of("own_source");
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["10 bytes", "3 bytes", "8 bytes"]);
}

#[test]
fn an_exclusive_listener_serves_two_threads_where_the_backend_has_it() {
    // A build that has only one backend says so.
    if cfg!(not(any(ferrio_force_poll, mio_unsupported_force_poll_poll))) {
        assert_eq!(text_on("epoll", "exclusive"), "20 clients, each accepted once\n");
    }
    let text = text_on("poll2", "exclusive");
    assert!(text.starts_with("not on this backend: "), "{text}");
}

#[test]
fn a_server_at_a_place_that_is_not_there_says_so() {
    assert_refused(
        "unix_server",
        &["/no/such/folder/socket"],
        &["unix_server: /no/such/folder/socket: No such file"],
    );
    let expected = "192.0.2.1:7301: Cannot assign requested address";
    // Wine binds an address that it does not have.
    for server in ["tcp_server", "udp_server"] {
        assert_refused(server, &["192.0.2.1:7301"], &[&format!("{server}: {expected}")]);
    }
}

#[test]
fn a_udp_server_for_another_machine_is_refused() {
    assert_refused("udp_requests", &["192.0.2.1:1"], &["udp_requests: ", "192.0.2.1:1"]);
}

#[test]
fn the_end_of_a_child_that_was_killed_names_the_signal() {
    assert!(text_of("child_exit").ends_with("child 2: signal: 9 (SIGKILL)\n"));
}

// Wine reads a reset as an end.
#[test]
fn a_reset_ends_its_pair_only() {
    let (_example, listener, addr) = proxy(&[]);
    let mut kept = TcpStream::connect(addr).unwrap();
    let (mut kept_server, _) = listener.accept().unwrap();
    let mut client = TcpStream::connect(addr).unwrap();
    let (server, _) = listener.accept().unwrap();
    client.write_all(b"unread").unwrap();
    server.limit_reads(PATIENCE);
    assert_eq!(server.peek(&mut [0; 8]).unwrap(), 6);
    // Closing with unread bytes is a reset.
    drop(server);
    client.limit_reads(PATIENCE);
    // Not an end, which would look as if the answer were complete.
    assert_eq!(client.read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    kept.write_all(b"on").unwrap();
    expect(&mut kept_server, b"on");
}
