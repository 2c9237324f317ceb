//! Ending connections.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use ferrio_poll::Token;
use ferrio_proactor::op;

use crate::harness::system::NOT_A_SOCKET;
use crate::harness::{Came, on_each};
use crate::temporary::Temporary;

#[test]
fn a_shutdown_waits_for_the_sends_before_it() {
    on_each(|rig| {
        let (handle, mut peer) = rig.connection();
        // More than the buffers of both sides have room for.
        let sends = [(); 4]
            .map(|()| rig.proactor.submit(Token(0), op::Send::new(handle, vec![1_u8; 4 << 20])).unwrap());
        let shutdown = op::Shutdown { handle, how: Shutdown::Write };
        let id = rig.proactor.submit(Token(1), shutdown).unwrap();
        assert!(rig.is_silent(), "{}: a shutdown before all was sent", rig.way);
        let reader = thread::spawn(move || {
            let mut bytes = Vec::new();
            peer.read_to_end(&mut bytes).map(|_| (bytes.len(), peer))
        });
        for send in sends {
            assert_eq!(rig.done::<op::Send<Vec<u8>>>(send).0.unwrap(), 4 << 20);
        }
        assert_eq!(rig.done::<op::Shutdown>(id).0.unwrap(), 0);
        let (len, mut peer): (usize, TcpStream) = reader.join().unwrap().unwrap();
        assert_eq!(len, 16 << 20, "{}", rig.way);

        // The other direction goes on.
        peer.write_all(b"still").unwrap();
        let id = rig.proactor.submit(Token(2), op::Recv::new(handle, Vec::with_capacity(64))).unwrap();
        assert_eq!(rig.done::<op::Recv<Vec<u8>>>(id).1.buf, b"still");
    });
}

#[test]
fn a_shutdown_of_reading_ends_a_receiver() {
    on_each(|rig| {
        let (handle, _peer) = rig.connection();
        rig.proactor.submit(Token(1), op::RecvMany { handle }).unwrap();
        assert!(rig.is_silent(), "{}", rig.way);
        let id = rig.proactor.submit(Token(2), op::Shutdown { handle, how: Shutdown::Read }).unwrap();
        assert_eq!(rig.done::<op::Shutdown>(id).0.unwrap(), 0);
        let (token, more, came) = rig.next();
        assert!(matches!(came, Came::Ended(Ok(()))), "{}: {came:?}", rig.way);
        assert_eq!((token, more), (Token(1), false));
    });
}

#[test]
fn what_is_no_connection_is_an_error() {
    let file = Temporary::file(b"");
    on_each(|rig| {
        let handle = rig.proactor.attach(file.open());
        let id = rig.proactor.submit(Token(0), op::Shutdown { handle, how: Shutdown::Both }).unwrap();
        let error = rig.done::<op::Shutdown>(id).0.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(NOT_A_SOCKET), "{}", rig.way);
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        let handle = rig.proactor.attach(socket);
        let id = rig.proactor.submit(Token(0), op::Shutdown { handle, how: Shutdown::Both }).unwrap();
        let error = rig.done::<op::Shutdown>(id).0.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected, "{}", rig.way);
    });
}
