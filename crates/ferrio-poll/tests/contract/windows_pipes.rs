//! Named pipes, as mio has them: registrations, connects and events.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::windows::io::{AsRawHandle, IntoRawHandle};

use mio::windows::NamedPipe;
use mio::{Events, Interest, Token};

use crate::harness::skips;
use crate::harness::{
    BOTH, assert_kind, assert_would_block, expect_events, expect_no_events, poll_during, poll_with_events,
    tokens_until_silence,
};
use crate::windows_harness::{
    CLIENT, SERVER, client, pipe_name, pipes, read_len, read_to_end, register, registered_pipes, server,
    until, write_one,
};

#[test]
fn a_pipe_may_be_sent_to_and_shared_with_other_threads() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<NamedPipe>();
    let (server, _) = server();
    assert!(!server.as_raw_handle().is_null());
    assert!(!format!("{server:?}").is_empty());
}

#[test]
fn a_pipe_with_a_peer_is_writable_once_registered() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, mut client) = pipes();
    register(&poll, &mut server, SERVER);
    register(&poll, &mut client, CLIENT);
    expect_events(
        &mut poll,
        &mut events,
        &[(SERVER, |event| event.is_writable()), (CLIENT, |event| event.is_writable())],
    );
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_server_without_a_client_is_silent_and_cannot_be_used() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, _name) = server();
    register(&poll, &mut server, SERVER);
    expect_no_events(&mut poll, &mut events);
    assert_would_block(server.read(&mut [0; 8]));
    // ERROR_PIPE_LISTENING.
    assert_eq!(server.write(b"x").unwrap_err().raw_os_error(), Some(536));
}

#[test]
fn a_connect_would_block_until_a_client_comes_and_the_pipe_is_writable() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, name) = server();
    register(&poll, &mut server, SERVER);
    assert_would_block(server.connect());
    assert_would_block(server.connect());
    expect_no_events(&mut poll, &mut events);
    let _client = client(&name);
    expect_events(&mut poll, &mut events, &[(SERVER, |event| event.is_writable())]);
    assert!(server.take_error().unwrap().is_none());
    server.connect().unwrap();
}

#[test]
fn a_connect_with_a_client_there_is_done_at_once() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, name) = server();
    register(&poll, &mut server, SERVER);
    expect_no_events(&mut poll, &mut events);
    let _client = client(&name);
    server.connect().unwrap();
    expect_events(&mut poll, &mut events, &[(SERVER, |event| event.is_writable())]);
    assert!(server.take_error().unwrap().is_none());
}

#[test]
fn a_client_that_comes_wakes_a_poll_that_sleeps() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, name) = server();
    register(&poll, &mut server, SERVER);
    assert_would_block(server.connect());
    let (_, _client) = poll_during(&mut poll, &mut events, None, || client(&name));
    assert!(events.iter().any(|event| event.token() == SERVER && event.is_writable()));
}

#[test]
fn a_server_takes_the_next_client_after_it_has_sent_the_last_away() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, name) = server();
    register(&poll, &mut server, SERVER);
    for round in 0..5 {
        assert_would_block(server.connect());
        let mut client = client(&name);
        register(&poll, &mut client, CLIENT);
        until(&mut poll, &mut events, |seen| {
            seen.iter().any(|(token, says)| *token == SERVER && says.is_some_and(|says| says.is_writable()))
        });
        assert!(server.take_error().unwrap().is_none());
        write_one(&mut poll, &mut events, &client, b"hello");
        assert_eq!(read_len(&mut poll, &mut events, &server, 5, 64), b"hello");
        if round == 2 {
            drop(client);
            assert_eq!(read_to_end(&mut poll, &mut events, &server), b"");
        }
        server.disconnect().unwrap();
        tokens_until_silence(&mut poll, &mut events);
    }
}

#[test]
fn operations_need_a_registration() {
    let (mut server, client) = pipes();
    assert_kind(server.connect(), io::ErrorKind::NotFound);
    assert_kind(server.read(&mut [0; 8]), io::ErrorKind::NotFound);
    assert_kind(server.write(b"x"), io::ErrorKind::NotFound);
    assert!(server.take_error().unwrap().is_none());
    drop(client);
}

#[test]
fn a_pipe_that_is_not_registered_cannot_be_changed() {
    let (poll, _) = poll_with_events();
    let (mut server, _name) = server();
    assert_kind(poll.registry().reregister(&mut server, SERVER, BOTH), io::ErrorKind::NotFound);
    assert_kind(poll.registry().deregister(&mut server), io::ErrorKind::NotFound);
    register(&poll, &mut server, SERVER);
    poll.registry().deregister(&mut server).unwrap();
    assert_kind(poll.registry().deregister(&mut server), io::ErrorKind::NotFound);
}

#[test]
fn a_pipe_belongs_to_one_registration_and_stays_with_its_poll() {
    let (first, _) = poll_with_events();
    let (second, _) = poll_with_events();
    let (mut server, _name) = server();
    register(&first, &mut server, SERVER);
    assert_kind(first.registry().register(&mut server, SERVER, BOTH), io::ErrorKind::AlreadyExists);
    let other = second.registry();
    for _ in 0..2 {
        assert_kind(other.register(&mut server, SERVER, BOTH), io::ErrorKind::AlreadyExists);
        assert_kind(other.reregister(&mut server, SERVER, BOTH), io::ErrorKind::AlreadyExists);
        assert_kind(other.deregister(&mut server), io::ErrorKind::AlreadyExists);
        let _ = first.registry().deregister(&mut server);
    }
    register(&first, &mut server, SERVER);
}

#[test]
fn a_handle_that_is_not_overlapped_is_refused_and_stays_usable() {
    let (poll, _) = poll_with_events();
    let (_server, name) = server();
    let file = OpenOptions::new().read(true).write(true).open(&name).unwrap();
    let mut pipe = from_file(file);
    let refused = poll.registry().register(&mut pipe, CLIENT, BOTH);
    assert_kind(refused, io::ErrorKind::InvalidInput);
    assert_kind(pipe.read(&mut [0; 8]), io::ErrorKind::NotFound);
}

#[test]
fn a_new_token_counts_for_what_is_ready_already() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, _client) = registered_pipes(&mut poll, &mut events);
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister(&mut server, Token(40), BOTH).unwrap();
    expect_events(&mut poll, &mut events, &[(Token(40), |event| event.is_writable())]);
    poll.registry().deregister(&mut server).unwrap();
    register(&poll, &mut server, Token(41));
    expect_events(&mut poll, &mut events, &[(Token(41), |event| event.is_writable())]);
}

#[test]
fn a_pipe_that_is_registered_while_the_poll_sleeps_is_heard() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, client) = pipes();
    let registry = poll.registry().try_clone().unwrap();
    let (_, server) = poll_during(&mut poll, &mut events, None, move || {
        registry.register(&mut server, SERVER, BOTH).unwrap();
        server
    });
    assert!(events.iter().any(|event| event.token() == SERVER && event.is_writable()));
    drop((server, client));
}

#[test]
fn more_pipes_than_the_list_has_room_for_are_all_heard() {
    let mut poll = crate::subject::new_poll().unwrap();
    let mut events = Events::with_capacity(3);
    let mut ends = Vec::new();
    for number in 0..20 {
        let (mut server, client) = pipes();
        register(&poll, &mut server, Token(number));
        ends.push((server, client));
    }
    let seen = until(&mut poll, &mut events, |seen| {
        (0..20).all(|number| seen.iter().any(|(token, _)| token.0 == number))
    });
    assert_eq!(seen.len(), 20, "{seen:?}");
}

#[test]
fn interests_other_than_both_directions_are_heeded() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, mut client) = pipes();
    poll.registry().register(&mut server, SERVER, Interest::READABLE).unwrap();
    poll.registry().register(&mut client, CLIENT, Interest::WRITABLE).unwrap();
    expect_events(&mut poll, &mut events, &[(CLIENT, |event| event.is_writable())]);
    expect_no_events(&mut poll, &mut events);
    server.write_all(b"unheard").unwrap();
    expect_no_events(&mut poll, &mut events);
    client.write_all(b"heard").unwrap();
    until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == SERVER));
    assert_eq!(read_len(&mut poll, &mut events, &server, 5, 64), b"heard");
}

#[test]
fn the_end_of_a_connect_is_heard_whatever_the_interest_is() {
    for interest in [Interest::READABLE, Interest::WRITABLE, BOTH] {
        let (mut poll, mut events) = poll_with_events();
        let (mut server, name) = server();
        poll.registry().register(&mut server, SERVER, interest).unwrap();
        assert_would_block(server.connect());
        let _client = client(&name);
        until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == SERVER));
        assert!(server.take_error().unwrap().is_none());
        assert_would_block(server.read(&mut [0; 8]));
    }
}

#[test]
fn a_pipe_with_a_name_that_is_none_is_an_error() {
    assert!(NamedPipe::new("no pipe").is_err());
    assert!(NamedPipe::new("").is_err());
}

#[test]
fn a_name_that_another_server_has_is_refused() {
    if skips::is_skipped("windows_pipes::a_name_that_another_server_has_is_refused") {
        return;
    }
    let name = pipe_name();
    let _first = NamedPipe::new(&name).unwrap();
    assert_kind(NamedPipe::new(&name), io::ErrorKind::PermissionDenied);
}

#[allow(unsafe_code, reason = "a pipe is made of a raw handle, as mio has it")]
fn from_file(file: std::fs::File) -> NamedPipe {
    use std::os::windows::io::FromRawHandle;
    // SAFETY: the handle was just opened, and nobody else has it.
    unsafe { NamedPipe::from_raw_handle(file.into_raw_handle()) }
}
