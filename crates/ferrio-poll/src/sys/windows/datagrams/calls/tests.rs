//! Messages that are cut, and a Winsock that lacks a function.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use super::*;
use crate::sys::messages::address_bytes::AddressBytes;
use crate::sys::messages::control::ControlBuffer;

/// A socket that does not block, and its address.
fn socket() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// What one message is said to be like.
#[derive(Debug, Eq, PartialEq)]
struct Told {
    bytes: Vec<u8>,
    source: Option<SocketAddr>,
    is_truncated: bool,
    control: usize,
}

/// Receives one message into a room of 4 bytes, by `function` or, without one, as it goes.
fn receive(function: LPFN_WSARECVMSG, socket: &UdpSocket, headers: &mut Headers) -> io::Result<Told> {
    let (mut bytes, mut address, mut control) = ([9; 4], AddressBytes::EMPTY, ControlBuffer::<16>::EMPTY);
    for _ in 0..500 {
        let parts =
            Parts { address: Some(address.room()), bytes: Bytes::In(&mut bytes), control: control.room() };
        match headers.receive_by(function, socket, [parts].into_iter(), 0) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(10)),
            Err(error) => return Err(error),
            Ok(count) => {
                assert_eq!(count, 1);
                break;
            }
        }
    }
    Ok(Told {
        bytes: bytes[..headers.bytes(0)].to_vec(),
        source: address.read(headers.address_len(0)),
        is_truncated: headers.is_truncated(0),
        control: headers.control_len(0),
    })
}

#[test]
fn messages_are_the_same_with_and_without_the_function_of_winsock() {
    let ((near, source), (far, destination)) = (socket(), socket());
    let function = extension::receive_message(&far);
    assert!(function.is_some());
    for function in [function, None] {
        for (sent, is_truncated) in [(&b"abcde"[..], true), (b"abcd", false), (b"a", false), (b"", false)] {
            near.send_to(sent, destination).unwrap();
            let told = receive(function, &far, &mut Headers::new(1)).unwrap();
            let bytes = sent[..sent.len().min(4)].to_vec();
            assert_eq!(told, Told { bytes, source: Some(source), is_truncated, control: 0 });
        }
    }
}

#[test]
fn an_error_that_was_kept_is_told_once() {
    let (near, address) = socket();
    let mut headers = Headers::new(1);
    for kind in [ErrorKind::ConnectionReset, ErrorKind::NetworkUnreachable] {
        headers.pending = Some(kind.into());
        let error = receive(extension::receive_message(&near), &near, &mut headers).unwrap_err();
        assert_eq!(error.kind(), kind);
        near.send_to(b"x", address).unwrap();
        assert_eq!(receive(None, &near, &mut headers).unwrap().bytes, b"x");
    }
}
