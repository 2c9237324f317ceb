//! Connecting.

#[cfg(target_os = "linux")]
mod names;

use std::io::{self, Read};
use std::net::{self, SocketAddr, TcpListener, TcpStream};

use ferrio_poll::Token;
use ferrio_proactor::{Handle, is_cancelled, op};
use socket2::{Domain, Socket, Type};

use crate::harness::system::CONNECT_BEGUN;
use crate::harness::{PATIENCE, Rig, on_each};

fn attach(rig: &mut Rig, address: &SocketAddr) -> Handle {
    rig.proactor.attach(Socket::new(Domain::for_address(*address), Type::STREAM, None).unwrap())
}

fn connect(rig: &mut Rig, address: SocketAddr) -> io::Result<u32> {
    let handle = attach(rig, &address);
    let id = rig.proactor.submit(Token(0), op::Connect::new(handle, address)).unwrap();
    rig.done::<op::Connect>(id).0
}

/// An address at which nobody listens, as long as the socket lives that has it.
fn closed() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

/// A listener of TCP whose backlog is full, with the connections that fill it.
fn full_tcp() -> (Socket, Vec<Socket>, SocketAddr) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let fillers = (0..4).map(|_| {
        let filler = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        filler.set_nonblocking(true).unwrap();
        assert!(filler.connect(&address).is_err_and(|error| error.raw_os_error() == Some(CONNECT_BEGUN)));
        filler
    });
    (listener, fillers.collect(), address.as_socket().unwrap())
}

#[test]
fn a_socket_is_connected_over_both_families() {
    on_each(|rig| {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let listener = match TcpListener::bind(address) {
                Ok(listener) => listener,
                Err(error) => {
                    println!("SKIPPED: {address}: {error}");
                    continue;
                }
            };
            assert_eq!(connect(rig, listener.local_addr().unwrap()).unwrap(), 0, "{}", rig.way);
            listener.accept().unwrap();
        }
    });
}

#[test]
fn a_refused_connection_is_an_error() {
    on_each(|rig| {
        let (_closed, address) = closed();
        let error = connect(rig, address).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused, "{}", rig.way);
    });
}

#[test]
fn an_address_that_cannot_be_reached_is_an_error() {
    // No connection goes to a broadcast address.
    let address = SocketAddr::from(([255, 255, 255, 255], 9));
    let expected = TcpStream::connect(address).unwrap_err();
    on_each(|rig| {
        let error = connect(rig, address).unwrap_err();
        assert_eq!(error.raw_os_error(), expected.raw_os_error(), "{}", rig.way);
    });
}

#[test]
fn sends_and_a_shutdown_wait_for_the_connection() {
    on_each(|rig| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = attach(rig, &address);
        rig.proactor.submit(Token(0), op::Connect::new(handle, address)).unwrap();
        rig.proactor.submit(Token(1), op::Send::new(handle, "hello ")).unwrap();
        rig.proactor.submit(Token(2), op::Send::new(handle, "world")).unwrap();
        let how = net::Shutdown::Write;
        let last = rig.proactor.submit(Token(3), op::Shutdown { handle, how }).unwrap();
        assert_eq!(rig.done::<op::Shutdown>(last).0.unwrap(), 0);
        let mut text = String::new();
        let (mut peer, _) = listener.accept().unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        peer.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello world", "{}", rig.way);
    });
}

#[test]
fn sends_behind_a_connect_that_fails_fail_too() {
    on_each(|rig| {
        let (_closed, address) = closed();
        let handle = attach(rig, &address);
        rig.proactor.submit(Token(0), op::Connect::new(handle, address)).unwrap();
        let send = rig.proactor.submit(Token(1), op::Send::new(handle, "lost")).unwrap();
        let (result, send) = rig.done::<op::Send<&'static str>>(send);
        let kind = result.unwrap_err().kind();
        // Wine says that it was reset.
        use io::ErrorKind::{BrokenPipe, ConnectionReset, NotConnected};
        assert!(matches!(kind, BrokenPipe | ConnectionReset | NotConnected), "{kind:?}");
        assert_eq!(send.buf, "lost");
    });
}

#[test]
fn a_connect_under_way_is_cancelled() {
    on_each(|rig| {
        let (_listener, _fillers, address) = full_tcp();
        let handle = attach(rig, &address);
        let id = rig.proactor.submit(Token(0), op::Connect::new(handle, address)).unwrap();
        assert!(rig.is_silent(), "{}", rig.way);
        assert!(rig.proactor.cancel(id));
        let (result, _) = rig.done::<op::Connect>(id);
        assert!(result.as_ref().is_err_and(is_cancelled), "{}: {result:?}", rig.way);
        assert!(rig.proactor.detach(handle).is_ok());
    });
}
