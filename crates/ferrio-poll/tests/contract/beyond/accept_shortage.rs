//! An accept loop without descriptors. Each test has a process of its own, for the limit is the
//! whole process's.

use std::io::{ErrorKind, Read};
use std::net;
use std::time::{Duration, Instant};

use mio::net::{Acceptor, TcpListener, TcpStream, UnixListener, UnixStream};
use mio::{Events, Interest, Poll, Token};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::harness::system::{SocketPath, number};
use crate::harness::{PATIENCE, any_local_v4, in_own_process, poll_once};
use crate::net_harness::tcp_listener;

const LISTENER: Token = Token(3);

/// Leaves this process so many descriptors that can be opened, or fewer.
fn leave_room_for(descriptors: u64) {
    let maximum = getrlimit(Resource::Nofile).maximum;
    // The system gives the lowest number that is free, and the limit is one of numbers.
    let lowest = number(net::UdpSocket::bind(any_local_v4()).unwrap());
    setrlimit(Resource::Nofile, Rlimit { current: Some(lowest + descriptors), maximum }).unwrap();
}

/// A Poll with an acceptor for which `clients` wait and descriptors for `room` of them.
fn setup(
    clients: usize,
    room: u64,
    refuse_after: Option<Duration>,
) -> (Poll, Events, Acceptor<TcpListener>, Vec<net::TcpStream>) {
    let poll = Poll::new().unwrap();
    let (listener, address) = tcp_listener();
    let mut acceptor = Acceptor::new(listener).refuse_after(refuse_after);
    poll.registry().register(&mut acceptor, LISTENER, Interest::READABLE).unwrap();
    let clients = (0..clients).map(|_| net::TcpStream::connect(address).unwrap()).collect();
    leave_room_for(room);
    (poll, Events::with_capacity(8), acceptor, clients)
}

/// Serves events until `is_over`, and keeps what is accepted in `streams`.
fn serve(
    poll: &mut Poll,
    events: &mut Events,
    acceptor: &mut Acceptor<TcpListener>,
    streams: &mut Vec<TcpStream>,
    is_over: impl Fn(&Acceptor<TcpListener>, &[TcpStream]) -> bool,
) {
    let deadline = Instant::now() + PATIENCE;
    while !is_over(acceptor, streams) {
        assert!(Instant::now() < deadline, "{:?}", acceptor.stats());
        poll_once(poll, events, PATIENCE);
        assert!(!events.is_empty(), "no event says that it is time to try again");
        while let Some((stream, _)) = acceptor.accept().unwrap() {
            streams.push(stream);
        }
    }
}

#[test]
fn clients_wait_through_a_shortage_and_are_served_after_it() {
    let test = "beyond::accept_shortage::clients_wait_through_a_shortage_and_are_served_after_it";
    in_own_process(test, || {
        let (mut poll, mut events, mut acceptor, clients) = setup(20, 5, None);
        let mut streams = Vec::new();
        let start = Instant::now();
        serve(&mut poll, &mut events, &mut acceptor, &mut streams, |acceptor, _| {
            acceptor.stats().pauses == 5
        });
        // 10, 20, 40 and 80 ms lie between five pauses.
        assert!(start.elapsed() >= Duration::from_millis(150), "it does not pause");
        assert!(acceptor.is_paused() && streams.len() <= 5, "{}", streams.len());
        while acceptor.stats().accepted < 20 {
            let served = acceptor.stats().accepted;
            streams.clear();
            acceptor.resume();
            serve(&mut poll, &mut events, &mut acceptor, &mut streams, |acceptor, _| {
                acceptor.stats().accepted > served
            });
        }
        assert_eq!((acceptor.stats().refused, acceptor.stats().failed), (0, 0));
        drop(clients);
    });
}

#[test]
fn after_a_pause_it_tries_again_by_itself() {
    let test = "beyond::accept_shortage::after_a_pause_it_tries_again_by_itself";
    in_own_process(test, || {
        let limits = getrlimit(Resource::Nofile);
        let (mut poll, mut events, mut acceptor, _clients) = setup(3, 0, None);
        let mut streams = Vec::new();
        serve(&mut poll, &mut events, &mut acceptor, &mut streams, |acceptor, _| {
            acceptor.stats().pauses == 2
        });
        setrlimit(Resource::Nofile, limits).unwrap();
        serve(&mut poll, &mut events, &mut acceptor, &mut streams, |_, streams| streams.len() == 3);
        assert!(!acceptor.is_paused());
    });
}

#[test]
fn clients_are_refused_once_a_shortage_lasts() {
    let test = "beyond::accept_shortage::clients_are_refused_once_a_shortage_lasts";
    in_own_process(test, || {
        let (mut poll, mut events, mut acceptor, mut clients) = setup(12, 2, Some(Duration::ZERO));
        let mut streams = Vec::new();
        serve(&mut poll, &mut events, &mut acceptor, &mut streams, |acceptor, _| {
            acceptor.stats().accepted + acceptor.stats().refused == 12
        });
        assert_eq!(acceptor.stats().accepted, streams.len() as u64);
        // They are told, and not left to wait.
        for client in clients.iter_mut().skip(streams.len()) {
            client.set_read_timeout(Some(PATIENCE)).unwrap();
            assert_eq!(client.read(&mut [0]).unwrap(), 0);
        }
        // The reserve is there again.
        assert_eq!(net::UdpSocket::bind(any_local_v4()).unwrap_err().raw_os_error(), Some(libc::EMFILE));
        drop(streams);
        acceptor.resume();
        let address = acceptor.listener().local_addr().unwrap();
        let client = net::TcpStream::connect(address).unwrap();
        let mut streams = Vec::new();
        serve(&mut poll, &mut events, &mut acceptor, &mut streams, |_, streams| streams.len() == 1);
        drop(client);
    });
}

#[test]
fn clients_of_a_unix_listener_are_accepted_too() {
    let path = SocketPath::new();
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(8));
    let mut acceptor = Acceptor::new(UnixListener::bind(&path).unwrap());
    poll.registry().register(&mut acceptor, LISTENER, Interest::READABLE).unwrap();
    let _client = UnixStream::connect(&path).unwrap();
    poll_once(&mut poll, &mut events, PATIENCE);
    let (_stream, address) = acceptor.accept().unwrap().expect("a connection");
    assert!(address.is_unnamed());
    assert!(acceptor.accept().unwrap().is_none());
    assert_eq!(acceptor.listener().accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}
