//! What named pipes have beyond mio.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::windows::io::{AsHandle, AsRawHandle, OwnedHandle};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mio::park::{Harvest, Park};
use mio::windows::NamedPipe;
use mio::{Interest, Mode, Registry, Token};

use crate::harness::{
    BOTH, PATIENCE, assert_kind, assert_would_block, expect_no_events, expect_one_event, poll_once,
    poll_with_events, tokens_until_silence,
};
use crate::windows_harness::{
    self, CLIENT, OVERLAPPED, SERVER, pattern, pipe_name, pipes, poll_until, read_len, register,
    registered_pipes, until, write_one,
};

#[test]
fn the_options_of_a_pipe_are_kept() {
    let (mut poll, mut events) = poll_with_events();
    let name = pipe_name();
    let options = || NamedPipe::builder(&name).instances(2).in_buffer_size(512).out_buffer_size(1 << 20);
    let mut first = options().create().unwrap();
    let second = options().first_instance(false).create().unwrap();
    // The third is one too many: ERROR_PIPE_BUSY.
    let third = options().first_instance(false).create();
    assert_eq!(third.unwrap_err().raw_os_error(), Some(231));
    let mut client = NamedPipe::connect_to(&name).unwrap();
    register(&poll, &mut first, SERVER);
    register(&poll, &mut client, CLIENT);
    write_one(&mut poll, &mut events, &client, &pattern(10_000));
    assert_eq!(read_len(&mut poll, &mut events, &first, 10_000, 4000), pattern(10_000));
    drop(second);
}

#[test]
fn options_that_no_pipe_can_have_are_refused_by_their_value() {
    let name = pipe_name();
    for instances in [0, 255] {
        let none = NamedPipe::builder(&name).instances(instances).create();
        assert!(none.as_ref().unwrap_err().to_string().contains(&instances.to_string()), "{none:?}");
        assert_kind(none, io::ErrorKind::InvalidInput);
    }
    let nonsense = NamedPipe::builder(&name).security_descriptor("nonsense").create();
    assert!(nonsense.as_ref().unwrap_err().to_string().contains("nonsense"), "{nonsense:?}");
    assert_kind(nonsense, io::ErrorKind::InvalidInput);
    let with_zero = format!("{name}\0x");
    assert_kind(NamedPipe::new(&with_zero), io::ErrorKind::InvalidInput);
    // Nothing was made by these.
    assert_kind(NamedPipe::connect_to(&name), io::ErrorKind::NotFound);
}

#[test]
fn a_pipe_may_have_a_security_descriptor() {
    let name = pipe_name();
    let pipe = NamedPipe::builder(&name).security_descriptor("D:(A;;GA;;;WD)").create().unwrap();
    let client = NamedPipe::connect_to(&name).unwrap();
    drop((pipe, client));
}

#[test]
fn a_client_is_told_that_there_is_no_pipe_and_that_all_instances_are_busy() {
    let name = pipe_name();
    assert_kind(NamedPipe::connect_to(&name), io::ErrorKind::NotFound);
    let server = NamedPipe::new(&name).unwrap();
    let first = NamedPipe::connect_to(&name).unwrap();
    let busy = NamedPipe::connect_to(&name);
    assert!(busy.as_ref().unwrap_err().to_string().contains(&name[9..]), "{busy:?}");
    assert_kind(busy, io::ErrorKind::ResourceBusy);
    // Another instance takes another client.
    let next = NamedPipe::builder(&name).first_instance(false).create().unwrap();
    let second = NamedPipe::connect_to(&name).unwrap();
    drop((server, first, next, second));
}

#[test]
fn a_client_of_what_is_no_pipe_is_refused_by_its_name() {
    let file = std::env::current_exe().unwrap().with_extension("no-pipe");
    std::fs::write(&file, b"a file").unwrap();
    let refused = NamedPipe::connect_to(&file);
    std::fs::remove_file(&file).unwrap();
    assert!(refused.as_ref().unwrap_err().to_string().contains("no-pipe"), "{refused:?}");
    assert_kind(refused, io::ErrorKind::InvalidInput);
}

#[test]
fn a_pipe_that_was_deregistered_says_so_and_gives_what_was_read_before() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, mut client) = registered_pipes(&mut poll, &mut events);
    let (mut other, _name) = windows_harness::server();
    register(&poll, &mut other, Token(30));
    assert_would_block(other.connect());
    client.write_all(b"before").unwrap();
    until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == SERVER));
    // More than the kernel keeps, so that the write stays under way.
    assert_eq!(client.write(&pattern(500_000)).unwrap(), 500_000);
    for pipe in [&mut server, &mut client, &mut other] {
        poll.registry().deregister(pipe).unwrap();
    }
    assert_kind(other.connect(), io::ErrorKind::NotFound);
    assert_kind(client.write(b"x"), io::ErrorKind::NotFound);
    // A read of it is under way.
    assert_kind(client.read(&mut [0; 8]), io::ErrorKind::NotFound);
    assert_eq!(server.read(&mut [0; 6]).unwrap(), 6);
}

/// Looks before it waits.
struct Looker {
    waited: Duration,
}

impl Park for Looker {
    fn park(&mut self, harvest: &mut Harvest<'_>, timeout: Option<Duration>) -> io::Result<bool> {
        harvest.look()?;
        let start = Instant::now();
        harvest.wait(timeout)?;
        self.waited = start.elapsed();
        Ok(false)
    }
}

#[test]
fn a_parker_that_looks_before_it_waits_hears_of_a_pipe() {
    let (mut poll, mut events) = poll_with_events();
    let (_server, mut client) = registered_pipes(&mut poll, &mut events);
    tokens_until_silence(&mut poll, &mut events);
    client.write_all(b"heard").unwrap();
    let mut looker = Looker { waited: Duration::ZERO };
    poll.poll_parked(&mut events, Some(PATIENCE), &mut looker).unwrap();
    assert!(!events.is_empty());
    assert!(looker.waited < PATIENCE / 2, "it slept for {:?}", looker.waited);
}

#[test]
fn a_pipe_is_made_of_an_owned_handle_and_shows_it() {
    let (mut poll, mut events) = poll_with_events();
    let name = pipe_name();
    let mut server = NamedPipe::builder(&name).message_mode(true).create().unwrap();
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true);
    let file = std::os::windows::fs::OpenOptionsExt::custom_flags(options, OVERLAPPED).open(&name).unwrap();
    let handle = OwnedHandle::from(file);
    let raw = handle.as_raw_handle();
    let mut client = NamedPipe::from(handle);
    assert_eq!(client.as_raw_handle(), raw);
    assert_eq!(client.as_handle().as_raw_handle(), raw);
    register(&poll, &mut server, SERVER);
    register(&poll, &mut client, CLIENT);
    write_one(&mut poll, &mut events, &client, b"owned");
    assert_eq!(read_len(&mut poll, &mut events, &server, 5, 64), b"owned");
    // It is read as std opened it: as bytes.
    assert_kind(client.read_message(&mut [0; 8]), io::ErrorKind::InvalidInput);
}

#[test]
fn a_oneshot_event_disarms_both_directions() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, mut client) = pipes();
    poll.registry().register_with(&mut server, SERVER, BOTH, Mode::Oneshot).unwrap();
    register(&poll, &mut client, CLIENT);
    until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == SERVER));
    tokens_until_silence(&mut poll, &mut events);
    // It was writable; that it becomes readable is not told any more.
    client.write_all(b"unheard").unwrap();
    assert!(!tokens_until_silence(&mut poll, &mut events).contains(&SERVER.0));
    poll.registry().reregister_with(&mut server, SERVER, BOTH, Mode::Oneshot).unwrap();
    let event = expect_one_event(&mut poll, &mut events, SERVER);
    assert!(event.is_readable() && event.is_writable(), "{event:?}");
    assert_eq!(server.write(b"answer").unwrap(), 6);
    assert!(!tokens_until_silence(&mut poll, &mut events).contains(&SERVER.0));
    // For one direction alone.
    poll.registry().reregister_with(&mut server, SERVER, Interest::READABLE, Mode::Oneshot).unwrap();
    let event = expect_one_event(&mut poll, &mut events, SERVER);
    assert!(event.is_readable(), "{event:?}");
    assert_eq!(server.read(&mut [0; 64]).unwrap(), 7);
    assert_would_block(server.read(&mut [0; 64]));
    client.write_all(b"unheard").unwrap();
    assert!(!tokens_until_silence(&mut poll, &mut events).contains(&SERVER.0));
}

#[test]
fn with_levels_a_pipe_is_an_event_as_long_as_it_is_ready() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, mut client) = pipes();
    register(&poll, &mut client, CLIENT);
    poll.registry().register_with(&mut server, SERVER, Interest::READABLE, Mode::Level).unwrap();
    until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == CLIENT));
    expect_no_events(&mut poll, &mut events);
    client.write_all(b"twice").unwrap();
    for len in [2, 3] {
        for _ in 0..3 {
            until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == SERVER));
        }
        assert_eq!(server.read(&mut vec![0; len]).unwrap(), len);
    }
    tokens_until_silence(&mut poll, &mut events);
    // It is writable until a write is under way, and again when that has ended.
    poll.registry().reregister_with(&mut server, SERVER, Interest::WRITABLE, Mode::Level).unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, SERVER);
    }
    assert_eq!(server.write(&pattern(500_000)).unwrap(), 500_000);
    assert!(!tokens_until_silence(&mut poll, &mut events).contains(&SERVER.0));
    assert_eq!(client_reads(&mut client, &mut poll, &mut events), 500_000);
    until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == SERVER));
    // The end stays.
    drop(client);
    poll.registry().reregister_with(&mut server, SERVER, Interest::READABLE, Mode::Level).unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, SERVER);
        assert_eq!(server.read(&mut [0; 8]).unwrap(), 0);
    }
}

/// Reads 500,000 bytes, at most.
fn client_reads(client: &mut NamedPipe, poll: &mut mio::Poll, events: &mut mio::Events) -> usize {
    let (mut all, mut buf) = (0, vec![0; 65_536]);
    while all < 500_000 {
        all += poll_until(poll, events, || client.read(&mut buf)).unwrap();
    }
    all
}

#[test]
fn the_end_of_a_stream_is_one_event_however_often_it_is_read() {
    let (mut poll, mut events) = poll_with_events();
    let (mut server, client) = registered_pipes(&mut poll, &mut events);
    drop(client);
    until(&mut poll, &mut events, |seen| seen.iter().any(|(token, _)| *token == SERVER));
    tokens_until_silence(&mut poll, &mut events);
    for _ in 0..5 {
        assert_eq!(server.read(&mut [0; 8]).unwrap(), 0);
    }
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn an_interest_that_no_pipe_has_is_refused() {
    let (poll, _) = poll_with_events();
    let (mut server, _client) = pipes();
    for interest in [Interest::PRIORITY, Interest::HANGUP, BOTH | Interest::PRIORITY] {
        let refused = poll.registry().register(&mut server, SERVER, interest);
        assert_kind(refused, io::ErrorKind::Unsupported);
    }
    register(&poll, &mut server, SERVER);
    assert_kind(
        poll.registry().reregister(&mut server, SERVER, Interest::PRIORITY),
        io::ErrorKind::Unsupported,
    );
}

#[test]
fn an_error_of_a_pipe_says_what_to_do() {
    let (first, _) = poll_with_events();
    let (second, _) = poll_with_events();
    let (mut server, _client) = pipes();
    let text = |result: io::Result<()>| result.unwrap_err().to_string();
    assert!(text(server.connect()).contains("register the pipe"));
    register(&first, &mut server, SERVER);
    let other = second.registry();
    assert!(text(other.register(&mut server, SERVER, BOTH)).contains("stays with the first Poll"));
    assert!(text(first.registry().register(&mut server, SERVER, BOTH)).contains("reregister"));
}

#[test]
fn the_next_client_may_be_awaited_by_an_event_without_a_pause() {
    let (mut poll, mut events) = poll_with_events();
    let name = pipe_name();
    let clients = 20;
    let visitor_name = name.clone();
    let mut server = NamedPipe::new(&name).unwrap();
    register(&poll, &mut server, SERVER);
    assert_would_block(server.connect());
    let visitor = thread::spawn(move || {
        for number in 0..clients {
            // std's blocking calls, as another program would make them.
            let mut file = loop {
                match OpenOptions::new().read(true).write(true).open(&visitor_name) {
                    Ok(file) => break file,
                    Err(_) => thread::sleep(Duration::from_millis(1)),
                }
            };
            file.write_all(&[number]).unwrap();
            let mut answer = [0; 1];
            file.read_exact(&mut answer).unwrap();
            assert_eq!(answer, [number + 1]);
        }
    });
    for number in 0..clients {
        assert_eq!(read_len(&mut poll, &mut events, &server, 1, 64), [number]);
        assert!(server.take_error().unwrap().is_none());
        write_one(&mut poll, &mut events, &server, &[number + 1]);
        // The client closes first: what is not read yet would go with a disconnect.
        assert_eq!(poll_until(&mut poll, &mut events, || server.read(&mut [0; 8])).unwrap(), 0);
        server.disconnect().unwrap();
        let _ = server.connect();
        poll_once(&mut poll, &mut events, Duration::ZERO);
    }
    visitor.join().unwrap();
}

#[test]
fn threads_that_open_use_and_drop_pipes_while_one_polls_hear_of_no_stale_token() {
    const ROUNDS: usize = if cfg!(debug_assertions) { 150 } else { 1500 };
    let (mut poll, mut events) = poll_with_events();
    // The tokens whose registrations have ended.
    let ended = Mutex::new(HashSet::new());
    let moved = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                let registry = poll.registry().try_clone().unwrap();
                let (ended, moved) = (&ended, &moved);
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let token = Token((worker * ROUNDS + round) * 2);
                        moved.fetch_add(use_pipes(&registry, token, round, ended), Ordering::Relaxed);
                    }
                })
            })
            .collect();
        while workers.iter().any(|worker| !worker.is_finished()) {
            let before = ended.lock().unwrap().clone();
            poll_once(&mut poll, &mut events, Duration::from_millis(1));
            let stale = events.iter().find(|event| before.contains(&event.token()));
            assert!(stale.is_none(), "{stale:?}");
        }
    });
    assert!(moved.load(Ordering::Relaxed) > ROUNDS);
    tokens_until_silence(&mut poll, &mut events);
    expect_no_events(&mut poll, &mut events);
}

/// Opens two pipes, uses them in a way that `round` says, and ends them; how many bytes arrived.
fn use_pipes(registry: &Registry, token: Token, round: usize, ended: &Mutex<HashSet<Token>>) -> usize {
    let (mut server, mut client) = pipes();
    let other = Token(token.0 + 1);
    let mode = [Mode::Edge, Mode::Level, Mode::Oneshot][round % 3];
    registry.register_with(&mut server, token, BOTH, mode).unwrap();
    registry.register_with(&mut client, other, BOTH, mode).unwrap();
    let size = [1, 5000, 100_000][round / 3 % 3];
    let mut arrived = 0;
    let mut buf = vec![0; 3000];
    for step in 0..6 {
        let _ = client.write(&pattern(size));
        let _ = server.write(&pattern(size / 2));
        arrived += server.read(&mut buf).unwrap_or(0) + client.read(&mut buf).unwrap_or(0);
        if step % 2 == 0 {
            registry.reregister_with(&mut server, token, BOTH, mode).unwrap();
            thread::sleep(Duration::from_micros(100));
        }
    }
    match round % 4 {
        0 => drop(registry.deregister(&mut server)),
        1 => drop(server.disconnect()),
        _ => {}
    }
    drop(server);
    drop(client);
    ended.lock().unwrap().extend([token, other]);
    arrived
}
