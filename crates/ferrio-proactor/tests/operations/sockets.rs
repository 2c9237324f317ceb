//! Accepting, receiving, sending.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Handle, Kind, is_cancelled, op};

use crate::harness::system::{Stream, is_non_blocking, pair};
use crate::harness::{Came, Rig, on_each_setup};

#[test]
fn connections_are_accepted_one_by_one_and_all() {
    on_each_setup(|rig| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = rig.proactor.attach(listener);
        rig.proactor.submit(Token(1), op::Accept { handle }).unwrap();
        let mut first = TcpStream::connect(address).unwrap();
        let (token, more, came) = rig.next();
        let Came::Accepted(fd) = came else { panic!("{came:?}") };
        assert_eq!((token, more), (Token(1), false));
        let stream = TcpStream::from(fd);
        assert!(!is_non_blocking(&stream), "{}", rig.way);
        first.write_all(b"!").unwrap();
        assert_eq!((&stream).read(&mut [0; 8]).unwrap(), 1);

        let id = rig.proactor.submit(Token(2), op::AcceptMany { handle }).unwrap();
        let clients: Vec<_> = (0..5).map(|_| TcpStream::connect(address).unwrap()).collect();
        for _ in &clients {
            let (token, more, came) = rig.next();
            assert!(matches!(came, Came::Accepted(_)), "{came:?}");
            assert_eq!((token, more), (Token(2), true));
        }
        assert!(rig.proactor.cancel(id));
        let (_, more, came) = rig.next();
        assert!(matches!(&came, Came::Ended(Err(error)) if is_cancelled(error)), "{came:?}");
        assert!(!more && !rig.proactor.cancel(id));
        let _late = TcpStream::connect(address).unwrap();
        assert!(rig.is_silent(), "{}: a connection after the cancel", rig.way);
    });
}

#[test]
fn what_a_peer_sends_comes_in_pieces_until_its_end() {
    on_each_setup(|rig| {
        let (handle, mut peer) = rig.connection();
        rig.proactor.submit(Token(7), op::RecvMany { handle }).unwrap();
        let sent: Vec<u8> = (0..100_000_u32).map(|number| number as u8).collect();
        let mut received = Vec::new();
        let bytes = sent.clone();
        let thread = std::thread::spawn(move || {
            peer.write_all(&bytes).unwrap();
            peer.shutdown(Shutdown::Write).unwrap();
            peer
        });
        loop {
            match rig.next() {
                (Token(7), true, Came::Received(bytes)) => received.extend(bytes),
                (Token(7), false, Came::Ended(Ok(()))) => break,
                other => panic!("{other:?}"),
            }
        }
        assert!(received == sent, "{} of {} bytes", received.len(), sent.len());
        drop(thread.join().unwrap());
    });
}

#[test]
fn sends_go_out_whole_and_in_order() {
    on_each_setup(|rig| {
        let (handle, mut peer) = rig.connection();
        let parts: Vec<Vec<u8>> = (1..=5_u8).map(|number| vec![number; 400_000]).collect();
        let ids: Vec<_> = parts
            .iter()
            .map(|part| rig.proactor.submit(Token(0), op::Send::new(handle, part.clone())).unwrap())
            .collect();
        let thread = std::thread::spawn(move || {
            let mut bytes = vec![0; 2_000_000];
            peer.read_exact(&mut bytes).unwrap();
            bytes
        });
        for (id, part) in ids.into_iter().zip(&parts) {
            let (result, send) = rig.done::<op::Send<Vec<u8>>>(id);
            assert_eq!(result.unwrap(), 400_000);
            assert!(send.buf == *part);
        }
        assert!(thread.join().unwrap() == parts.concat());
    });
}

/// More pieces than a turn receives of one socket.
const MANY_PIECES: usize = 40 * 4096;

#[test]
fn the_end_behind_the_last_data_is_seen() {
    on_each_setup(|rig| {
        for (len, is_pair) in [(3, true), (MANY_PIECES, true), (3, false), (MANY_PIECES, false)] {
            for is_first in [false, true] {
                let (handle, mut writer) = if is_pair { half_closing(rig) } else { tcp(rig) };
                if is_first {
                    rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
                    rig.poll(Duration::ZERO);
                }
                writer.write_all(&vec![1; len]).unwrap();
                drop(writer);
                if !is_first {
                    rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
                }
                let mut received = 0;
                loop {
                    match rig.next() {
                        (_, true, Came::Received(bytes)) => received += bytes.len(),
                        (_, false, Came::Ended(Ok(()))) => break,
                        other => panic!("{}: {other:?}", rig.way),
                    }
                }
                assert_eq!(received, len, "{}", rig.way);
                rig.proactor.close(handle);
            }
        }
    });
}

/// One of a pair, and its peer, whose end shuts down what it sends.
fn half_closing(rig: &mut Rig) -> (Handle, Box<dyn Write>) {
    let (stream, peer) = pair();
    (rig.proactor.attach(stream), Box::new(HalfClosed(peer)))
}

fn tcp(rig: &mut Rig) -> (Handle, Box<dyn Write>) {
    let (handle, peer) = rig.connection();
    (handle, Box::new(peer))
}

/// Shuts a stream down before it closes it.
struct HalfClosed(Stream);

impl Write for HalfClosed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for HalfClosed {
    fn drop(&mut self) {
        self.0.shutdown(Shutdown::Write).unwrap();
    }
}

#[test]
fn accepts_on_one_listener_take_one_connection_each() {
    on_each_setup(|rig| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = rig.proactor.attach(listener);
        for round in 0..20 {
            let count = 1 + round % 5;
            let early = round % 3;
            let mut clients: Vec<_> =
                (0..early.min(count)).map(|_| TcpStream::connect(address).unwrap()).collect();
            let mut accepted = 0;
            let mut take = |rig: &mut Rig| {
                while let Some(completion) = rig.completions.next() {
                    assert!(matches!(completion.kind, Kind::Accepted(_)), "{completion:?}");
                    accepted += 1;
                }
                accepted
            };
            for _ in 0..count {
                rig.proactor.submit(Token(round), op::Accept { handle }).unwrap();
                if round % 2 == 0 {
                    rig.poll(Duration::ZERO);
                    take(rig);
                }
            }
            while take(rig) < count {
                if clients.len() < count {
                    clients.push(TcpStream::connect(address).unwrap());
                }
                rig.wait();
            }
        }
    });
}
