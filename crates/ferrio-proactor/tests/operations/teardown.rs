//! The end of a proactor, with much under way.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::{Events, Interest, Poll, Token, Waker};
use ferrio_proactor::{Config, Proactor, op};

use crate::alone;
use crate::harness::system::{Source, Stream, open_descriptors, pair};
use crate::harness::{PATIENCE, Rig, Way, ways};
use crate::temporary::{Temporary, pattern};

/// How long the cold file is.
const COLD: usize = 32 << 20;

/// A proactor with a hundred receivers, an accept, a connection that it has not seen, and a read
/// of a cold file; and the other sides.
struct Busy {
    rig: Rig,
    peers: Vec<Stream>,
    client: TcpStream,
}

impl Busy {
    fn new(way: Way, cold: &Temporary) -> Busy {
        let config = Config { file_bytes: COLD as u32, ..Config::default() };
        let mut rig = Rig::open(way, config).unwrap();
        let mut peers = Vec::new();
        for number in 0..100 {
            let (stream, peer) = pair();
            peer.set_read_timeout(Some(PATIENCE)).unwrap();
            let handle = rig.proactor.attach(stream);
            rig.proactor.submit(Token(number), op::RecvMany { handle }).unwrap();
            peers.push(peer);
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let handle = rig.proactor.attach(listener);
        rig.proactor.submit(Token(100), op::AcceptMany { handle }).unwrap();
        let handle = rig.proactor.attach(cold.open_cold());
        rig.proactor.submit(Token(101), op::Read::at(handle, Vec::with_capacity(COLD), 0)).unwrap();
        let deadline = Instant::now() + Duration::from_secs(3600);
        rig.proactor.submit(Token(102), op::Timeout::at(deadline)).unwrap();
        rig.poll(Duration::ZERO);
        let client = TcpStream::connect(address).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        Busy { rig, peers, client }
    }

    /// Sees that all descriptors of the proactor are closed.
    fn expect_closed(mut self, way: Way) {
        for peer in &mut self.peers {
            assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0, "{way}");
        }
        // A reset, for it was not accepted, or an end.
        let read = self.client.read(&mut [0; 8]);
        assert!(!read.is_ok_and(|count| count > 0), "{way}");
    }
}

#[test]
fn a_shutdown_leaves_nothing_and_the_poll_goes_on() {
    let cold = Temporary::file(&pattern(COLD));
    for way in ways() {
        let Busy { rig, peers, client } = Busy::new(way, &cold);
        let Rig { mut proactor, mut events, completions, .. } = rig;
        let remote = proactor.remote().unwrap();
        let waker = Waker::new(proactor.registry(), Token(200)).unwrap();
        let start = Instant::now();
        let drained = proactor.shutdown(PATIENCE);
        println!("{way}: {:?}", start.elapsed());
        assert_eq!(drained.left, 0, "{way}");
        let mut poll = drained.poll;
        assert!(remote.wake(Token(0)).is_err());
        drop(completions);

        waker.wake().unwrap();
        poll.poll(&mut events, Some(PATIENCE)).unwrap();
        assert_eq!(events.iter().map(|event| event.token()).collect::<Vec<_>>(), [Token(200)], "{way}");
        let mut receiver = non_blocking(pair().0);
        poll.registry().register(&mut receiver, Token(201), Interest::READABLE).unwrap();
        poll.poll(&mut events, Some(PATIENCE)).unwrap();
        assert_eq!(events.iter().map(|event| event.token()).collect::<Vec<_>>(), [Token(201)], "{way}");
        let rig = Rig::open(way, Config::default()).unwrap();
        Busy { rig, peers, client }.expect_closed(way);

        // It can be the Poll of another proactor.
        let proactor = Proactor::new(poll, Config { driver: way.driver, ..Config::default() }).unwrap();
        let rig = Rig { way, proactor, events, completions: ferrio_proactor::Completions::with_capacity(8) };
        echo(rig);
    }
}

/// A stream as a source.
fn non_blocking(stream: Stream) -> Source {
    stream.set_nonblocking(true).unwrap();
    Source::from_std(stream)
}

/// One message there and back.
fn echo(mut rig: Rig) {
    let (handle, mut peer) = rig.connection();
    peer.write_all(b"ping").unwrap();
    let id = rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(8))).unwrap();
    let (_, received) = rig.done::<op::Recv<Vec<u8>>>(id);
    let id = rig.proactor.submit(Token(0), op::Send::new(handle, received.buf)).unwrap();
    assert_eq!(rig.done::<op::Send<Vec<u8>>>(id).0.unwrap(), 4);
    let mut bytes = [0; 4];
    peer.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"ping");
}

#[test]
fn a_drop_closes_all_too() {
    let cold = Temporary::file(&pattern(COLD));
    for way in ways() {
        let mut busy = Busy::new(way, &cold);
        drop(std::mem::replace(&mut busy.rig, Rig::open(way, Config::default()).unwrap()));
        busy.expect_closed(way);
    }
}

#[test]
fn a_proactor_ends_with_its_thread() {
    let cold = Temporary::file(&pattern(COLD));
    for way in ways() {
        let cold = &cold;
        let (peers, client) = thread::scope(|scope| {
            let thread = scope.spawn(move || {
                let Busy { rig, peers, client } = Busy::new(way, cold);
                // It goes in the last moments of the thread.
                thread_local! { static LAST: std::cell::RefCell<Option<Rig>> = const { std::cell::RefCell::new(None) }; }
                LAST.with(|last| *last.borrow_mut() = Some(rig));
                (peers, client)
            });
            thread.join().unwrap()
        });
        let rig = Rig::open(way, Config::default()).unwrap();
        Busy { rig, peers, client }.expect_closed(way);
    }
}

#[test]
fn a_shutdown_may_wait_as_long_as_it_takes() {
    for way in ways() {
        let mut rig = Rig::open(way, Config::default()).unwrap();
        let (handle, _peer) = rig.connection();
        rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        rig.poll(Duration::ZERO);
        assert_eq!(rig.proactor.shutdown(Duration::MAX).left, 0, "{way}");
    }
}

#[test]
fn no_descriptor_is_left_behind() {
    let name = "teardown::no_descriptor_is_left_behind";
    if alone::part().is_none() {
        alone::run(name, "count");
        return;
    }
    let cold = Temporary::file(&pattern(COLD));
    // The first makes what stays for the process.
    ways().into_iter().for_each(|way| drop(Busy::new(way, &cold)));
    let before = open_descriptors();
    for way in ways() {
        for is_drop in [true, false] {
            let Busy { mut rig, peers, client } = Busy::new(way, &cold);
            let _files = (0..4).map(|number| {
                let open = op::Open::reading(cold.path()).unwrap();
                rig.proactor.submit(Token(300 + number), open).unwrap()
            });
            rig.poll(Duration::from_millis(1));
            drop((peers, client));
            if is_drop {
                drop(rig);
            } else {
                let drained = rig.proactor.shutdown(PATIENCE);
                assert_eq!(drained.left, 0, "{way}");
            }
        }
        assert_eq!(open_descriptors(), before, "{way}");
    }
    let mut poll = Poll::new().unwrap();
    poll.poll(&mut Events::with_capacity(1), Some(Duration::ZERO)).unwrap();
}
