//! Random sequences of operations, cancels, closes and actions of peers against a ledger.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Config, Handle, Kind, OpId, op};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config as Cases, TestRunner};

use crate::harness::{PATIENCE, Rig, ways};

/// How many connections a sequence has.
const CONNECTIONS: usize = 4;

/// One step. The number chooses the connection or the operation.
#[derive(Clone, Copy, Debug)]
enum Step {
    Recv(usize),
    RecvMany(usize),
    Send(usize, u16),
    Cancel(usize),
    Close(usize),
    Detach(usize),
    PeerWrites(usize, u16),
    PeerEnds(usize),
    Poll,
}

fn step() -> impl Strategy<Value = Step> {
    let number = any::<usize>;
    prop_oneof![
        3 => number().prop_map(Step::Recv),
        2 => number().prop_map(Step::RecvMany),
        4 => (number(), 1..5000_u16).prop_map(|(n, len)| Step::Send(n, len)),
        2 => number().prop_map(Step::Cancel),
        1 => number().prop_map(Step::Close),
        1 => number().prop_map(Step::Detach),
        4 => (number(), 1..5000_u16).prop_map(|(n, len)| Step::PeerWrites(n, len)),
        1 => number().prop_map(Step::PeerEnds),
        6 => number().prop_map(|_| Step::Poll),
    ]
}

/// A connection, and what is known of it.
struct Connection {
    handle: Handle,
    /// The descriptor, if the proactor gave it back.
    own: Option<UnixStream>,
    peer: UnixStream,
    is_closed: bool,
    /// What the peer wrote, and what of it was received, as bytes.
    written: usize,
    received: usize,
    /// What was sent, by the results.
    sent: usize,
}

/// What a run has come to. It is the same on every driver where the sequence decides it.
#[derive(Debug, Default, PartialEq)]
struct Ledger {
    accepted: usize,
    ended: usize,
    refused: usize,
}

struct World<'a> {
    rig: &'a mut Rig,
    connections: Vec<Connection>,
    /// What is under way: on which connection.
    open: HashMap<OpId, usize>,
    ids: Vec<OpId>,
    ledger: Ledger,
}

impl World<'_> {
    fn submit(&mut self, n: usize, submitted: Option<OpId>) {
        let Some(id) = submitted else {
            assert!(self.connections[n].is_closed, "{}: refused without a reason", self.rig.way);
            self.ledger.refused += 1;
            return;
        };
        assert!(!self.connections[n].is_closed && self.open.insert(id, n).is_none());
        self.ids.push(id);
        self.ledger.accepted += 1;
    }

    fn take(&mut self, step: Step) {
        let place = |n: usize| n % CONNECTIONS;
        match step {
            Step::Recv(n) => {
                let recv = op::Recv::new(self.connections[place(n)].handle, Vec::with_capacity(700));
                let id = self.rig.proactor.submit(Token(0), recv).ok();
                self.submit(place(n), id);
            }
            Step::RecvMany(n) => {
                let handle = self.connections[place(n)].handle;
                let id = self.rig.proactor.submit(Token(0), op::RecvMany { handle }).ok();
                self.submit(place(n), id);
            }
            Step::Send(n, len) => {
                let send = op::Send::new(self.connections[place(n)].handle, vec![1; len.into()]);
                let id = self.rig.proactor.submit(Token(0), send).ok();
                self.submit(place(n), id);
            }
            Step::Cancel(n) => {
                if let Some(id) = self.ids.get(n % self.ids.len().max(1)) {
                    self.rig.proactor.cancel(*id);
                }
            }
            Step::Close(n) => {
                let connection = &mut self.connections[place(n)];
                self.rig.proactor.close(connection.handle);
                connection.is_closed = true;
            }
            Step::Detach(n) => {
                let connection = &mut self.connections[place(n)];
                if let Ok(fd) = self.rig.proactor.detach(connection.handle) {
                    // One that was cancelled may be over before its completion is delivered.
                    assert!(!connection.is_closed);
                    connection.own = Some(fd.into());
                    connection.is_closed = true;
                }
            }
            Step::PeerWrites(n, len) => {
                let connection = &mut self.connections[place(n)];
                let bytes = vec![2; len.into()];
                connection.written += (&connection.peer).write(&bytes).unwrap_or(0);
            }
            Step::PeerEnds(n) => {
                let _ = self.connections[place(n)].peer.shutdown(Shutdown::Write);
            }
            Step::Poll => self.poll(Duration::ZERO),
        }
    }

    fn poll(&mut self, timeout: Duration) {
        self.rig.poll(timeout);
        while let Some(completion) = self.rig.completions.next() {
            let n = *self.open.get(&completion.id).expect("a completion of what is under way");
            if !completion.more {
                self.open.remove(&completion.id);
                self.ledger.ended += 1;
            }
            let connection = &mut self.connections[n];
            match completion.kind {
                Kind::Received(chunk) => connection.received += chunk.len(),
                Kind::Ended(_) => assert!(!completion.more),
                Kind::Done(mut done) => {
                    if let Some((result, send)) = done.take::<op::Send<Vec<u8>>>() {
                        let count = result.unwrap_or(0) as usize;
                        assert!(count <= send.buf.len());
                        connection.sent += count;
                    } else {
                        let (_, recv) = done.take::<op::Recv<Vec<u8>>>().expect("one of the two");
                        connection.received += recv.buf.len();
                    }
                }
                kind => panic!("{kind:?}"),
            }
        }
    }

    /// Ends all, and balances.
    fn finish(mut self) -> Ledger {
        for id in self.ids.clone() {
            self.rig.proactor.cancel(id);
        }
        let start = std::time::Instant::now();
        while !self.open.is_empty() {
            assert!(start.elapsed() < PATIENCE, "{}: {:?} do not end", self.rig.way, self.open);
            self.poll(Duration::from_millis(100));
        }
        for connection in &mut self.connections {
            if let Some(stream) = &connection.own {
                stream.set_nonblocking(true).unwrap();
                let mut rest = Vec::new();
                let _ = { stream }.read_to_end(&mut rest);
                connection.received += rest.len();
                assert_eq!(connection.received, connection.written, "{}: bytes are lost", self.rig.way);
            }
            assert!(connection.received <= connection.written);
            connection.own = None;
            self.rig.proactor.close(connection.handle);
            let mut got = Vec::new();
            connection.peer.set_nonblocking(false).unwrap();
            // A connection that is closed with data in it is reset, after what was sent.
            let _ = connection.peer.read_to_end(&mut got);
            assert_eq!(got.len(), connection.sent, "{}: what the results say", self.rig.way);
        }
        assert!(self.rig.is_silent_for(Duration::ZERO));
        assert_eq!(self.ledger.accepted, self.ledger.ended);
        let stats = self.rig.proactor.stats();
        assert_eq!((stats.handles, stats.submitted), (0, stats.completed), "{}", self.rig.way);
        self.ledger
    }
}

fn run(rig: &mut Rig, steps: &[Step]) -> Ledger {
    let connections = (0..CONNECTIONS).map(|_| {
        let (stream, peer) = UnixStream::pair().unwrap();
        peer.set_nonblocking(true).unwrap();
        let handle = rig.proactor.attach(stream);
        Connection { handle, own: None, peer, is_closed: false, written: 0, received: 0, sent: 0 }
    });
    let connections = connections.collect();
    let mut world =
        World { rig, connections, open: HashMap::new(), ids: Vec::new(), ledger: Ledger::default() };
    steps.iter().for_each(|step| world.take(*step));
    world.finish()
}

#[test]
fn every_operation_ends_once_and_every_byte_is_accounted_for() {
    let ways = ways();
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(64);
    let config = Cases { cases, failure_persistence: None, ..Cases::default() };
    TestRunner::new(config)
        .run(&proptest::collection::vec(step(), 1..60), |steps| {
            for way in &ways {
                let config = Config { entries: 8, buffers: 8, buffer_len: 512, ..Config::default() };
                let mut rig = Rig::open(*way, config).unwrap();
                let ledger = run(&mut rig, &steps);
                assert_eq!(ledger.accepted, ledger.ended, "{way}: {ledger:?}");
            }
            Ok(())
        })
        .unwrap();
}
