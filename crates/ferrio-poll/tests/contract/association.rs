//! Sources registered twice, not at all, or with another Poll.

use std::io;

use mio::{Interest, Token};

use crate::harness::system::every_source;
use crate::harness::{assert_kind, expect_one_event, poll_with_events};
use crate::net_harness::udp_socket;
#[cfg(debug_assertions)]
use crate::subject;

const SOURCE: Token = Token(1);
const RENAMED: Token = Token(2);

#[test]
fn a_second_register_already_exists() {
    let (poll, _) = poll_with_events();
    for source in &mut every_source().0 {
        poll.registry().register(source, SOURCE, Interest::READABLE).unwrap();
        let result = poll.registry().register(source, RENAMED, Interest::READABLE);
        assert_kind(result, io::ErrorKind::AlreadyExists);
    }
}

#[test]
fn reregister_without_register_is_not_found() {
    let (poll, _) = poll_with_events();
    for source in &mut every_source().0 {
        let result = poll.registry().reregister(source, SOURCE, Interest::READABLE);
        assert_kind(result, io::ErrorKind::NotFound);
    }
}

#[test]
fn deregister_without_register_is_not_found() {
    let (poll, _) = poll_with_events();
    for source in &mut every_source().0 {
        assert_kind(poll.registry().deregister(source), io::ErrorKind::NotFound);
    }
}

#[test]
fn a_second_deregister_is_not_found() {
    let (poll, _) = poll_with_events();
    for source in &mut every_source().0 {
        poll.registry().register(source, SOURCE, Interest::READABLE).unwrap();
        poll.registry().deregister(source).unwrap();
        assert_kind(poll.registry().deregister(source), io::ErrorKind::NotFound);
        let result = poll.registry().reregister(source, SOURCE, Interest::READABLE);
        assert_kind(result, io::ErrorKind::NotFound);
    }
}

#[test]
fn every_source_registers_reregisters_and_deregisters() {
    let (poll, _) = poll_with_events();
    for source in &mut every_source().0 {
        poll.registry().register(source, SOURCE, Interest::READABLE).unwrap();
        poll.registry().reregister(source, RENAMED, Interest::WRITABLE).unwrap();
        poll.registry().deregister(source).unwrap();
    }
}

#[test]
fn the_clones_of_a_registry_count_as_one() {
    let (mut poll, mut events) = poll_with_events();
    let clone = poll.registry().try_clone().unwrap();
    let (mut socket, _) = udp_socket();
    clone.register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    let result = poll.registry().register(&mut socket, SOURCE, Interest::READABLE);
    assert_kind(result, io::ErrorKind::AlreadyExists);
    let (mut socket, _) = udp_socket();
    clone.register(&mut socket, SOURCE, Interest::READABLE).unwrap();
    poll.registry().reregister(&mut socket, RENAMED, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, RENAMED);
    clone.try_clone().unwrap().deregister(&mut socket).unwrap();
}

/// The kind, and the words that the text begins with: mio's own tests and its users know them.
#[cfg(debug_assertions)]
fn assert_text(result: io::Result<()>, kind: io::ErrorKind, text: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().starts_with(text), "{error}");
}

#[cfg(debug_assertions)]
#[test]
fn debug_builds_say_in_mios_words_that_a_source_is_registered() {
    let (poll, _) = poll_with_events();
    for source in &mut every_source().0 {
        poll.registry().register(source, SOURCE, Interest::READABLE).unwrap();
        let result = poll.registry().register(source, RENAMED, Interest::READABLE);
        let text = "I/O source already registered with a `Registry`";
        assert_text(result, io::ErrorKind::AlreadyExists, text);
    }
}

#[cfg(debug_assertions)]
#[test]
fn debug_builds_say_in_mios_words_that_a_source_is_not_registered() {
    let (poll, _) = poll_with_events();
    let text = "I/O source not registered with `Registry`";
    for source in &mut every_source().0 {
        let result = poll.registry().reregister(source, SOURCE, Interest::READABLE);
        assert_text(result, io::ErrorKind::NotFound, text);
        assert_text(poll.registry().deregister(source), io::ErrorKind::NotFound, text);
    }
}

#[cfg(debug_assertions)]
#[test]
fn debug_builds_refuse_to_register_with_a_second_poll() {
    let (one, two) = (subject::new_poll().unwrap(), subject::new_poll().unwrap());
    for source in &mut every_source().0 {
        one.registry().register(source, SOURCE, Interest::READABLE).unwrap();
        let result = two.registry().register(source, SOURCE, Interest::READABLE);
        let text = "I/O source already registered with a `Registry`";
        assert_text(result, io::ErrorKind::AlreadyExists, text);
    }
}

#[cfg(debug_assertions)]
#[test]
fn debug_builds_refuse_to_reregister_with_another_poll() {
    let (one, two) = (subject::new_poll().unwrap(), subject::new_poll().unwrap());
    for source in &mut every_source().0 {
        one.registry().register(source, SOURCE, Interest::READABLE).unwrap();
        let result = two.registry().reregister(source, SOURCE, Interest::READABLE);
        let text = "I/O source already registered with a different `Registry`";
        assert_text(result, io::ErrorKind::AlreadyExists, text);
    }
}

#[cfg(debug_assertions)]
#[test]
fn debug_builds_refuse_to_deregister_from_another_poll() {
    let (one, two) = (subject::new_poll().unwrap(), subject::new_poll().unwrap());
    for source in &mut every_source().0 {
        one.registry().register(source, SOURCE, Interest::READABLE).unwrap();
        let result = two.registry().deregister(source);
        let text = "I/O source not registered with `Registry`";
        assert_text(result, io::ErrorKind::NotFound, text);
    }
}

#[cfg(debug_assertions)]
#[test]
fn a_failed_reregister_with_another_poll_leaves_the_registration() {
    let (mut one, mut events) = poll_with_events();
    let two = subject::new_poll().unwrap();
    let (mut socket, _) = udp_socket();
    one.registry().register(&mut socket, SOURCE, Interest::WRITABLE).unwrap();
    two.registry().reregister(&mut socket, RENAMED, Interest::WRITABLE).unwrap_err();
    expect_one_event(&mut one, &mut events, SOURCE);
    one.registry().deregister(&mut socket).unwrap();
}
