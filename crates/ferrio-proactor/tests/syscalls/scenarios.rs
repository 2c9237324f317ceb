//! What the traces are of.
//!
//! They are tests so that the test binary can run one alone; ignored, for on their own they prove
//! nothing. Peers write and read by writev(2) and readv(2), which a proactor does not use.

use std::io::{IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use ferrio_poll::{Backend, Events, Interest, Poll, Token, net};
use ferrio_proactor::{Choice, Chunk, Completions, Config, Handle, Kind, Proactor, op};

/// How many connections echo at once: fewer than what the kernel does in one go.
pub(crate) const CONNECTIONS: usize = 16;

/// How often each of them does.
pub(crate) const ROUNDS: usize = 10;

/// What is looked for where counting begins and ends: nothing is there.
pub(crate) const MARK: &str = "/ferrio-mark";

/// How long a scenario waits for what must come: none may hang the trace.
const PATIENCE: Duration = Duration::from_secs(10);

fn mark() {
    assert!(std::fs::metadata(MARK).is_err());
}

struct Rig {
    proactor: Proactor,
    events: Events,
    completions: Completions,
}

impl Rig {
    fn new(driver: Choice) -> Rig {
        let poll = Poll::builder().backend(Backend::Epoll).build().unwrap();
        let proactor = Proactor::new(poll, Config { driver, ..Config::default() }).unwrap();
        Rig { proactor, events: Events::with_capacity(64), completions: Completions::with_capacity(64) }
    }

    fn poll(&mut self) {
        self.proactor.poll(&mut self.events, &mut self.completions, Some(PATIENCE)).unwrap();
    }

    fn connection(&mut self) -> (Handle, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (self.proactor.attach(listener.accept().unwrap().0), peer)
    }

    /// A source that is registered, and its peer.
    fn source(&mut self) -> (net::UnixStream, UnixStream) {
        let (source, peer) = UnixStream::pair().unwrap();
        source.set_nonblocking(true).unwrap();
        let mut source = net::UnixStream::from_std(source);
        self.proactor.registry().register(&mut source, Token(0), Interest::READABLE).unwrap();
        (source, peer)
    }
}

/// Requests and answers of [`CONNECTIONS`].
struct Echo {
    rig: Rig,
    handles: Vec<Handle>,
    peers: Vec<TcpStream>,
}

impl Echo {
    fn new(driver: Choice) -> Echo {
        let mut rig = Rig::new(driver);
        let (handles, peers): (Vec<_>, Vec<_>) = (0..CONNECTIONS).map(|_| rig.connection()).unzip();
        for (n, &handle) in handles.iter().enumerate() {
            rig.proactor.submit(Token(n), op::RecvMany { handle }).unwrap();
        }
        Echo { rig, handles, peers }
    }

    fn round(&mut self, sends_now: bool) {
        for peer in &mut self.peers {
            assert_eq!(peer.write_vectored(&[IoSlice::new(b"ping")]).unwrap(), 4);
        }
        let (mut received, mut sent) = (0, 0);
        while received < CONNECTIONS || sent < CONNECTIONS {
            self.rig.poll();
            while let Some(completion) = self.rig.completions.next() {
                match completion.kind {
                    Kind::Received(chunk) => {
                        received += 1;
                        let handle = self.handles[completion.token.0];
                        if sends_now {
                            sent += usize::from(self.rig.proactor.send_now(handle, &chunk).unwrap() == 4);
                        } else {
                            self.rig.proactor.submit(completion.token, op::Send::new(handle, chunk)).unwrap();
                        }
                    }
                    Kind::Done(mut done) => {
                        sent += usize::from(done.take::<op::Send<Chunk>>().unwrap().0.unwrap() == 4);
                    }
                    kind => panic!("{kind:?}"),
                }
            }
        }
        for peer in &mut self.peers {
            assert_eq!(peer.read_vectored(&mut [IoSliceMut::new(&mut [0; 8])]).unwrap(), 4);
        }
    }

    fn run(driver: Choice, sends_now: bool) {
        let mut echo = Echo::new(driver);
        // What is asked of a descriptor once, and where the wait sleeps.
        (0..2).for_each(|_| echo.round(sends_now));
        mark();
        (0..ROUNDS).for_each(|_| echo.round(sends_now));
        mark();
    }
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn ring_echo() {
    Echo::run(Choice::Ring, false);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn ring_echo_now() {
    Echo::run(Choice::Ring, true);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn readiness_echo() {
    Echo::run(Choice::Readiness, false);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn readiness_echo_now() {
    Echo::run(Choice::Readiness, true);
}

/// Connections that come, ask, are answered and closed, [`CONNECTIONS`] at a time.
fn churn(driver: Choice, is_ended_by_peer: bool) {
    let mut rig = Rig::new(driver);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let handle = rig.proactor.attach(listener);
    rig.proactor.submit(Token(1), op::AcceptMany { handle }).unwrap();
    let mut round = |peers: &mut Vec<TcpStream>| {
        peers.extend((0..CONNECTIONS).map(|_| {
            let mut peer = TcpStream::connect(address).unwrap();
            assert_eq!(peer.write_vectored(&[IoSlice::new(b"ping")]).unwrap(), 4);
            if is_ended_by_peer {
                peer.shutdown(Shutdown::Write).unwrap();
            }
            peer
        }));
        let (mut handles, mut ended) = (Vec::new(), 0);
        while ended < CONNECTIONS {
            rig.poll();
            while let Some(completion) = rig.completions.next() {
                match completion.kind {
                    Kind::Accepted(fd) => {
                        let handle = rig.proactor.attach(fd);
                        rig.proactor.submit(Token(handles.len()), op::RecvMany { handle }).unwrap();
                        handles.push(handle);
                    }
                    // It has gone, and is not answered.
                    Kind::Received(_) if is_ended_by_peer => {}
                    Kind::Received(chunk) => {
                        let handle = handles[completion.token.0];
                        rig.proactor.submit(Token(0), op::Send::new(handle, chunk)).unwrap();
                    }
                    Kind::Done(mut done) => {
                        let (result, send) = done.take::<op::Send<Chunk>>().unwrap();
                        assert_eq!(result.unwrap(), 4);
                        rig.proactor.close(send.handle);
                    }
                    Kind::Ended(result) => {
                        ended += 1;
                        assert_eq!(result.is_ok(), is_ended_by_peer);
                        if is_ended_by_peer {
                            rig.proactor.close(handles[completion.token.0]);
                        }
                    }
                    kind => panic!("{kind:?}"),
                }
            }
        }
    };
    // Their ends would be calls too.
    let mut peers = Vec::new();
    (0..2).for_each(|_| round(&mut peers));
    mark();
    (0..ROUNDS).for_each(|_| round(&mut peers));
    mark();
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn ring_churn() {
    churn(Choice::Ring, false);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn readiness_churn() {
    churn(Choice::Readiness, false);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn ring_ends() {
    churn(Choice::Ring, true);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn readiness_ends() {
    churn(Choice::Readiness, true);
}

/// Readiness, [`ROUNDS`] times, with an accept under way or with nothing.
fn readiness(driver: Choice, has_accept: bool) {
    let mut rig = Rig::new(driver);
    let (handle, _peer) = rig.connection();
    // The driver is there.
    rig.proactor.submit(Token(1), op::Send::new(handle, "x")).unwrap();
    rig.poll();
    if has_accept {
        let handle = rig.proactor.attach(TcpListener::bind("127.0.0.1:0").unwrap());
        rig.proactor.submit(Token(1), op::AcceptMany { handle }).unwrap();
    }
    let (source, mut peer) = rig.source();
    let mut round = |rig: &mut Rig| {
        assert_eq!(peer.write_vectored(&[IoSlice::new(b"!")]).unwrap(), 1);
        rig.poll();
        assert_eq!(rig.events.len(), 1);
        assert_eq!((&source).read_vectored(&mut [IoSliceMut::new(&mut [0; 8])]).unwrap(), 1);
    };
    (0..2).for_each(|_| round(&mut rig));
    mark();
    (0..ROUNDS).for_each(|_| round(&mut rig));
    mark();
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn ring_beside_accept() {
    readiness(Choice::Ring, true);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn readiness_beside_accept() {
    readiness(Choice::Readiness, true);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn ring_idle() {
    readiness(Choice::Ring, false);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn readiness_idle() {
    readiness(Choice::Readiness, false);
}

/// Wakes by a remote, before the waits.
fn wake_awake(driver: Choice) {
    let mut rig = Rig::new(driver);
    let remote = rig.proactor.remote().unwrap();
    let round = |rig: &mut Rig| {
        (0..100).for_each(|_| remote.wake(Token(0)).unwrap());
        rig.poll();
        assert_eq!(rig.completions.len(), 64);
        rig.poll();
        assert_eq!(rig.completions.len(), 36);
    };
    round(&mut rig);
    mark();
    (0..ROUNDS).for_each(|_| round(&mut rig));
    mark();
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn ring_wake_awake() {
    wake_awake(Choice::Ring);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn readiness_wake_awake() {
    wake_awake(Choice::Readiness);
}

/// Wakes by a remote in another thread, during a wait, with a receive under way.
fn wake_asleep(driver: Choice) {
    let mut rig = Rig::new(driver);
    let remote = rig.proactor.remote().unwrap();
    let (handle, _peer) = rig.connection();
    rig.proactor.submit(Token(1), op::RecvMany { handle }).unwrap();
    mark();
    let thread = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        (0..1000).for_each(|_| remote.wake(Token(0)).unwrap());
    });
    // Not polled again before all wakes were made: each wait may be woken once.
    rig.poll();
    assert!(!rig.completions.is_empty());
    thread.join().unwrap();
    mark();
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn ring_wake_asleep() {
    wake_asleep(Choice::Ring);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn readiness_wake_asleep() {
    wake_asleep(Choice::Readiness);
}

/// Pieces of data that are dropped, some of them in another thread, while no receiver waits for a
/// buffer.
fn drop_chunks(driver: Choice) {
    let mut rig = Rig::new(driver);
    let mut chunks = Vec::new();
    let mut connections = Vec::new();
    for n in 0..CONNECTIONS {
        let (handle, mut peer) = rig.connection();
        rig.proactor.submit(Token(n), op::RecvMany { handle }).unwrap();
        assert_eq!(peer.write_vectored(&[IoSlice::new(b"data")]).unwrap(), 4);
        connections.push(peer);
    }
    while chunks.len() < CONNECTIONS {
        rig.poll();
        while let Some(completion) = rig.completions.next() {
            let Kind::Received(chunk) = completion.kind else { panic!("{completion:?}") };
            chunks.push(chunk);
        }
    }
    let others = chunks.split_off(CONNECTIONS / 2);
    mark();
    drop(chunks);
    thread::spawn(move || drop(others)).join().unwrap();
    mark();
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn ring_drop_chunks() {
    drop_chunks(Choice::Ring);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn readiness_drop_chunks() {
    drop_chunks(Choice::Readiness);
}
