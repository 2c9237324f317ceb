//! Messages: several buffers, addresses, control data.

#[cfg(target_os = "linux")]
mod control;
mod datagrams;
mod zero_copy;

use std::io::{self, Read, Write};
use std::net::UdpSocket;
use std::sync::OnceLock;
use std::thread;

use ferrio_poll::Token;
use ferrio_proactor::{is_cancelled, op};

use crate::harness::skips::is_skipped;
use crate::harness::system::pair;
use crate::harness::{PATIENCE, Rig, on_each};

type RecvMsg = op::RecvMsg<Vec<u8>>;
type SendMsg = op::SendMsg<Vec<u8>>;

fn receive(rig: &mut Rig, receive: RecvMsg) -> (io::Result<u32>, RecvMsg) {
    let id = rig.proactor.submit(Token(0), receive).unwrap();
    rig.done::<RecvMsg>(id)
}

fn send(rig: &mut Rig, send: SendMsg) -> u32 {
    let id = rig.proactor.submit(Token(0), send).unwrap();
    rig.done::<SendMsg>(id).0.unwrap()
}

#[test]
fn several_buffers_are_one_message() {
    on_each(|rig| {
        let (handle, mut peer) = rig.connection();
        let buffers = vec![b"one ".to_vec(), Vec::new(), b"two ".to_vec(), b"three".to_vec()];
        assert_eq!(send(rig, op::SendMsg::new(handle, buffers)), 13);
        let mut bytes = [0; 13];
        peer.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"one two three");

        peer.write_all(b"abcdefgh").unwrap();
        let room = vec![Vec::with_capacity(3), Vec::with_capacity(100), Vec::with_capacity(10)];
        let (result, message) = receive(rig, op::RecvMsg::new(handle, room));
        assert_eq!(result.unwrap(), 8);
        assert_eq!(message.into_buffers(), [&b"abc"[..], b"defgh", b""]);
    });
}

#[test]
fn a_large_message_goes_out_whole() {
    on_each(|rig| {
        let (handle, mut peer) = rig.connection();
        let buffers: Vec<_> = (1..=7_u8).map(|number| vec![number; 1_000_003]).collect();
        let expected = buffers.concat();
        let reader = thread::spawn(move || {
            let mut bytes = vec![0; 7 * 1_000_003];
            peer.read_exact(&mut bytes).map(|()| bytes)
        });
        assert_eq!(send(rig, op::SendMsg::new(handle, buffers)), 7 * 1_000_003);
        assert!(reader.join().unwrap().unwrap() == expected, "{}", rig.way);
    });
}

#[test]
fn what_is_longer_than_a_gigabyte_is_cut_there() {
    if is_skipped("messages::what_is_longer_than_a_gigabyte_is_cut_there") {
        return;
    }
    const MAX: usize = 1 << 30;
    // Pages that nobody has written to take no memory.
    static ZEROS: OnceLock<Vec<u8>> = OnceLock::new();
    let zeros: &'static [u8] = ZEROS.get_or_init(|| vec![0; MAX + 1]);
    on_each(|rig| {
        let (stream, mut peer) = pair();
        let handle = rig.proactor.attach(stream);
        let reader = thread::spawn(move || {
            let (mut buffer, mut sum) = (vec![0; 1 << 18], 0);
            loop {
                match peer.read(&mut buffer).unwrap() {
                    0 => return sum,
                    count => sum += count,
                }
            }
        });
        let buffers = vec![&zeros[..MAX - 10], &zeros[..7], &zeros[..20], &zeros[..100]];
        let id = rig.proactor.submit(Token(0), op::SendMsg::new(handle, buffers)).unwrap();
        assert_eq!(rig.done::<op::SendMsg<&[u8]>>(id).0.unwrap() as usize, MAX, "{}", rig.way);
        let id = rig.proactor.submit(Token(0), op::Send::new(handle, zeros)).unwrap();
        assert_eq!(rig.done::<op::Send<&[u8]>>(id).0.unwrap() as usize, MAX, "{}", rig.way);
        rig.proactor.close(handle);
        assert_eq!(reader.join().unwrap(), 2 * MAX, "{}", rig.way);
    });
}

#[test]
fn a_datagram_has_an_address_and_tells_if_it_was_cut() {
    on_each(|rig| {
        let [ours, peer] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        let (our_address, address) = (ours.local_addr().unwrap(), peer.local_addr().unwrap());
        let handle = rig.proactor.attach(ours);
        assert_eq!(send(rig, op::SendMsg::new(handle, vec![b"hello".to_vec()]).to(address)), 5);
        let mut bytes = [0; 16];
        assert_eq!(peer.recv_from(&mut bytes).unwrap(), (5, our_address));

        peer.send_to(&[7; 100], our_address).unwrap();
        let (result, message) = receive(rig, op::RecvMsg::new(handle, vec![Vec::with_capacity(10)]));
        assert_eq!((result.unwrap(), message.is_truncated()), (10, true));
        assert_eq!(message.source().and_then(|source| source.as_socket()), Some(address));

        // The same operation again tells of the next.
        peer.send_to(b"", our_address).unwrap();
        let id = rig.proactor.submit(Token(0), message).unwrap();
        let (result, message) = rig.done::<RecvMsg>(id);
        assert_eq!((result.unwrap(), message.is_truncated()), (0, false), "{}", rig.way);
        assert_eq!(message.source().and_then(|source| source.as_socket()), Some(address));
    });
}

#[test]
fn what_was_not_received_has_no_sender_and_no_control_data() {
    on_each(|rig| {
        let handle = rig.proactor.attach(UdpSocket::bind("127.0.0.1:0").unwrap());
        let message = op::RecvMsg::new(handle, vec![Vec::with_capacity(10)]).control_room(64);
        assert!(message.source().is_none() && message.control().is_empty(), "before");
        let id = rig.proactor.submit(Token(0), message).unwrap();
        assert!(rig.is_silent() && rig.proactor.cancel(id));
        let (result, message) = rig.done::<RecvMsg>(id);
        assert!(is_cancelled(&result.unwrap_err()));
        assert!(message.source().is_none() && message.control().is_empty(), "{}", rig.way);
    });
}

#[test]
fn messages_are_submitted_by_other_threads() {
    on_each(|rig| {
        let (handle, mut peer) = rig.connection();
        let remote = rig.proactor.remote().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let message = op::SendMsg::new(handle, vec![b"from ".to_vec(), b"afar".to_vec()]);
                remote.submit(Token(3), message).unwrap();
                let message = op::RecvMsg::new(handle, vec![Vec::<u8>::with_capacity(64)]);
                remote.submit(Token(4), message).unwrap();
            });
        });
        rig.wait();
        let mut bytes = [0; 9];
        peer.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"from afar", "{}", rig.way);
    });
}
