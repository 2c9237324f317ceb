//! `TcpListener`: binding, accepting, and the readiness of the accept queue.

use std::collections::HashSet;
use std::io::{self, Read};
use std::net;

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Token};
use socket2::{Domain, Socket, Type};

use crate::harness::{
    PATIENCE, assert_would_block, expect_events, expect_no_events, expect_one_event, poll_with_events, retry,
};
use crate::net_harness::{any_local_v6, settle, tcp_listener};

const LISTENER: Token = Token(1);
const OTHER: Token = Token(2);

#[test]
fn binding_to_port_zero_gets_a_port_from_the_kernel() {
    let (_listener, address) = tcp_listener();
    assert!(address.ip().is_loopback());
    assert_ne!(address.port(), 0);
}

#[test]
fn accept_returns_the_client_and_its_address() {
    let (listener, address) = tcp_listener();
    let client = net::TcpStream::connect(address).unwrap();
    let (stream, peer) = retry(|| listener.accept()).unwrap();
    assert_eq!(peer, client.local_addr().unwrap());
    assert_eq!(stream.peer_addr().unwrap(), peer);
    assert_eq!(stream.local_addr().unwrap(), address);
}

#[test]
fn an_ipv6_listener_accepts_an_ipv6_client() {
    let listener = TcpListener::bind(any_local_v6()).unwrap();
    let client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (_stream, peer) = retry(|| listener.accept()).unwrap();
    assert_eq!(peer, client.local_addr().unwrap());
    assert!(peer.is_ipv6());
}

#[test]
fn accept_without_a_client_would_block() {
    let (listener, _) = tcp_listener();
    assert_would_block(listener.accept());
}

#[test]
fn a_listener_made_from_std_accepts() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut listener = TcpListener::from_std(listener);
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    expect_events(&mut poll, &mut events, &[(LISTENER, Event::is_readable)]);
    assert_eq!(listener.accept().unwrap().1, client.local_addr().unwrap());
}

#[test]
fn an_idle_listener_is_silent() {
    let (mut listener, _) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_client_is_exactly_one_readable_event() {
    let (mut listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let _client = net::TcpStream::connect(address).unwrap();
    let event = expect_one_event(&mut poll, &mut events, LISTENER);
    assert!(event.is_readable());
    assert!(!event.is_writable() && !event.is_error());
    assert!(!event.is_read_closed() && !event.is_write_closed());
    listener.accept().unwrap();
    assert_would_block(listener.accept());
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn two_clients_before_the_poll_are_one_event_and_two_accepts() {
    let (mut listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let _first = net::TcpStream::connect(address).unwrap();
    let _second = net::TcpStream::connect(address).unwrap();
    settle();
    expect_one_event(&mut poll, &mut events, LISTENER);
    listener.accept().unwrap();
    listener.accept().unwrap();
    assert_would_block(listener.accept());
}

#[test]
fn each_client_after_a_drained_accept_queue_is_a_new_event() {
    let (mut listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    for _ in 0..5 {
        let client = net::TcpStream::connect(address).unwrap();
        expect_one_event(&mut poll, &mut events, LISTENER);
        assert_eq!(listener.accept().unwrap().1, client.local_addr().unwrap());
        assert_would_block(listener.accept());
    }
}

#[test]
fn an_accept_loop_serves_each_of_fifty_clients_once() {
    let (mut listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let clients: Vec<_> = (0..50).map(|_| TcpStream::connect(address).unwrap()).collect();
    let mut served = HashSet::new();
    while served.len() < clients.len() {
        expect_one_event(&mut poll, &mut events, LISTENER);
        loop {
            match listener.accept() {
                Ok((_stream, peer)) => assert!(served.insert(peer), "{peer} was accepted twice"),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => panic!("accept failed: {error}"),
            }
        }
    }
    for client in &clients {
        assert!(served.contains(&client.local_addr().unwrap()));
    }
}

#[test]
fn a_hundred_clients_wait_in_the_accept_queue() {
    let (listener, address) = tcp_listener();
    let clients: Vec<_> =
        (0..100).map(|_| net::TcpStream::connect_timeout(&address, PATIENCE).unwrap()).collect();
    for _ in &clients {
        retry(|| listener.accept()).unwrap();
    }
    assert_would_block(listener.accept());
}

#[test]
fn a_pending_client_is_reported_to_a_listener_that_registers_late() {
    let (mut listener, address) = tcp_listener();
    let _client = net::TcpStream::connect(address).unwrap();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, LISTENER).is_readable());
}

#[test]
fn reregistering_as_readable_shows_the_client_that_writable_hid() {
    let (mut listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::WRITABLE).unwrap();
    let _client = net::TcpStream::connect(address).unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister(&mut listener, OTHER, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, OTHER).is_readable());
}

#[test]
fn a_deregistered_listener_is_silent_and_still_accepts() {
    let (mut listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let _client = net::TcpStream::connect(address).unwrap();
    expect_events(&mut poll, &mut events, &[(LISTENER, Event::is_readable)]);
    poll.registry().deregister(&mut listener).unwrap();
    let _second = net::TcpStream::connect(address).unwrap();
    expect_no_events(&mut poll, &mut events);
    retry(|| listener.accept()).unwrap();
    retry(|| listener.accept()).unwrap();
}

#[test]
fn a_ready_listener_that_is_deregistered_before_the_poll_is_silent() {
    let (mut listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let _client = net::TcpStream::connect(address).unwrap();
    settle();
    poll.registry().deregister(&mut listener).unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_listener_that_registers_again_reports_what_came_between() {
    let (mut listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    poll.registry().deregister(&mut listener).unwrap();
    let _client = net::TcpStream::connect(address).unwrap();
    poll.registry().register(&mut listener, OTHER, Interest::READABLE).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, OTHER).is_readable());
}

#[test]
fn dropping_a_registered_listener_with_a_client_leaves_silence() {
    let (mut listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let _client = net::TcpStream::connect(address).unwrap();
    settle();
    drop(listener);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn dropping_an_accepted_stream_ends_the_client() {
    let (listener, address) = tcp_listener();
    let mut client = net::TcpStream::connect(address).unwrap();
    drop(retry(|| listener.accept()).unwrap());
    assert_eq!(client.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn binding_an_address_in_use_is_an_error() {
    let (_listener, address) = tcp_listener();
    let error = TcpListener::bind(address).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
}

#[test]
fn binding_an_address_of_another_machine_is_an_error() {
    // A documentation address, which no interface carries.
    let error = TcpListener::bind("203.0.113.7:0".parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
}

#[test]
fn an_address_in_time_wait_can_be_bound_again() {
    let (listener, address) = tcp_listener();
    let mut client = net::TcpStream::connect(address).unwrap();
    // The side that closes first waits.
    drop(retry(|| listener.accept()).unwrap());
    assert_eq!(client.read(&mut [0; 8]).unwrap(), 0);
    drop(client);
    drop(listener);
    settle();

    // Without SO_REUSEADDR the address is still taken, so the wait is real.
    let plain = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    if plain.bind(&address.into()).is_ok() {
        // Beside programs that churn through connections the kernel runs out of places
        // for those that wait, and lets them go at once.
        println!("SKIPPED: the kernel keeps no connection in TIME_WAIT now");
        return;
    }
    assert_eq!(TcpListener::bind(address).unwrap().local_addr().unwrap(), address);
}

#[test]
fn listeners_and_streams_are_told_apart_by_their_tokens() {
    let (mut listener, address) = tcp_listener();
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    poll.registry().register(&mut client, OTHER, Interest::WRITABLE).unwrap();
    expect_events(&mut poll, &mut events, &[(LISTENER, Event::is_readable), (OTHER, Event::is_writable)]);
}
