//! Sources made of anything with a descriptor.

use std::env;
use std::fs::File;
use std::io;
use std::io::Write;
use std::net::TcpListener;
use std::os::fd::AsFd;

use mio::unix::FdSource;
use mio::{Interest, Mode, Sources, Token};

use crate::beyond::own_sources::{pair, read};
use crate::harness::{assert_kind, assert_would_block, expect_no_events, expect_one_event, poll_with_events};
use crate::subject;

const SOURCE: Token = Token(2);

/// A regular file.
fn this_file() -> File {
    File::open(env::current_exe().unwrap()).unwrap()
}

#[test]
fn a_descriptor_source_is_reported_and_rearmed_by_do_io() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, mut writer) = pair();
    let mut source = FdSource::new(reader);
    poll.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap();
    for _ in 0..3 {
        expect_no_events(&mut poll, &mut events);
        writer.write_all(b"!").unwrap();
        assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
        assert_eq!(source.do_io(read).unwrap(), 1);
        assert_would_block(source.do_io(read));
    }
}

#[test]
fn a_borrowed_listener_is_a_source() {
    let (mut poll, mut events) = poll_with_events();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut source = FdSource::new(&listener);
    poll.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap();
    let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    source.do_io(|listener| listener.accept()).unwrap();
    assert_would_block(source.do_io(|listener| listener.accept()));
}

#[test]
fn dropping_a_descriptor_source_ends_its_registration_though_a_duplicate_lives() {
    let (mut poll, mut events) = poll_with_events();
    for is_taken_out in [false, true] {
        let (reader, mut writer) = pair();
        let duplicate = reader.try_clone().unwrap();
        let mut source = FdSource::new(reader);
        poll.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap();
        let reader = if is_taken_out {
            Some(source.into_inner())
        } else {
            drop(source);
            None
        };
        writer.write_all(b"!").unwrap();
        expect_no_events(&mut poll, &mut events);
        assert_eq!(read(&duplicate).unwrap(), 1);
        drop(reader);
    }
}

#[test]
fn a_descriptor_source_knows_its_poll_in_every_build() {
    let (poll, other) = (subject::new_poll().unwrap(), subject::new_poll().unwrap());
    let mut source = FdSource::new(pair().0);
    assert_kind(poll.registry().deregister(&mut source), io::ErrorKind::NotFound);
    let result = poll.registry().reregister(&mut source, SOURCE, Interest::READABLE);
    assert_kind(result, io::ErrorKind::NotFound);
    poll.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap();
    for registry in [poll.registry(), other.registry()] {
        let result = registry.register(&mut source, SOURCE, Interest::READABLE);
        assert_kind(result, io::ErrorKind::AlreadyExists);
    }
    let result = other.registry().reregister(&mut source, SOURCE, Interest::READABLE);
    assert_kind(result, io::ErrorKind::AlreadyExists);
    assert_kind(other.registry().deregister(&mut source), io::ErrorKind::AlreadyExists);
    poll.registry().deregister(&mut source).unwrap();
    other.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap();
}

#[test]
fn a_failed_registration_leaves_a_descriptor_source_free() {
    let poll = subject::new_poll().unwrap();
    let file = this_file();
    let mut source = FdSource::new(file);
    let error = poll.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    assert_kind(poll.registry().deregister(&mut source), io::ErrorKind::NotFound);
    assert!(format!("{source:?}").starts_with("FdSource(File"), "{source:?}");
    assert!(source.metadata().unwrap().is_file());
}

#[test]
fn a_descriptor_source_outlives_its_poll() {
    let poll = subject::new_poll().unwrap();
    let (reader, _writer) = pair();
    let mut source = FdSource::new(reader);
    poll.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap();
    drop(poll);
    assert_would_block(source.do_io(read));
}

#[test]
fn dropping_a_borrowed_source_leaves_other_registrations_alone() {
    let (poll, _) = poll_with_events();
    let (mut other, mut events) = poll_with_events();
    let (reader, mut writer) = pair();
    let mut here = FdSource::new(&reader);
    let mut there = FdSource::new(&reader);
    poll.registry().register(&mut here, SOURCE, Interest::READABLE).unwrap();
    other.registry().register(&mut there, SOURCE, Interest::READABLE).unwrap();
    drop(here);
    drop(FdSource::new(&reader));
    writer.write_all(b"!").unwrap();
    expect_one_event(&mut other, &mut events, SOURCE);
    other.registry().deregister(&mut there).unwrap();
}

#[test]
fn the_modes_hold_for_descriptor_sources() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, mut writer) = pair();
    let mut source = FdSource::new(reader);
    poll.registry().register_with(&mut source, SOURCE, Interest::READABLE, Mode::Level).unwrap();
    writer.write_all(b"!").unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, SOURCE);
    }
    poll.registry().reregister_with(&mut source, SOURCE, Interest::READABLE, Mode::Oneshot).unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    writer.write_all(b"!").unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_table_takes_no_source_that_cannot_be_registered() {
    let poll = subject::new_poll().unwrap();
    let mut table = Sources::new();
    let file = this_file();
    let result = table.register(poll.registry(), FdSource::new(file), Interest::READABLE);
    assert_kind(result, io::ErrorKind::PermissionDenied);
    assert!(table.is_empty());
    assert!(table.insert(FdSource::new(this_file())).0 > 0);
    assert!(table.iter().all(|(_, source)| source.as_fd().try_clone_to_owned().is_ok()));
}
