//! One buffer to many, where its sockets are no streams or have an error.

use std::io::{self, Write};
use std::net::UdpSocket;
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::Token;
use ferrio_proactor::{Chunk, Completions, Handle, Kind, op};

use crate::harness::{PATIENCE, Rig, on_each};

/// A chunk that holds `text`.
fn chunk(rig: &mut Rig, text: &[u8]) -> Chunk {
    let (handle, mut peer) = rig.connection();
    rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
    peer.write_all(text).unwrap();
    rig.wait();
    let Kind::Received(chunk) = rig.completions.next().unwrap().kind else { panic!("no data") };
    rig.proactor.close(handle);
    rig.wait();
    rig.completions.clear();
    chunk
}

/// A socket of the proactor that is connected to another.
fn connected(rig: &mut Rig) -> (Handle, UdpSocket) {
    let (near, far) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    near.connect(far.local_addr().unwrap()).unwrap();
    far.set_read_timeout(Some(PATIENCE)).unwrap();
    (rig.proactor.attach(near), far)
}

#[test]
fn an_error_that_the_kernel_tells_once_is_listed() {
    on_each(|rig| {
        let chunk = chunk(rig, b"news");
        let (handle, far) = connected(rig);
        drop(far);
        // The answer to it is an error of the socket, for the next call.
        assert_eq!(rig.proactor.send_now(handle, b"anybody?").unwrap(), 8);
        let id = rig.proactor.send_all(Token(1), [handle], chunk).unwrap();
        let (result, all) = rig.done::<op::SendAll>(id);
        assert_eq!(result.unwrap(), 0, "{}", rig.way);
        let failures: Vec<_> = all.failures().map(|(handle, error)| (handle, error.kind())).collect();
        assert_eq!(failures, [(handle, io::ErrorKind::ConnectionRefused)], "{}", rig.way);
    });
}

#[test]
fn a_buffer_without_bytes_is_one_empty_datagram() {
    on_each(|rig| {
        let empty = chunk(rig, b"news").slice(0..0);
        let (handle, far) = connected(rig);
        let id = rig.proactor.send_all(Token(1), [handle], empty).unwrap();
        assert_eq!(rig.done::<op::SendAll>(id).0.unwrap(), 1, "{}", rig.way);
        rig.proactor.send_now(handle, b"end").unwrap();
        let mut bytes = [0; 8];
        assert_eq!(far.recv(&mut bytes).unwrap(), 0, "{}", rig.way);
        assert_eq!(far.recv(&mut bytes).unwrap(), 3, "{}", rig.way);
    });
}

#[test]
fn sends_that_follow_one_another_without_end_hide_no_receiver() {
    // As many sends as there is room for completions, each followed by the next.
    for room in [1, 4] {
        on_each(|rig| {
            rig.completions = Completions::with_capacity(room);
            let mut streams = Vec::new();
            for n in 0..room {
                let (handle, mut peer) = rig.connection();
                let reader = thread::spawn(move || io::copy(&mut peer, &mut io::sink()));
                rig.proactor.submit(Token(n), op::Send::new(handle, vec![0; 100])).unwrap();
                streams.push((handle, reader));
            }
            let (receiver, mut writer) = rig.connection();
            rig.proactor.submit(Token(room), op::RecvMany { handle: receiver }).unwrap();
            writer.write_all(b"data").unwrap();
            let start = Instant::now();
            let mut has_received = false;
            while !has_received {
                assert!(start.elapsed() < Duration::from_secs(5), "{}: nothing is received", rig.way);
                rig.wait();
                while let Some(completion) = rig.completions.next() {
                    match completion.kind {
                        Kind::Done(mut done) => {
                            let (_, send) = done.take::<op::Send<Vec<u8>>>().unwrap();
                            rig.proactor.submit(completion.token, send).unwrap();
                        }
                        Kind::Received(_) => has_received = true,
                        kind => panic!("{kind:?}"),
                    }
                }
            }
            for (handle, reader) in streams {
                rig.proactor.close(handle);
                while !reader.is_finished() {
                    rig.poll(Duration::from_millis(1));
                }
            }
        });
    }
}
