//! What clients of the broadcast server see of each other.

use std::fs;
use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::{Example, eventually, expect, expect_closed, expect_silence, join, run, unique_path};

const ANY: [&str; 2] = ["--listen", "127.0.0.1:0"];

#[test]
fn lines_reach_all_others_byte_for_byte_and_not_their_sender() {
    let path = unique_path("hub");
    let mut server = Example::start("broadcast", &[&ANY[..], &["--unix", path.to_str().unwrap()]].concat());
    let addr = server.addr();
    server.place();
    let mut tcp = join(addr, 3);
    let mut unix = UnixStream::connect(&path).unwrap();
    unix.write_all(b"from unix\n").unwrap();
    for peer in &mut tcp {
        expect(peer, b"from unix\n");
    }
    // Binary garbage, a carriage return and an empty line are lines as well.
    tcp[0].write_all(b"\xff\x00\xfe\r\n\nlast\n").unwrap();
    expect(&mut tcp[1], b"\xff\x00\xfe\r\n\nlast\n");
    expect(&mut tcp[2], b"\xff\x00\xfe\r\n\nlast\n");
    expect(&mut unix, b"\xff\x00\xfe\r\n\nlast\n");
    expect_silence(&mut tcp[0]);
    expect_silence(&mut unix);
    let counters = server.finish();
    counters.assert_balanced();
    assert_eq!(counters.value("accepted"), 4);
    assert_eq!(counters.value("lines"), 2 + 1 + 3);
    assert_eq!(counters.value("due"), 1 + 2 + 3 + 3 * 3);
    assert_eq!(counters.value("dropped"), 0);
    assert!(!path.exists(), "the socket file is removed at the end");
}

#[test]
fn a_half_closed_client_still_receives_and_its_last_line_gets_a_newline() {
    let mut server = Example::start("broadcast", &ANY);
    let mut peers = join(server.addr(), 3);
    peers[0].write_all(b"finished\nlast").unwrap();
    peers[0].shutdown(Shutdown::Write).unwrap();
    expect(&mut peers[1], b"finished\nlast\n");
    expect_silence(&mut peers[1]);
    peers[1].write_all(b"are you there?\n").unwrap();
    expect(&mut peers[0], b"are you there?\n");
    let counters = server.finish();
    counters.assert_balanced();
    assert_eq!((counters.value("clients"), counters.value("ended")), (2, 1));
    assert_eq!((counters.value("completed"), counters.value("unfinished")), (1, 0));
    assert_eq!((counters.value("lines"), counters.value("due")), (2 + 2 + 1, 1 + 2 + 3 * 2));
}

#[test]
fn a_client_that_ended_its_sending_is_kept_for_as_long_as_linger_says() {
    let mut server = Example::start("broadcast", &[&ANY[..], &["--linger", "0.3"]].concat());
    let mut peers = join(server.addr(), 2);
    let start = Instant::now();
    peers[0].shutdown(Shutdown::Write).unwrap();
    assert!(expect_closed(&mut peers[0]).is_empty());
    assert!(start.elapsed() >= Duration::from_millis(300), "after {:?}", start.elapsed());
    let counters = server.finish();
    counters.assert_balanced();
    assert_eq!((counters.value("clients"), counters.value("ended")), (1, 0));
    assert_eq!(counters.value("accepted"), 2);
}

#[test]
fn the_counters_are_told_on_sigusr1_and_the_server_goes_on() {
    let mut server = Example::start("broadcast", &ANY);
    let mut peers = join(server.addr(), 2);
    server.line();
    server.signal(Signal::USR1);
    assert!(server.line().starts_with("clients=2 ended=0 accepted=2 lines=1 due=1 delivered=1 "));
    peers[0].write_all(b"still\n").unwrap();
    expect(&mut peers[1], b"still\n");
}

#[test]
fn a_half_closed_unix_client_leaves_when_it_closes() {
    let path = unique_path("leaves");
    let mut server = Example::start("broadcast", &[&ANY[..], &["--unix", path.to_str().unwrap()]].concat());
    let mut peers = join(server.addr(), 1);
    server.place();
    let mut unix = UnixStream::connect(&path).unwrap();
    unix.write_all(b"one\n").unwrap();
    unix.shutdown(Shutdown::Write).unwrap();
    expect(&mut peers[0], b"one\n");
    drop(unix);
    // A newcomer's line shows that the server has seen the end before it.
    let newcomer = UnixStream::connect(&path).unwrap();
    (&newcomer).write_all(b"two\n").unwrap();
    expect(&mut peers[0], b"two\n");
    assert_eq!(server.finish().value("clients"), 2);
}

#[test]
fn a_dead_socket_file_is_replaced_and_a_live_one_is_not() {
    let path = unique_path("stale");
    drop(UnixListener::bind(&path).unwrap());
    let args = [&ANY[..], &["--unix", path.to_str().unwrap()]].concat();
    let mut server = Example::start("broadcast", &args);
    server.addr();
    server.place();
    let refused = run("broadcast", &args);
    assert!(!refused.status.success());
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains(path.to_str().unwrap()) && text.contains("live server"), "{text}");
    UnixStream::connect(&path).expect("the first server still listens");
    drop(server);
    fs::remove_file(&path).unwrap();

    fs::write(&path, "not a socket").unwrap();
    assert!(!run("broadcast", &args).status.success());
    assert_eq!(fs::read_to_string(&path).unwrap(), "not a socket");
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_unix_client_that_closes_is_removed_though_nobody_talks() {
    let path = unique_path("closes");
    let mut server = Example::start("broadcast", &[&ANY[..], &["--unix", path.to_str().unwrap()]].concat());
    let mut peers = join(server.addr(), 1);
    server.place();
    let unix = UnixStream::connect(&path).unwrap();
    (&unix).write_all(b"one\nunfinished").unwrap();
    expect(&mut peers[0], b"one\n");
    let connected = server.descriptors();
    drop(unix);
    eventually(|| match server.descriptors() {
        left if left < connected => Ok(()),
        left => Err(io::Error::other(format!("{left} descriptors"))),
    });
    let counters = server.finish();
    assert_eq!((counters.value("clients"), counters.value("completed")), (1, 1));
}

#[test]
fn the_listener_may_be_named_and_the_version_is_told() {
    let mut server = Example::start("broadcast", &["--listen", "localhost:0"]);
    let addr = server.addr();
    assert!(addr.ip().is_loopback() && addr.port() > 0, "{addr}");
    TcpStream::connect(addr).unwrap();
    server.finish().assert_balanced();

    let output = run("broadcast", &["--version"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, format!("broadcast {}\n", env!("CARGO_PKG_VERSION")));
}
