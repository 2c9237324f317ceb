//! Messages by these calls, with what goes along.
#![allow(unsafe_code, reason = "the calls that are tested")]

use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::windows::io::AsSocket;
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

use windows_sys::Win32::Networking::WinSock::{MSG_CTRUNC, MSG_TRUNC, WSABUF, WSAMSG};

use super::{MARK_V4, MARK_V6, recv_message, send_message, without_the_other_mark};
use crate::sys::datagram::{Ecn, Facility};
use crate::sys::datagrams::set_facility;
use crate::sys::messages::address_bytes::AddressBytes;
use crate::sys::messages::ancillary::{Ancillary, add_ecn, add_message, add_source, messages};

const PATIENCE: Duration = Duration::from_secs(10);

/// What came in a message.
#[derive(Debug)]
struct Received {
    bytes: Vec<u8>,
    flags: u32,
    source: Option<SocketAddr>,
    name_len: i32,
    ancillary: Ancillary,
}

/// Receives once, into two buffers of these lengths.
fn receive_once(socket: &impl AsSocket, lens: [usize; 2], room: usize) -> io::Result<Received> {
    let mut memory = lens.map(|len| vec![0; len]);
    let mut control = vec![0; room];
    let mut address = AddressBytes::EMPTY;
    let mut buffers = memory.each_mut().map(|part| WSABUF { len: part.len() as u32, buf: part.as_mut_ptr() });
    let mut message = WSAMSG {
        name: address.room().as_mut_ptr().cast(),
        namelen: 28,
        lpBuffers: buffers.as_mut_ptr(),
        dwBufferCount: 2,
        Control: WSABUF { len: room as u32, buf: control.as_mut_ptr() },
        dwFlags: 0,
    };
    // SAFETY: it points to memory of this function, of these lengths.
    let len = unsafe { recv_message(socket.as_socket(), &mut message) }? as usize;
    let mut bytes = memory.concat();
    bytes.truncate(len);
    Ok(Received {
        bytes,
        flags: message.dwFlags,
        source: address.read(message.namelen as usize),
        name_len: message.namelen,
        ancillary: Ancillary::read(&control[..message.Control.len as usize]),
    })
}

/// Receives what comes soon.
fn receive(socket: &impl AsSocket, lens: [usize; 2], room: usize) -> Received {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match receive_once(socket, lens, room) {
            Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(1));
            }
            result => return result.unwrap(),
        }
    }
}

fn send(
    socket: &impl AsSocket,
    to: Option<SocketAddr>,
    parts: [&[u8]; 2],
    control: &[u8],
) -> io::Result<u32> {
    let mut address = AddressBytes::EMPTY;
    let len = to.map_or(0, |to| address.write(to));
    let mut buffers = parts.map(|part| WSABUF { len: part.len() as u32, buf: part.as_ptr().cast_mut() });
    let name = if len > 0 { address.room().as_mut_ptr().cast() } else { ptr::null_mut() };
    let message = WSAMSG {
        name,
        namelen: len as i32,
        lpBuffers: buffers.as_mut_ptr(),
        dwBufferCount: 2,
        Control: WSABUF { len: control.len() as u32, buf: control.as_ptr().cast_mut() },
        dwFlags: 0,
    };
    // SAFETY: it points to memory that is borrowed until the call returns.
    unsafe { send_message(socket.as_socket(), &message, 0) }
}

fn udp(address: &str) -> UdpSocket {
    let socket = UdpSocket::bind(address).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

#[test]
fn a_datagram_goes_from_parts_into_parts_and_is_cut_where_it_has_no_room() {
    let (one, two) = (udp("127.0.0.1:0"), udp("127.0.0.1:0"));
    let (from, to) = (one.local_addr().unwrap(), two.local_addr().unwrap());
    assert_eq!(receive_once(&two, [4, 8], 64).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(receive_once(&two, [4, 8], 0).unwrap_err().kind(), ErrorKind::WouldBlock);
    for room in [0, 64] {
        assert_eq!(send(&one, Some(to), [b"over", b"two"], &[]).unwrap(), 7);
        let received = receive(&two, [3, 20], room);
        assert_eq!((&received.bytes[..], received.source), (&b"overtwo"[..], Some(from)));
        assert_eq!(received.flags & MSG_TRUNC, 0);
        assert_eq!(send(&one, Some(to), [b"over", b"long"], &[]).unwrap(), 8);
        let received = receive(&two, [3, 2], room);
        assert_eq!((&received.bytes[..], received.source), (&b"overl"[..], Some(from)));
        assert_ne!(received.flags & MSG_TRUNC, 0);
    }
}

#[test]
fn where_a_datagram_arrived_is_told() {
    let (one, two) = (udp("127.0.0.1:0"), udp("127.0.0.1:0"));
    let to = two.local_addr().unwrap();
    set_facility(&two, Facility::LocalAddress, true).unwrap();
    let mut control = Vec::new();
    add_ecn(&mut control, Ecn::Ect0);
    add_source(&mut control, "127.0.0.1".parse().unwrap());
    one.connect(to).unwrap();
    for to in [Some(to), None] {
        match send(&one, to, [b"a", b"b"], &control) {
            Ok(sent) => assert_eq!(sent, 2),
            // Earlier systems know no mark.
            Err(_) => assert_eq!(send(&one, to, [b"a", b"b"], &[]).unwrap(), 2),
        }
        let received = receive(&two, [1, 1], 256);
        assert_eq!(received.bytes, b"ab");
        let local = received.ancillary.local_address().map(|local| local.address());
        assert_eq!(local, Some("127.0.0.1".parse().unwrap()));
        assert_eq!((received.ancillary.timestamp(), received.ancillary.credentials()), (None, None));
    }
}

#[test]
fn a_datagram_whose_control_data_was_cut_is_no_longer_than_it_was() {
    let (one, two) = (udp("127.0.0.1:0"), udp("127.0.0.1:0"));
    let to = two.local_addr().unwrap();
    set_facility(&two, Facility::LocalAddress, true).unwrap();
    for len in [0, 4] {
        assert_eq!(send(&one, Some(to), [&b"abcd"[..len], b""], &[]).unwrap() as usize, len);
        let received = receive(&two, [10, 10], 8);
        assert_ne!(received.flags & MSG_CTRUNC, 0);
        assert!(received.bytes.len() <= len, "{:?}", received.bytes);
    }
}

#[test]
fn bytes_of_a_stream_have_no_sender() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    client.set_nonblocking(true).unwrap();
    for room in [0, 64] {
        assert_eq!(receive_once(&client, [4, 4], room).unwrap_err().kind(), ErrorKind::WouldBlock);
        server.write_all(b"stream").unwrap();
        let received = receive(&client, [4, 4], room);
        assert_eq!((&received.bytes[..], received.name_len), (&b"stream"[..], 0));
    }
    assert_eq!(send(&client, None, [b"from ", b"parts"], &[]).unwrap(), 10);
    assert_eq!(receive(&server, [10, 10], 0).bytes, b"from parts");
    drop(server);
    assert_eq!(receive(&client, [4, 4], 64).bytes, b"");
}

#[test]
fn of_two_marks_that_of_the_destination_is_sent() {
    let mut control = Vec::new();
    add_message(&mut control, 1, 2, b"other");
    add_ecn(&mut control, Ecn::Ce);
    for (address, mark) in [("192.0.2.1", MARK_V4), ("2001:db8::1", MARK_V6)] {
        let kept = without_the_other_mark(&control, || address.parse().ok()).unwrap();
        let kinds: Vec<_> = messages(&kept).map(|(level, kind, _)| (level, kind)).collect();
        assert_eq!(kinds, [(1, 2), mark]);
        assert_eq!(Ancillary::read(&kept).ecn(), Some(Ecn::Ce));
        // One mark is what was asked for.
        assert_eq!(without_the_other_mark(&kept, || unreachable!("it has one mark")), None);
    }
    assert_eq!(without_the_other_mark(&control, || None), None);
}
