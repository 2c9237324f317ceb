//! The clients of one run.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{Client, Progress};
use crate::table::Limits;

/// How long the fleet waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it looks.
const TICK: Duration = Duration::from_millis(5);

/// The pause between two connections, so that each is news to the server.
const STAGGER: Duration = Duration::from_millis(10);

/// How long the crowd keeps the server full.
const CROWDED: Duration = Duration::from_millis(500);

/// A fleet that has sent what it had to send.
#[derive(Debug)]
pub(crate) struct Fleet {
    clients: Vec<Client>,
    /// Each hears itself, and not the others.
    echoes: bool,
    result: Outcome,
}

/// What became of a fleet.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Clients whose connection ended, by their own ends of it.
    pub(crate) lost: Vec<SocketAddr>,
    /// What had not come when the patience was over.
    pub(crate) stranded: Option<String>,
    /// What was wrong with what came, and to whom.
    pub(crate) wrong: Vec<(SocketAddr, String)>,
    /// All bytes that the fleet got.
    pub(crate) bytes: u64,
    /// Lines that the survivors sent in all.
    pub(crate) lines: usize,
}

impl Fleet {
    /// Connects, waits until each client hears each other, has all send a burst, and
    /// waits until each has got all of it; of a server that `echoes`, each hears itself. Before that, `crowd` silent connections
    /// keep the server full for a while.
    pub(crate) fn run(address: SocketAddr, echoes: bool, crowd: usize, limits: Limits) -> Self {
        let mut fleet = Self { clients: Vec::new(), echoes, result: Outcome::default() };
        match fleet.join(address, crowd, limits.clients) {
            Ok(()) => fleet.talk(limits.burst),
            Err(error) => fleet.result.stranded = Some(format!("a client cannot connect: {error}")),
        }
        fleet.count_lost();
        fleet
    }

    fn join(&mut self, address: SocketAddr, crowd: usize, count: usize) -> io::Result<()> {
        let crowd = (0..crowd).map(|_| TcpStream::connect(address)).collect::<io::Result<Vec<_>>>()?;
        for number in 0..count {
            self.clients.push(Client::join(address, number, count)?);
            thread::sleep(STAGGER);
        }
        if !crowd.is_empty() {
            thread::sleep(CROWDED);
        }
        Ok(())
    }

    fn talk(&mut self, burst: usize) {
        if self.until("has not heard", |_, _| 1) {
            for client in &self.clients {
                client.progress.burst.store(burst, Ordering::Relaxed);
            }
            self.until("has not got the burst of", |sender, before| before[sender] + burst);
        }
        self.clients.iter_mut().for_each(Client::hush);
        if self.result.stranded.is_none() {
            self.until("has not got the last line of", |sender, sent| sent[sender]);
        }
    }

    /// Waits until each client that is there has got, from each other that is there,
    /// as many lines as `goal` says of the sender and of what all had sent before.
    fn until(&mut self, what: &str, goal: impl Fn(usize, &[usize]) -> usize) -> bool {
        let sent = |client: &Client| client.progress.sent.load(Ordering::Relaxed);
        let before: Vec<_> = self.clients.iter().map(sent).collect();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let Some((receiver, sender)) = self.missing(|sender| goal(sender, &before)) else { return true };
            if Instant::now() >= deadline {
                self.result.stranded = Some(format!("client {receiver} {what} client {sender}"));
                return false;
            }
            thread::sleep(TICK);
        }
    }

    /// A receiver and a sender between whom something is still to come.
    fn missing(&self, goal: impl Fn(usize) -> usize) -> Option<(usize, usize)> {
        let is_there = |client: &&Client| !client.progress.gone.load(Ordering::Relaxed);
        let there = || self.clients.iter().enumerate().filter(move |(_, client)| is_there(client));
        for (receiver, client) in there() {
            for (sender, _) in there().filter(|(sender, _)| (*sender == receiver) == self.echoes) {
                if client.progress.got[sender].load(Ordering::Relaxed) < goal(sender) {
                    return Some((receiver, sender));
                }
            }
        }
        None
    }

    /// A client that is gone now was hit; after this the server itself closes.
    fn count_lost(&mut self) {
        for client in &self.clients {
            let is_gone = client.progress.gone.load(Ordering::Relaxed);
            if is_gone {
                self.result.lost.push(client.address);
            } else {
                self.result.lines += client.progress.sent.load(Ordering::Relaxed);
            }
        }
    }

    /// Ends all clients, after the server has ended.
    pub(crate) fn end(self) -> Outcome {
        let mut result = self.result;
        for (number, client) in self.clients.into_iter().enumerate() {
            let address = client.address;
            let progress: Arc<Progress> = client.end();
            result.bytes += progress.bytes.load(Ordering::Relaxed);
            let complaint = progress.complaint.lock().unwrap_or_else(PoisonError::into_inner).take();
            result.wrong.extend(complaint.map(|text| (address, format!("client {number}: {text}"))));
        }
        result
    }
}
