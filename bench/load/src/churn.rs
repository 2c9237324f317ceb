//! Churn: connect, one message there and back, close.

use std::io;
use std::thread;
use std::time::Instant;

use crate::client::Client;
use crate::latency::Latencies;
use crate::limit::{Limit, PAUSE, hung};
use crate::message::Message;
use crate::options::Options;
use crate::poller::Poller;
use crate::server::Server;
use crate::usage::{Account, Figures};

/// How many clients are connected at a time.
const AT_ONCE: usize = 16;
/// How many connections are made before the measured part.
const WARM_UP: u64 = 200;
/// The most connections of the measured part. Each uses up a port for a while, and
/// the kernel gives clients every other one of some 28,000.
const CONNECTIONS_MAX: u64 = 10_000;

/// The clients and what they share.
struct Churn<'a> {
    server: &'a Server,
    poller: Poller,
    /// A place for each client that is connected.
    clients: Vec<Option<Client>>,
    message: Message,
    buffer: Vec<u8>,
    next_id: u32,
    latencies: Latencies,
}

/// Warms up, measures.
pub(crate) fn run(options: &Options, server: &Server) -> io::Result<Figures> {
    let mut churn = Churn {
        server,
        poller: Poller::new()?,
        clients: Vec::new(),
        message: Message::new(options.size)?,
        buffer: vec![0; 64 * 1024],
        next_id: 0,
        latencies: Latencies::default(),
    };
    churn.clients.resize_with(AT_ONCE, || None);
    let is_in_step = options.is_in_step();
    churn.turn(&mut Limit::new(WARM_UP.min(options.requests), options.time), is_in_step)?;
    churn.latencies = Latencies::default();
    let account = Account::open(server)?;
    let mut limit = Limit::new(options.requests.min(CONNECTIONS_MAX), options.time);
    let requests = churn.turn(&mut limit, is_in_step)?;
    Ok(Figures { connections: AT_ONCE, ..account.close(server, requests, churn.latencies)? })
}

impl Churn<'_> {
    /// Makes connections until the limit; returns when the last one is closed.
    fn turn(&mut self, limit: &mut Limit, is_in_step: bool) -> io::Result<u64> {
        let mut requests = 0;
        loop {
            let closed = self.round(limit, is_in_step)?;
            if closed == 0 {
                return Ok(requests);
            }
            requests += closed;
            if is_in_step {
                thread::sleep(PAUSE);
            }
        }
    }

    /// A connection in each place, and after it another one, unless they go in step.
    fn round(&mut self, limit: &mut Limit, is_in_step: bool) -> io::Result<u64> {
        let (mut requests, mut waiting) = (0, 0);
        for key in 0..self.clients.len() {
            if limit.take(Instant::now()) {
                self.begin(key)?;
                waiting += 1;
            }
        }
        while waiting > 0 {
            if !self.poller.wait()? {
                return Err(hung(waiting));
            }
            let keys: Vec<usize> = self.poller.keys().collect();
            for key in keys {
                let Some(client) = self.clients[key].as_mut() else { continue };
                client.flush(&mut self.message)?;
                if !client.receive(client.id(), &mut self.message, &mut self.buffer)? {
                    continue;
                }
                let now = Instant::now();
                self.latencies.note(now - client.since);
                requests += 1;
                // Closed before the next one: there are never more than the places.
                self.clients[key] = None;
                if !is_in_step && limit.take(now) {
                    self.begin(key)?;
                } else {
                    waiting -= 1;
                }
            }
        }
        Ok(requests)
    }

    /// Connects and sends.
    fn begin(&mut self, key: usize) -> io::Result<()> {
        let since = Instant::now();
        let mut client = Client::connect(self.server.address(), self.next_id)?;
        self.next_id = self.next_id.wrapping_add(1);
        self.poller.add(&client, key)?;
        client.send_next(&mut self.message, since)?;
        self.clients[key] = Some(client);
        Ok(())
    }
}
