//! `Registry`: its clones.

use std::io::Write;

use mio::{Interest, Token};

use crate::harness::system::stream_with_std_peer;
use crate::harness::{expect_no_events, expect_one_event, poll_with_events};
use crate::net_harness::{drain, udp_socket};

const SOURCE: Token = Token(1);

#[test]
fn a_clone_registers_with_the_same_poll() {
    let (mut poll, mut events) = poll_with_events();
    let clone = poll.registry().try_clone().unwrap();
    let (mut socket, _) = udp_socket();
    clone.register(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    clone.deregister(&mut socket).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_clone_of_a_clone_registers_after_the_first_is_gone() {
    let (mut poll, mut events) = poll_with_events();
    let clone = poll.registry().try_clone().unwrap().try_clone().unwrap();
    let (mut socket, _) = udp_socket();
    clone.register(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn a_dropped_clone_leaves_its_registrations() {
    let (mut poll, mut events) = poll_with_events();
    let clone = poll.registry().try_clone().unwrap();
    let (mut stream, mut peer) = stream_with_std_peer();
    clone.register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    drop(clone);
    peer.write_all(b"bytes").unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn a_clone_may_outlive_its_poll() {
    let (poll, _) = poll_with_events();
    let clone = poll.registry().try_clone().unwrap();
    let (mut stream, mut peer) = stream_with_std_peer();
    clone.register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    drop(poll);
    clone.deregister(&mut stream).unwrap();
    drop(clone);
    peer.write_all(b"bytes").unwrap();
    assert_eq!(drain(&stream).0, b"bytes");
}

#[test]
fn a_registry_may_be_borrowed_as_long_as_its_poll() {
    let (mut poll, mut events) = poll_with_events();
    let (mut socket, _) = udp_socket();
    {
        let registry = poll.registry();
        registry.register(&mut socket, SOURCE, Interest::READABLE).unwrap();
        registry.reregister(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
    }
    expect_one_event(&mut poll, &mut events, SOURCE);
}
