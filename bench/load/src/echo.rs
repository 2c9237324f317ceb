//! Echo: each active client keeps one message on its way.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::latency::Latencies;
use crate::limit::{Limit, PAUSE, hung};
use crate::message::Message;
use crate::options::Options;
use crate::poller::Poller;
use crate::server::Server;
use crate::usage::{self, Account, Figures};

/// How many messages each client sends before the measured part.
const WARM_UP: u64 = 5;

/// The clients and what they share.
struct Crowd {
    clients: Vec<Client>,
    poller: Poller,
    message: Message,
    buffer: Vec<u8>,
    is_in_step: bool,
}

/// Connects, warms up, measures.
pub(crate) fn run(options: &Options, server: &Server, connections: usize) -> io::Result<Figures> {
    let active = options.active.min(connections);
    let before = usage::memory(server.pid())?;
    let mut crowd = Crowd::connect(options, server, connections)?;
    // Every client is heard once: then the server has accepted all.
    crowd.talk(connections, &mut once(connections))?;
    let memory = usage::memory(server.pid())? - before;
    crowd.talk(active, &mut Limit::new(active as u64 * WARM_UP, options.time))?;

    let account = Account::open(server)?;
    let (requests, latencies) = crowd.talk(active, &mut Limit::new(options.requests, options.time))?;
    let figures = account.close(server, requests, latencies)?;
    Ok(Figures { connections, memory: Some(memory), ..figures })
}

/// A message for each, in any time.
fn once(connections: usize) -> Limit {
    Limit::new(connections as u64, Duration::from_secs(60))
}

impl Crowd {
    fn connect(options: &Options, server: &Server, connections: usize) -> io::Result<Self> {
        let (poller, mut clients) = (Poller::new()?, Vec::with_capacity(connections));
        for key in 0..connections {
            let client = Client::connect(server.address(), key as u32)?;
            poller.add(&client, key)?;
            clients.push(client);
        }
        let (message, buffer) = (Message::new(options.size)?, vec![0; 64 * 1024]);
        Ok(Self { clients, poller, message, buffer, is_in_step: options.is_in_step() })
    }

    /// The first `active` clients talk until the limit; returns when the last answer
    /// has come.
    fn talk(&mut self, active: usize, limit: &mut Limit) -> io::Result<(u64, Latencies)> {
        let mut latencies = Latencies::default();
        let mut requests = 0;
        loop {
            let answers = self.round(active, limit, &mut latencies)?;
            if answers == 0 {
                return Ok((requests, latencies));
            }
            requests += answers;
            if self.is_in_step {
                thread::sleep(PAUSE);
            }
        }
    }

    /// A message of each active client, and of those who have their answer another
    /// one, unless they talk in step.
    fn round(&mut self, active: usize, limit: &mut Limit, latencies: &mut Latencies) -> io::Result<u64> {
        let (mut requests, mut waiting) = (0, 0);
        // Spread over the whole, as active clients are among idle ones.
        let step = self.clients.len() / active;
        let now = Instant::now();
        for client in self.clients.iter_mut().step_by(step).take(active) {
            if limit.take(now) {
                client.send_next(&mut self.message, Instant::now())?;
                waiting += 1;
            }
        }
        while waiting > 0 {
            if !self.poller.wait()? {
                return Err(hung(waiting));
            }
            for key in self.poller.keys() {
                let client = &mut self.clients[key];
                client.flush(&mut self.message)?;
                if !client.receive(client.id(), &mut self.message, &mut self.buffer)? {
                    continue;
                }
                let now = Instant::now();
                latencies.note(now - client.since);
                requests += 1;
                if !self.is_in_step && limit.take(now) {
                    client.send_next(&mut self.message, now)?;
                } else {
                    waiting -= 1;
                }
            }
        }
        Ok(requests)
    }
}
