//! Lines and clients of the broadcast server by TCP, on any system.

use std::io::Write;
use std::net::Shutdown;

use crate::harness::{Example, expect, expect_closed, expect_silence, join, run};

const ANY: [&str; 2] = ["--listen", "127.0.0.1:0"];

#[test]
fn half_a_line_then_silence_harms_nobody_and_is_relayed_when_it_ends() {
    let mut server = Example::start("broadcast", &ANY);
    let mut peers = join(server.addr(), 3);
    peers[0].write_all(b"half").unwrap();
    peers[1].write_all(b"whole\n").unwrap();
    expect(&mut peers[2], b"whole\n");
    expect_silence(&mut peers[2]);
    peers[0].write_all(b" and half\n").unwrap();
    expect(&mut peers[2], b"half and half\n");
}

#[test]
fn binary_garbage_is_relayed_unchanged_however_it_is_cut() {
    let mut server = Example::start("broadcast", &ANY);
    let mut peers = join(server.addr(), 3);
    // A linear congruence: every byte value, and a newline each 256 bytes or so.
    let mut seed = 1u32;
    let mut garbage: Vec<u8> = Vec::new();
    for _ in 0..200_000 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        garbage.push((seed >> 24) as u8);
    }
    garbage.push(b'\n');
    for piece in garbage.chunks(777) {
        peers[0].write_all(piece).unwrap();
    }
    expect(&mut peers[1], &garbage);
    expect(&mut peers[2], &garbage);
    expect_silence(&mut peers[0]);
}

#[test]
fn the_first_line_says_where_it_listens() {
    let mut server = Example::start("broadcast", &ANY);
    assert!(server.line().starts_with("listening on 127.0.0.1:"));
    assert!(server.line().contains("descriptors, one for each client"));
}

#[test]
fn lines_of_tcp_clients_reach_all_others_and_not_their_sender() {
    let mut server = Example::start("broadcast", &ANY);
    let mut peers = join(server.addr(), 4);
    // Binary garbage, a carriage return and an empty line are lines as well.
    peers[0].write_all(b"\xff\x00\xfe\r\n\nlast\n").unwrap();
    for peer in &mut peers[1..] {
        expect(peer, b"\xff\x00\xfe\r\n\nlast\n");
    }
    expect_silence(&mut peers[0]);
    // One that has ended its sending still receives, and its last line gets a newline.
    peers[1].write_all(b"finished\nlast").unwrap();
    peers[1].shutdown(Shutdown::Write).unwrap();
    expect(&mut peers[2], b"finished\nlast\n");
    peers[2].write_all(b"are you there?\n").unwrap();
    expect(&mut peers[1], b"are you there?\n");
    // One that left is missed by nobody.
    drop(peers.remove(3));
    peers[2].write_all(b"bye\n").unwrap();
    expect(&mut peers[0], b"finished\nlast\nare you there?\nbye\n");
}

#[test]
fn a_line_that_is_too_long_ends_its_client_alone() {
    let mut server = Example::start("broadcast", &[&ANY[..], &["--line-max", "100"]].concat());
    let mut peers = join(server.addr(), 3);
    peers[0].write_all(&[b'x'; 200]).unwrap();
    expect_closed(&mut peers[0]);
    peers[1].write_all(b"still here\n").unwrap();
    expect(&mut peers[2], b"still here\n");
}

#[test]
fn a_load_of_idle_clients_and_talkers_has_an_exact_ledger() {
    let mut server = Example::start("broadcast", &ANY);
    let addr = server.addr().to_string();
    let args = ["--server", &addr, "--idle", "40", "--talkers", "5", "--lines", "10"];
    let load = run("broadcast_load", &args);
    let text = String::from_utf8_lossy(&load.stdout).into_owned();
    assert!(load.status.success(), "{text}{}", String::from_utf8_lossy(&load.stderr));
    assert!(text.contains("sent=50 expected=2200 received=2200 wrong=0"), "{text}");
}
