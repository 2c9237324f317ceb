//! Sends without a copy: the buffer comes back when the kernel needs it no more.

use std::io::Read;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Choice, Config, Handle, Way, op};
use socket2::{Domain, SockRef, Socket, Type};

use crate::harness::system::socket;
use crate::harness::{PATIENCE, Rig, on_each};

type SendZc = op::SendZc<Vec<u8>>;

/// More than a peer with a small buffer takes, and less than ours.
const LEN: usize = 300_000;

/// A connection to a peer that takes little: the proactor's side, and the peer's.
fn narrow(rig: &mut Rig) -> (Handle, Socket) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    peer.set_recv_buffer_size(16_384).unwrap();
    // Segments of loopback are longer than such a window: each would wait for a timer.
    #[cfg(unix)]
    peer.set_tcp_mss(1460).unwrap();
    peer.connect(&listener.local_addr().unwrap().into()).unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let (stream, _) = listener.accept().unwrap();
    SockRef::from(&stream).set_send_buffer_size(4 * LEN).unwrap();
    (rig.proactor.attach(stream), peer)
}

fn has_it(rig: &mut Rig) -> bool {
    let has_it = rig.proactor.capabilities().unwrap().of("SendZc") != Some(Way::Unsupported);
    if !has_it {
        println!("SKIPPED: {} has no sends without a copy", rig.way);
    }
    has_it
}

#[test]
fn the_buffer_comes_back_when_the_peer_has_its_bytes() {
    on_each(|rig| {
        if !has_it(rig) {
            return;
        }
        let (handle, mut peer) = narrow(rig);
        let bytes = crate::temporary::pattern(LEN);
        let id = rig.proactor.submit(Token(0), op::SendZc::new(handle, bytes.clone())).unwrap();
        if rig.way.driver == Choice::Ring {
            assert!(rig.is_silent(), "{}: a buffer came back that is still needed", rig.way);
        }
        let reader = thread::spawn(move || {
            let mut bytes = vec![0; LEN];
            peer.read_exact(&mut bytes).map(|()| bytes)
        });
        let (result, send) = rig.done::<SendZc>(id);
        assert_eq!((result.unwrap() as usize, send.buf.len()), (LEN, LEN));
        assert!(reader.join().unwrap().unwrap() == bytes, "{}", rig.way);
    });
}

#[cfg(unix)]
#[test]
fn a_unix_socket_refuses_on_a_ring_and_copies_without() {
    on_each(|rig| {
        if !has_it(rig) {
            return;
        }
        let (stream, mut peer) = std::os::unix::net::UnixStream::pair().unwrap();
        let handle = rig.proactor.attach(stream);
        let id = rig.proactor.submit(Token(0), op::SendZc::new(handle, b"data".to_vec())).unwrap();
        let (result, send) = rig.done::<SendZc>(id);
        assert_eq!(send.buf, b"data");
        if rig.way.driver == Choice::Ring {
            assert_eq!(result.unwrap_err().raw_os_error(), Some(libc::EOPNOTSUPP));
        } else {
            assert_eq!(result.unwrap(), 4);
            peer.read_exact(&mut [0; 4]).unwrap();
        }
    });
}

#[test]
fn sends_without_a_copy_follow_one_another_before_their_buffers_are_back() {
    on_each(|rig| {
        if !has_it(rig) {
            return;
        }
        let (handle, mut peer) = narrow(rig);
        let ids = [1_u8, 2, 3]
            .map(|byte| rig.proactor.submit(Token(0), op::SendZc::new(handle, vec![byte; LEN])).unwrap());
        let reader = thread::spawn(move || {
            let mut bytes = vec![0; 3 * LEN];
            peer.read_exact(&mut bytes).map(|()| bytes)
        });
        for id in ids {
            assert_eq!(rig.done::<SendZc>(id).0.unwrap() as usize, LEN, "{}", rig.way);
        }
        let bytes = reader.join().unwrap().unwrap();
        assert!(bytes.chunks(LEN).zip(1..).all(|(part, byte)| part.iter().all(|&is| is == byte)));
    });
}

#[test]
fn a_close_that_resets_frees_the_buffer_that_a_peer_does_not_read() {
    on_each(|rig| {
        if !has_it(rig) {
            return;
        }
        let (handle, _peer) = narrow(rig);
        let id = rig.proactor.submit(Token(0), op::SendZc::new(handle, vec![1; LEN])).unwrap();
        if rig.way.driver == Choice::Ring {
            assert!(rig.is_silent(), "{}", rig.way);
        }
        let fd = socket(&rig.proactor, handle).unwrap();
        SockRef::from(&fd).set_linger(Some(Duration::ZERO)).unwrap();
        rig.proactor.close(handle);
        let (_, send) = rig.done::<SendZc>(id);
        assert_eq!((send.buf.len(), rig.proactor.stats().handles), (LEN, 0), "{}", rig.way);
    });
}

#[test]
fn a_buffer_that_is_left_holds_no_connection_open() {
    on_each(|rig| {
        if !has_it(rig) || rig.way.driver != Choice::Ring {
            return;
        }
        let mut rig = std::mem::replace(rig, Rig::open(rig.way, Config::default()).unwrap());
        let ((handle, mut reader), (_, mut other)) = (narrow(&mut rig), rig.connection());
        rig.proactor.submit(Token(0), op::SendZc::new(handle, vec![1; LEN])).unwrap();
        assert!(rig.is_silent(), "{}", rig.way);
        assert_eq!(rig.proactor.shutdown(Duration::from_millis(10)).left, 1, "{}", rig.way);
        assert_eq!(other.read(&mut [0; 8]).unwrap(), 0, "{}", rig.way);
        // What was sent comes, and an end.
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        assert!(bytes == vec![1; LEN], "{}: {} bytes", rig.way, bytes.len());
    });
}
