//! More operations and completions than the ring has places for.

#[cfg(unix)]
mod unix;

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind::ConnectionReset;
use std::io::{Read, Write};
use std::mem;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use ferrio_poll::{Events, Token};
use ferrio_proactor::{Completions, Config, DriverKind, Handle, Kind, Reason, op};

use crate::harness::system::{Stream, pair};
use crate::harness::{Came, Rig, on_each, on_each_setup_with};
use crate::temporary::Temporary;

/// The smallest queue of submissions.
fn narrow() -> Config {
    Config { entries: 8, ..Config::default() }
}

#[test]
fn more_operations_than_entries_all_end_once() {
    on_each_setup_with(narrow(), |rig| {
        const COUNT: usize = 500;
        let mut peers = Vec::new();
        let mut ids = HashSet::new();
        for n in 0..COUNT / 2 {
            let (stream, peer) = pair();
            let handle = rig.proactor.attach(stream);
            let recv = op::Recv::new(handle, Vec::with_capacity(8));
            ids.insert(rig.proactor.submit(Token(n), recv).unwrap());
            let send = op::Send::new(handle, n.to_ne_bytes().to_vec());
            ids.insert(rig.proactor.submit(Token(n), send).unwrap());
            peers.push(peer);
        }
        assert_eq!(ids.len(), COUNT);
        for (n, peer) in peers.iter_mut().enumerate() {
            peer.write_all(&n.to_ne_bytes()).unwrap();
        }
        while !ids.is_empty() {
            rig.wait();
            while let Some(completion) = rig.completions.next() {
                assert!(ids.remove(&completion.id), "{}: {completion:?} twice", rig.way);
            }
        }
        for (n, peer) in peers.iter_mut().enumerate() {
            let mut number = [0; size_of::<usize>()];
            peer.read_exact(&mut number).unwrap();
            assert_eq!(usize::from_ne_bytes(number), n, "{}", rig.way);
        }
        assert!(rig.is_silent());
    });
}

#[test]
fn more_completions_than_places_are_all_delivered() {
    let config = Config { entries: 8, buffers: 4096, buffer_len: 256, ..Config::default() };
    on_each_setup_with(config, |rig| {
        const CONNECTIONS: usize = 100;
        const BYTES: usize = 40 * 256;
        let mut peers = Vec::new();
        for n in 0..CONNECTIONS {
            let (handle, mut peer) = rig.connection();
            peer.write_all(&vec![n as u8; BYTES]).unwrap();
            peer.shutdown(Shutdown::Write).unwrap();
            rig.proactor.submit(Token(n), op::RecvMany { handle }).unwrap();
            peers.push(peer);
        }
        let mut received = [0; CONNECTIONS];
        let mut over = 0;
        while over < CONNECTIONS {
            match rig.next() {
                (token, true, Came::Received(bytes)) => {
                    assert!(bytes.iter().all(|byte| usize::from(*byte) == token.0));
                    received[token.0] += bytes.len();
                }
                (_, false, Came::Ended(Ok(()))) => over += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(received, [BYTES; CONNECTIONS], "{}", rig.way);
        if rig.proactor.driver() == Some(DriverKind::Ring) {
            assert!(rig.proactor.stats().overflows > 0, "{}: the ring had places for all", rig.way);
        }
    });
}

#[test]
fn completions_that_find_no_room_come_by_the_next_waits() {
    on_each_setup_with(narrow(), |rig| {
        let handles: Vec<(Handle, Stream)> = (0..20)
            .map(|_| {
                let (stream, peer) = pair();
                (rig.proactor.attach(stream), peer)
            })
            .collect();
        for (n, (handle, _)) in handles.iter().enumerate() {
            rig.proactor.submit(Token(n), op::Send::new(*handle, "x")).unwrap();
        }
        rig.events = Events::with_capacity(1);
        rig.completions = Completions::with_capacity(3);
        let mut tokens = HashSet::new();
        while tokens.len() < 20 {
            rig.wait();
            assert!(rig.completions.len() <= 3);
            while let Some(completion) = rig.completions.next() {
                assert!(tokens.insert(completion.token), "{}: twice", rig.way);
            }
        }
    });
}

#[test]
fn operations_that_are_over_count_until_they_are_delivered() {
    on_each_setup_with(Config { operations: 8, ..Config::default() }, |rig| {
        let (handle, mut peer) = rig.connection();
        for round in 0..3 {
            // Some drivers do them at once.
            for _ in 0..8 {
                rig.proactor.submit(Token(0), op::Send::new(handle, "x")).unwrap();
            }
            let rejected = rig.proactor.submit(Token(0), op::Send::new(handle, "x")).unwrap_err();
            assert!(matches!(rejected.reason, Reason::Full), "{}, {round}: {rejected}", rig.way);
            let mut done = 0;
            while done < 8 {
                rig.wait();
                while rig.completions.next().is_some() {
                    done += 1;
                }
            }
        }
        peer.read_exact(&mut [0; 24]).unwrap();
    });
}

#[test]
fn connections_without_room_wait_in_the_backlog_of_their_listener() {
    const CONNECTIONS: usize = 100;
    on_each_setup_with(narrow(), |rig| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut peers: Vec<_> = (0..CONNECTIONS).map(|_| TcpStream::connect(address).unwrap()).collect();
        let handle = rig.proactor.attach(listener);
        rig.proactor.submit(Token(0), op::AcceptMany { handle }).unwrap();
        rig.completions = Completions::with_capacity(3);
        let mut accepted = HashMap::new();
        while accepted.len() < CONNECTIONS / 2 {
            rig.wait();
            while let Some(completion) = rig.completions.next() {
                assert!(completion.more);
                let Kind::Accepted(stream) = completion.kind else { panic!("{completion:?}") };
                let stream = TcpStream::from(stream);
                assert!(accepted.insert(stream.peer_addr().unwrap(), stream).is_none(), "{}", rig.way);
            }
            // Others come meanwhile.
            peers.extend((peers.len() < 2 * CONNECTIONS).then(|| TcpStream::connect(address).unwrap()));
            assert!(rig.proactor.stats().completions_max <= 3, "{}: {:?}", rig.way, rig.proactor.stats());
        }
        // The others see an end with the proactor, wherever they are.
        rig.proactor.close(handle);
        let mut rig = mem::replace(rig, Rig::open(rig.way, Config::default()).unwrap());
        rig.poll(Duration::ZERO);
        drop(rig);
        for mut peer in peers {
            if !accepted.contains_key(&peer.local_addr().unwrap()) {
                let end = peer.read(&mut [0; 1]);
                assert!(matches!(&end, Ok(0)) || end.is_err_and(|error| error.kind() == ConnectionReset));
            }
        }
    });
}

#[test]
fn what_threads_have_done_waits_for_room() {
    let file = Temporary::file(b"");
    on_each(|rig| {
        rig.completions = Completions::with_capacity(2);
        for _ in 0..20 {
            rig.proactor.submit(Token(0), op::Statx::new(file.path()).unwrap()).unwrap();
        }
        // All of them may be done before the first is asked for.
        thread::sleep(Duration::from_millis(20));
        let mut done = 0;
        while done < 20 {
            rig.wait();
            while rig.completions.next().is_some() {
                done += 1;
            }
            thread::sleep(Duration::from_millis(1));
        }
        assert!(rig.proactor.stats().completions_max <= 2, "{}: {:?}", rig.way, rig.proactor.stats());
    });
}

#[test]
fn a_flood_from_many_peers_is_received_to_the_last_byte() {
    let config = Config { entries: 8, buffers: 1024, buffer_len: 256, ..Config::default() };
    on_each_setup_with(config, |rig| {
        let (total, writers) = flood(rig, 16, 1 << 20);
        let mut received = 0;
        let mut over = 0;
        while over < 16 {
            match rig.next() {
                (_, true, Came::Received(bytes)) => received += bytes.len(),
                (_, false, Came::Ended(Ok(()))) => over += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(received, total, "{}", rig.way);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
    });
}

/// `count` threads that send `bytes` each, to receivers that were submitted.
fn flood(rig: &mut Rig, count: usize, bytes: usize) -> (usize, Vec<thread::JoinHandle<()>>) {
    let writers = (0..count).map(|n| {
        let (handle, mut peer) = rig.connection();
        rig.proactor.submit(Token(n), op::RecvMany { handle }).unwrap();
        thread::spawn(move || peer.write_all(&vec![1; bytes]).unwrap())
    });
    let writers = writers.collect();
    (count * bytes, writers)
}
