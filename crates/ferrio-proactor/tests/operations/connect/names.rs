//! Unix sockets by names that are no paths, which Linux has.

use std::io::{self, Read};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{self as unix, UnixListener};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use ferrio_poll::Token;
use ferrio_proactor::{Handle, OpId, is_cancelled, op};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::harness::{Rig, on_each};

/// A name of a Unix socket that is no path.
fn abstract_name() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("ferrio-connect-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn connect_unix(rig: &mut Rig, name: &str) -> (Handle, OpId) {
    let handle = rig.proactor.attach(Socket::new(Domain::UNIX, Type::STREAM, None).unwrap());
    let connect = op::Connect::to(handle, SockAddr::unix(format!("\0{name}")).unwrap());
    (handle, rig.proactor.submit(Token(1), connect).unwrap())
}

/// A Unix listener with a full backlog, and the connections that fill it.
fn full_unix(name: &str) -> (Socket, Vec<Socket>) {
    let listener = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
    let address = SockAddr::unix(format!("\0{name}")).unwrap();
    listener.bind(&address).unwrap();
    listener.listen(1).unwrap();
    let mut fillers = Vec::new();
    loop {
        let filler = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
        filler.set_nonblocking(true).unwrap();
        match filler.connect(&address) {
            Ok(()) => fillers.push(filler),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return (listener, fillers),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_unix_socket_is_connected() {
    on_each(|rig| {
        let name = abstract_name();
        let listener =
            UnixListener::bind_addr(&unix::SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        let (handle, id) = connect_unix(rig, &name);
        rig.proactor.submit(Token(2), op::Send::new(handle, "hi")).unwrap();
        assert_eq!(rig.done::<op::Connect>(id).0.unwrap(), 0);
        let (mut peer, _) = listener.accept().unwrap();
        let mut bytes = [0; 2];
        rig.poll(std::time::Duration::from_millis(10));
        peer.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"hi");
        let (_, id) = connect_unix(rig, "ferrio-nobody-listens-here");
        let error = rig.done::<op::Connect>(id).0.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused, "{}", rig.way);
    });
}

#[test]
fn a_connect_waits_for_room_in_the_backlog_of_a_unix_listener() {
    on_each(|rig| {
        let name = abstract_name();
        let (listener, fillers) = full_unix(&name);
        let (_, id) = connect_unix(rig, &name);
        assert!(rig.is_silent(), "{}: {} were in the backlog", rig.way, fillers.len());
        let _first = listener.accept().unwrap();
        assert_eq!(rig.done::<op::Connect>(id).0.unwrap(), 0, "{}", rig.way);
    });
}

#[test]
fn a_connect_that_waits_for_room_in_a_backlog_is_cancelled() {
    on_each(|rig| {
        let name = abstract_name();
        let (_listener, _fillers) = full_unix(&name);
        let (handle, id) = connect_unix(rig, &name);
        assert!(rig.is_silent() && rig.proactor.cancel(id), "{}", rig.way);
        let (result, _) = rig.done::<op::Connect>(id);
        assert!(result.as_ref().is_err_and(is_cancelled), "{}: {result:?}", rig.way);
        assert!(rig.proactor.detach(handle).is_ok());
    });
}
