//! A proactor and connections, moved step by step, with what the model says of them.

use std::collections::HashMap;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use ferrio_poll::Token;
use ferrio_proactor::{OpId, op};

use super::asked::Asked;
use super::connection::{Connection, Since};
use super::expected::{Expected, Outcome, What};
use super::{CONNECTIONS, Step};
use crate::harness::system::stream_of;
use crate::harness::{PATIENCE, Rig};

/// What a sequence has come to where the steps decide it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Ledger {
    /// For each operation that was asked for; none if it was refused, or if it was not decided.
    pub(crate) outcomes: Vec<Option<Outcome>>,
    /// For each connection: what was received, and sent.
    connections: Vec<Option<(usize, usize)>>,
    /// How many operations were accepted.
    pub(crate) accepted: usize,
}

pub(crate) struct World<'a> {
    rig: &'a mut Rig,
    connections: Vec<Connection>,
    asked: Vec<Asked>,
    /// What is under way: its number.
    open: HashMap<OpId, usize>,
    ledger: Ledger,
}

impl<'a> World<'a> {
    pub(crate) fn new(rig: &'a mut Rig) -> World<'a> {
        let connections = (0..CONNECTIONS).map(|_| Connection::new(rig)).collect();
        World { rig, connections, asked: Vec::new(), open: HashMap::new(), ledger: Ledger::default() }
    }

    pub(crate) fn take(&mut self, step: Step) {
        let place = |n: usize| n % CONNECTIONS;
        match step {
            Step::Submit(n, what) => self.submit(place(n), what),
            Step::Cancel(n) => self.cancel(n),
            Step::Close(n) => self.close(place(n)),
            Step::Detach(n) => self.detach(place(n)),
            Step::Open(n) => self.open(place(n)),
            Step::PeerWrites(n, len) => self.peer_writes(place(n), len.into()),
            Step::PeerEnds(n) => {
                self.be_quiet_before_peer(place(n));
                let connection = &mut self.connections[place(n)];
                let _ = connection.peer.shutdown(Shutdown::Write);
                connection.since.is_written = true;
                connection.change_model(Expected::end);
            }
            Step::Settle => self.settle(),
        }
    }

    fn submit(&mut self, n: usize, what: What) {
        if self.is_decided(n) && self.connections[n].since.is_written {
            self.settle();
        }
        let (number, handle) = (self.asked.len(), self.connections[n].handle);
        let submitted = match what {
            What::Recv(len) => {
                self.rig.proactor.submit(Token(n), op::Recv::new(handle, Vec::with_capacity(len))).ok()
            }
            What::RecvMany => self.rig.proactor.submit(Token(n), op::RecvMany { handle }).ok(),
            What::Send(len) => {
                let send = op::Send::new(handle, vec![number as u8; len]);
                self.rig.proactor.submit(Token(n), send).ok()
            }
        };
        let connection = &mut self.connections[n];
        assert_eq!(submitted.is_none(), connection.is_closed, "{}: {what:?}, {number}", self.rig.way);
        if let Some(id) = submitted {
            connection.since.is_submitted = true;
            connection.change_model(|model| model.submit(number, what));
            assert!(self.open.insert(id, number).is_none(), "{}: {id:?} twice", self.rig.way);
            self.ledger.accepted += 1;
        }
        let is_decided = connection.model.is_some();
        let asked =
            Asked { id: submitted, connection: n, what, bytes: 0, expected: None, outcome: None, is_decided };
        self.asked.push(asked);
    }

    fn cancel(&mut self, n: usize) {
        let count = self.asked.len();
        let Some(asked) = self.asked.get(n % count.max(1)) else { return };
        let Some(id) = asked.id else { return };
        let (place, is_open) = (asked.connection, self.open.contains_key(&id));
        if is_open {
            self.leave_open_unless_quiet(place);
        }
        let is_found = self.rig.proactor.cancel(id);
        let connection = &mut self.connections[place];
        if is_open {
            connection.since.is_cancelled = true;
        }
        // One that was cancelled may be over before its completion is delivered.
        assert!(!is_found || is_open, "{}: {id:?} is over and was found", self.rig.way);
        connection.change_model(|model| model.cancel(n % count));
    }

    fn close(&mut self, n: usize) {
        if self.connections[n].is_closed {
            return self.rig.proactor.close(self.connections[n].handle);
        }
        self.leave_open_unless_quiet(n);
        let connection = &mut self.connections[n];
        self.rig.proactor.close(connection.handle);
        connection.is_closed = true;
        connection.since.is_cancelled = true;
        connection.change_model(Expected::close);
    }

    fn detach(&mut self, n: usize) {
        if self.is_decided(n) {
            self.settle();
        }
        let connection = &self.connections[n];
        let (handle, is_closed) = (connection.handle, connection.is_closed);
        let expected = !is_closed && self.on(n).next().is_none();
        let mut detached = self.rig.proactor.detach(handle);
        if self.is_decided(n) {
            assert_eq!(detached.is_ok(), expected, "{}: {detached:?}", self.rig.way);
        } else if !is_closed {
            // If there are operations, which is not decided, there are none after this.
            for id in self.on(n).collect::<Vec<_>>() {
                self.rig.proactor.cancel(id);
            }
            self.end_all_on(n);
            detached = detached.or_else(|_| self.rig.proactor.detach(handle));
            assert!(detached.is_ok(), "{}: {detached:?}", self.rig.way);
        }
        if let Ok(fd) = detached {
            assert!(!is_closed, "{}: a descriptor that was closed", self.rig.way);
            let connection = &mut self.connections[n];
            connection.own = Some(stream_of(fd));
            connection.is_closed = true;
        }
    }

    /// The operations on a connection that are under way.
    fn on(&self, n: usize) -> impl Iterator<Item = OpId> {
        self.open.iter().filter(move |(_, number)| self.asked[**number].connection == n).map(|(id, _)| *id)
    }

    /// Waits until the operations on a connection, each of which was cancelled, are over.
    fn end_all_on(&mut self, n: usize) {
        let start = Instant::now();
        // Once in any case, for that is a step that others see.
        self.settle();
        while self.on(n).next().is_some() {
            assert!(start.elapsed() < PATIENCE, "{}: what was cancelled does not end", self.rig.way);
            self.settle();
        }
    }

    /// Another connection in the place of one that is closed.
    fn open(&mut self, n: usize) {
        if self.connections[n].is_closed {
            self.end_all_on(n);
            let new = Connection::new(self.rig);
            let old = std::mem::replace(&mut self.connections[n], new);
            self.ledger.connections.push(old.balance(self.rig));
        }
    }

    fn peer_writes(&mut self, n: usize, len: usize) {
        self.be_quiet_before_peer(n);
        let connection = &mut self.connections[n];
        let count = connection.peer_writes(len);
        connection.since.is_written = true;
        connection.change_model(|model| model.write(count));
    }

    /// A receive that is cancelled may have what comes before the kernel was told, or not.
    fn be_quiet_before_peer(&mut self, n: usize) {
        let Since { is_cancelled, is_written, .. } = self.connections[n].since;
        if self.is_decided(n) && (is_cancelled || is_written) {
            self.settle();
        }
    }

    /// What was begun or what came since all was quiet may be quicker than a cancel, or not.
    fn leave_open_unless_quiet(&mut self, n: usize) {
        let Since { is_submitted, is_written, .. } = self.connections[n].since;
        if is_submitted || is_written {
            self.connections[n].model = None;
            for number in self.open.values() {
                let asked = &mut self.asked[*number];
                asked.is_decided &= asked.connection != n;
            }
        }
    }

    fn is_decided(&self, n: usize) -> bool {
        self.connections[n].model.is_some()
    }

    /// Waits for all that the model says, and sees that nothing else comes.
    fn settle(&mut self) {
        for connection in &mut self.connections {
            for (number, outcome) in connection.model.as_mut().map_or(Vec::new(), Expected::settle) {
                self.asked[number].expected = Some(outcome);
            }
        }
        let start = Instant::now();
        while let Some(missing) = self.missing() {
            assert!(start.elapsed() < PATIENCE, "{}: {missing}", self.rig.way);
            self.poll(Duration::ZERO);
        }
        (0..2).for_each(|_| self.poll(Duration::ZERO));
        for connection in &mut self.connections {
            connection.since = Since::default();
            let is_over = connection.is_closed && connection.own.is_none();
            let is_decided = connection.model.is_some();
            let is_hung_up =
                connection.is_hung_up(if is_over && is_decided { PATIENCE } else { Duration::ZERO });
            if let Some(model) = &connection.model {
                assert_eq!(is_hung_up, is_over, "{}: whether it is closed", self.rig.way);
                assert_eq!(connection.received, model.received, "{}: how much was received", self.rig.way);
            }
        }
    }

    /// What the model says and has not come.
    fn missing(&self) -> Option<String> {
        let is_late = |asked: &&Asked| asked.expected.is_some() && asked.outcome.is_none();
        if let Some(late) = self.open.values().map(|number| &self.asked[*number]).find(is_late) {
            return Some(format!("{:?} does not come of {:?}", late.expected, late.what));
        }
        let of = |connection: &Connection| connection.model.as_ref().map(|model| model.received);
        let short = self
            .connections
            .iter()
            .find(|connection| of(connection).is_some_and(|count| count > connection.received));
        short.map(|connection| {
            format!("{} bytes were received, not {:?}", connection.received, of(connection))
        })
    }

    fn poll(&mut self, timeout: Duration) {
        self.rig.poll(timeout);
        let World { rig, connections, asked, open, .. } = self;
        while let Some(completion) = rig.completions.next() {
            let (id, is_last) = (completion.id, !completion.more);
            let number = *open.get(&id).expect("a completion of what is under way");
            let asked = &mut asked[number];
            let came = asked.receive(number as u8, &mut connections[asked.connection], completion);
            assert_eq!(came.is_some(), is_last, "{}: {number}", rig.way);
            if is_last {
                open.remove(&id);
                asked.outcome = came;
                let is_as_expected = !asked.is_decided || asked.outcome == asked.expected;
                assert!(is_as_expected, "{}, {number}: {came:?}, not {:?}", rig.way, asked.expected);
            }
        }
    }

    /// Ends all, and balances.
    pub(crate) fn finish(mut self) -> Ledger {
        self.settle();
        for asked in &mut self.asked {
            asked.is_decided &= asked.outcome.is_some();
            asked.id.map(|id| self.rig.proactor.cancel(id));
        }
        let start = Instant::now();
        while !self.open.is_empty() {
            assert!(start.elapsed() < PATIENCE, "{}: {:?} do not end", self.rig.way, self.open);
            self.poll(Duration::from_millis(100));
        }
        for connection in self.connections.drain(..) {
            self.rig.proactor.close(connection.handle);
            self.ledger.connections.push(connection.balance(self.rig));
        }
        assert!(self.rig.is_silent_for(Duration::ZERO));
        let stats = self.rig.proactor.stats();
        assert_eq!((stats.handles, stats.submitted), (0, stats.completed), "{}", self.rig.way);
        let decided = |asked: &Asked| asked.outcome.filter(|_| asked.is_decided);
        self.ledger.outcomes = self.asked.iter().map(decided).collect();
        self.ledger
    }
}
