//! `SourceFd`: anything that has a descriptor.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use mio::event::Event;
use mio::unix::SourceFd;
use mio::{Interest, Token};

use crate::harness::unix::{
    deregister_fd, drain_eventfd, eventfd, register_fd, reregister_fd, signal_eventfd,
};
use crate::harness::{
    BOTH, any_local_v4, assert_kind, expect_events, expect_no_events, expect_one_event, poll_with_events,
    rearm,
};
use crate::subject;

const SOURCE: Token = Token(1);
const RENAMED: Token = Token(2);

#[test]
fn an_eventfd_is_a_source() {
    let (mut poll, mut events) = poll_with_events();
    let fd = eventfd();
    register_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
    for _ in 0..3 {
        signal_eventfd(&fd);
        assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
        drain_eventfd(&fd);
        rearm(&poll, &mut SourceFd(&fd.as_raw_fd()), SOURCE, Interest::READABLE);
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn a_raw_descriptor_is_heard_again_without_reregister_only_if_the_kernel_keeps_the_edges() {
    let (mut poll, mut events) = poll_with_events();
    let fd = eventfd();
    register_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
    signal_eventfd(&fd);
    expect_one_event(&mut poll, &mut events, SOURCE);
    drain_eventfd(&fd);
    signal_eventfd(&fd);
    if subject::rearms_on_demand() {
        expect_no_events(&mut poll, &mut events);
        reregister_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
    }
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn the_ends_of_a_pipe_are_sources() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    for end in [&reader, &writer] {
        rustix::io::ioctl_fionbio(end, true).unwrap();
    }
    register_fd(&poll, &reader, SOURCE, Interest::READABLE).unwrap();
    register_fd(&poll, &writer, RENAMED, Interest::WRITABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, RENAMED).is_writable());
    rustix::io::write(&writer, b"bytes").unwrap();
    expect_events(&mut poll, &mut events, &[(SOURCE, Event::is_readable)]);
}

#[test]
fn a_stream_of_std_is_a_source() {
    let (mut poll, mut events) = poll_with_events();
    let (stream, mut peer) = UnixStream::pair().unwrap();
    stream.set_nonblocking(true).unwrap();
    register_fd(&poll, &stream, SOURCE, BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(SOURCE, Event::is_writable)]);
    peer.write_all(b"bytes").unwrap();
    expect_events(&mut poll, &mut events, &[(SOURCE, Event::is_readable)]);
}

#[test]
fn a_listener_of_std_is_a_source() {
    let (mut poll, mut events) = poll_with_events();
    let listener = TcpListener::bind(any_local_v4()).unwrap();
    register_fd(&poll, &listener, SOURCE, Interest::READABLE).unwrap();
    let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_readable());
    listener.accept().unwrap();
}

#[test]
fn a_descriptor_is_reregistered_with_another_token_and_interest() {
    let (mut poll, mut events) = poll_with_events();
    let fd = eventfd();
    register_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
    reregister_fd(&poll, &fd, RENAMED, Interest::WRITABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, RENAMED).is_writable());
    deregister_fd(&poll, &fd).unwrap();
    signal_eventfd(&fd);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn the_registration_belongs_to_the_descriptor_and_not_to_the_source_fd() {
    let (mut poll, mut events) = poll_with_events();
    let fd = eventfd();
    let raw = fd.as_raw_fd();
    {
        let mut source = SourceFd(&raw);
        poll.registry().register(&mut source, SOURCE, Interest::READABLE).unwrap();
    }
    signal_eventfd(&fd);
    expect_one_event(&mut poll, &mut events, SOURCE);
    poll.registry().deregister(&mut SourceFd(&raw)).unwrap();
}

#[test]
fn dropping_a_source_fd_leaves_the_descriptor_open() {
    let (stream, mut peer) = UnixStream::pair().unwrap();
    let (poll, _) = poll_with_events();
    register_fd(&poll, &stream, SOURCE, Interest::READABLE).unwrap();
    deregister_fd(&poll, &stream).unwrap();
    drop(poll);
    peer.write_all(b"open").unwrap();
    let mut buf = [0; 4];
    (&stream).read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"open");
}

#[test]
fn one_descriptor_may_be_registered_with_two_polls() {
    let (mut one, mut events) = poll_with_events();
    let mut two = subject::new_poll().unwrap();
    let fd = eventfd();
    register_fd(&one, &fd, SOURCE, Interest::READABLE).unwrap();
    register_fd(&two, &fd, RENAMED, Interest::READABLE).unwrap();
    signal_eventfd(&fd);
    expect_one_event(&mut one, &mut events, SOURCE);
    expect_one_event(&mut two, &mut events, RENAMED);
    deregister_fd(&one, &fd).unwrap();
    deregister_fd(&two, &fd).unwrap();
}

#[test]
fn a_descriptor_registered_twice_already_exists() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, mut writer) = UnixStream::pair().unwrap();
    reader.set_nonblocking(true).unwrap();
    register_fd(&poll, &reader, SOURCE, Interest::READABLE).unwrap();
    let result = register_fd(&poll, &reader, RENAMED, Interest::READABLE);
    assert_kind(result, io::ErrorKind::AlreadyExists);
    writer.write_all(b"!").unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
}

#[test]
fn a_descriptor_that_is_not_registered_is_not_found() {
    let (poll, _) = poll_with_events();
    let fd = eventfd();
    assert_kind(reregister_fd(&poll, &fd, SOURCE, Interest::READABLE), io::ErrorKind::NotFound);
    assert_kind(deregister_fd(&poll, &fd), io::ErrorKind::NotFound);
    register_fd(&poll, &fd, SOURCE, Interest::READABLE).unwrap();
    deregister_fd(&poll, &fd).unwrap();
    assert_kind(deregister_fd(&poll, &fd), io::ErrorKind::NotFound);
}

#[test]
fn a_blocking_descriptor_may_be_registered() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    register_fd(&poll, &reader, SOURCE, Interest::READABLE).unwrap();
    File::from(writer).write_all(b"bytes").unwrap();
    expect_events(&mut poll, &mut events, &[(SOURCE, Event::is_readable)]);
}

#[test]
fn the_debug_text_of_a_source_fd_shows_the_descriptor() {
    assert_eq!(format!("{:?}", SourceFd(&42)), "SourceFd(42)");
}
