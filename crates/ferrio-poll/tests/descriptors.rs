//! Descriptors: none leaks, and a process that has none left gets errors.
//!
//! A binary of its own, with one test: it counts and limits the descriptors of the
//! whole process.
#![cfg(unix)]

use std::fs::{self, File};
use std::io;
use std::iter;
use std::time::Duration;

use ferrio_poll::net::splice::Splice;
use ferrio_poll::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixSeqpacket, UnixStream};
use ferrio_poll::time::Timer;
use ferrio_poll::unix::pipe;
use ferrio_poll::{Backend, Events, Interest, Poll, Token, Waker, user};
use rustix::process::{Resource, getrlimit, setrlimit};

fn open_descriptors() -> usize {
    fs::read_dir("/dev/fd").unwrap().count()
}

/// A Poll in use: a waker, a registered pair, a poll.
fn use_a_poll(backend: Backend) {
    let mut poll = Poll::builder().backend(backend).build().unwrap();
    let registry = poll.registry().try_clone().unwrap();
    let waker = Waker::new(&registry, Token(0)).unwrap();
    let (mut one, mut other) = UnixStream::pair().unwrap();
    registry.register(&mut one, Token(1), Interest::READABLE).unwrap();
    registry.register(&mut other, Token(2), Interest::WRITABLE).unwrap();
    waker.wake().unwrap();
    poll.poll(&mut Events::with_capacity(4), Some(Duration::ZERO)).unwrap();
}

/// Everything that opens a descriptor.
fn open_everything(backend: Backend, address: std::net::SocketAddr) -> Vec<io::Error> {
    let results: [io::Result<()>; 9] = [
        Poll::builder()
            .backend(backend)
            .build()
            .and_then(|poll| Waker::new(poll.registry(), Token(0)).map(drop)),
        TcpListener::bind("127.0.0.1:0".parse().unwrap()).map(drop),
        TcpStream::connect(address).map(drop),
        UdpSocket::bind("127.0.0.1:0".parse().unwrap()).map(drop),
        UnixStream::pair().map(drop),
        UnixDatagram::unbound().map(drop),
        pipe::new().map(drop),
        UnixSeqpacket::pair().map(drop),
        Splice::new().map(drop),
    ];
    results.into_iter().filter_map(Result::err).collect()
}

/// The sources of the process need no descriptor: the timer that paces `accept`, a channel, a
/// user source and a waker can be made when there is none left.
fn back_off_without_a_descriptor(poll: &mut Poll) {
    let mut timer = Timer::new();
    let (sender, mut receiver) = user::channel();
    let (mut source, trigger) = user::source();
    let registry = poll.registry();
    registry.register(&mut timer, Token(1), Interest::READABLE).unwrap();
    registry.register(&mut receiver, Token(2), Interest::READABLE).unwrap();
    registry.register(&mut source, Token(3), Interest::READABLE).unwrap();
    let waker = Waker::new(registry, Token(4)).unwrap();
    timer.set(Duration::from_millis(1)).unwrap();
    sender.send(()).unwrap();
    trigger.fire().unwrap();
    waker.wake().unwrap();
    let mut events = Events::with_capacity(8);
    let mut seen = 0;
    while seen < 4 {
        seen += poll.wait(&mut events, Some(Duration::from_secs(10))).unwrap();
        assert!(!events.is_empty(), "{seen} of 4 sources");
    }
}

fn polls_leak_nothing() {
    for backend in Backend::candidates() {
        use_a_poll(*backend);
        let before = open_descriptors();
        for _ in 0..2000 {
            use_a_poll(*backend);
        }
        assert_eq!(open_descriptors(), before, "{backend:?}");
    }
}

fn a_full_process_gets_errors_and_leaks_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let client = std::net::TcpStream::connect(address).unwrap();
    let before = open_descriptors();
    let mut polls: Vec<_> = Backend::candidates()
        .iter()
        .map(|backend| Poll::builder().backend(*backend).build().unwrap())
        .collect();
    let mut limit = getrlimit(Resource::Nofile);
    let unlimited = limit.current.replace(LIMIT);
    setrlimit(Resource::Nofile, limit).unwrap();
    let mut fillers: Vec<_> = iter::from_fn(|| File::open("/dev/null").ok()).collect();
    // With k descriptors left, something in the middle fails, for each k.
    for left in 0..4 {
        for backend in Backend::candidates() {
            let errors = open_everything(*backend, address);
            assert!(left > 0 || errors.len() == 9, "{backend:?} with {left} left: {errors:?}");
            assert!(errors.iter().all(|error| error.raw_os_error() == Some(libc::EMFILE)), "{errors:?}");
        }
        if left == 0 {
            polls.iter_mut().for_each(back_off_without_a_descriptor);
            let error = listener.accept().unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{error}");
        }
        fillers.pop();
    }
    drop(fillers);
    limit.current = unlimited;
    setrlimit(Resource::Nofile, limit).unwrap();
    drop(polls);
    assert_eq!(open_descriptors(), before);
    // The connection waited.
    let (_, peer) = listener.accept().unwrap();
    assert_eq!(peer, client.local_addr().unwrap());
}

#[test]
fn descriptors_are_neither_leaked_nor_needed_twice() {
    polls_leak_nothing();
    a_full_process_gets_errors_and_leaks_nothing();
}

/// The most descriptors this process may have while it is full.
const LIMIT: u64 = 128;
