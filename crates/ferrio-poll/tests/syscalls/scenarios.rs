//! What the traces are of.
//!
//! They are tests so that the test binary can run one alone; ignored, for on their
//! own they prove nothing.

use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::net::splice::Splice;
use ferrio_poll::net::{
    Descriptors, TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixSeqpacket, UnixStream,
};
use ferrio_poll::unix::pipe;
use ferrio_poll::{Backend, Events, Poll, Token, Waker};

/// How often `wake_embedded` drains.
pub(crate) const DRAINS: usize = 4;

/// How long a scenario waits for what must come: none may hang the trace.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many fine timeouts `fine_timeouts` waits for.
pub(crate) const FINE_TIMEOUTS: usize = 3;

#[test]
#[ignore = "run under strace by the tests beside it"]
fn open_everything() {
    let path = std::env::temp_dir().join(format!("ferrio-open-{}", std::process::id()));
    let poll = Poll::new().unwrap();
    let _waker = Waker::new(poll.registry(), Token(0)).unwrap();
    let _poll2 = Poll::builder().backend(Backend::Poll2).build().unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let _client = TcpStream::connect(tcp.local_addr().unwrap()).unwrap();
    let _server = tcp.accept().unwrap();
    let _udp = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let unix = UnixListener::bind(&path).unwrap();
    let _unix_client = UnixStream::connect(&path).unwrap();
    let _unix_server = unix.accept().unwrap();
    std::fs::remove_file(&path).unwrap();
    let _streams = UnixStream::pair().unwrap();
    let _datagrams = UnixDatagram::pair().unwrap();
    let (records, other) = UnixSeqpacket::pair().unwrap();
    records.send_with_fds(b"x", &[poll.as_fd()]).unwrap();
    other.recv_with_fds(&mut [0; 8], &mut Descriptors::with_capacity(1)).unwrap();
    let _splice = Splice::new().unwrap();
    let _unbound = UnixDatagram::unbound().unwrap();
    let _bound = UnixDatagram::bind(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let _pipe = pipe::new().unwrap();
}

fn poll_with_wakers() -> (Poll, Events, Vec<Waker>) {
    let mut poll = Poll::builder().backend(Backend::from_env().unwrap()).build().unwrap();
    let mut events = Events::with_capacity(8);
    let wakers = (0..3).map(|n| Waker::new(poll.registry(), Token(n)).unwrap()).collect();
    poll.poll(&mut events, Some(Duration::from_millis(1))).unwrap();
    (poll, events, wakers)
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn wake_while_awake() {
    let (mut poll, mut events, wakers) = poll_with_wakers();
    for _ in 0..1000 {
        wakers.iter().for_each(|waker| waker.wake().unwrap());
    }
    poll.poll(&mut events, Some(PATIENCE)).unwrap();
    assert_eq!(events.len(), 3);
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn wake_while_asleep() {
    let (mut poll, mut events, wakers) = poll_with_wakers();
    let thread = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        for _ in 0..1000 {
            wakers.iter().for_each(|waker| waker.wake().unwrap());
        }
        wakers
    });
    // Not polled again before all wakes were made: each poll may be woken once.
    poll.poll(&mut events, Some(PATIENCE)).unwrap();
    assert!(!events.is_empty());
    let _wakers = thread.join().unwrap();
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn wake_embedded() {
    let (mut poll, mut events, wakers) = poll_with_wakers();
    let _ = poll.as_fd();
    for _ in 0..DRAINS {
        for _ in 0..100 {
            wakers.iter().for_each(|waker| waker.wake().unwrap());
        }
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert_eq!(events.len(), 3);
    }
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn fine_timeouts() {
    let mut poll = Poll::builder().backend(Backend::Epoll).build().unwrap();
    let mut events = Events::with_capacity(8);
    for _ in 0..FINE_TIMEOUTS {
        let start = Instant::now();
        poll.poll(&mut events, Some(Duration::from_micros(1500))).unwrap();
        assert!(start.elapsed() >= Duration::from_micros(1500), "early: {:?}", start.elapsed());
    }
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn interrupted() {
    let mut poll = Poll::builder().backend(Backend::Epoll).build().unwrap();
    let mut events = Events::with_capacity(8);
    let error = poll.poll(&mut events, Some(PATIENCE)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::Interrupted);
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(50));
            waker.wake().unwrap();
        });
        assert_eq!(poll.wait(&mut events, Some(PATIENCE)).unwrap(), 1);
    });
}

#[test]
#[ignore = "run under strace by the tests beside it"]
fn poll2_wake() {
    let mut poll = Poll::builder().backend(Backend::Poll2).build().unwrap();
    let mut events = Events::with_capacity(8);
    let waker = Waker::new(poll.registry(), Token(1)).unwrap();
    waker.wake().unwrap();
    poll.poll(&mut events, Some(PATIENCE)).unwrap();
    assert_eq!(events.len(), 1);
    poll.poll(&mut events, Some(Duration::from_millis(5))).unwrap();
    assert!(events.is_empty());
}
