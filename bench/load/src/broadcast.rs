//! Broadcast: one client sends, all others receive; a request is a delivery.

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

/// How many messages are sent before the measured part.
const WARM_UP: u64 = 5;

/// The clients and what they share.
struct Audience {
    /// The first one speaks.
    clients: Vec<Client>,
    poller: Poller,
    message: Message,
    buffer: Vec<u8>,
    is_in_step: bool,
}

/// Connects, warms up, measures.
pub(crate) fn run(options: &Options, server: &Server, connections: usize) -> io::Result<Figures> {
    let mut audience = Audience::connect(options, server, connections)?;
    // Whom the server has not accepted yet gets no message.
    usage::settle(server.pid())?;
    audience.speak(&mut Limit::new(WARM_UP, Duration::from_secs(60)))?;
    let account = Account::open(server)?;
    let deliveries = connections as u64 - 1;
    let mut limit = Limit::new(options.requests.div_ceil(deliveries), options.time);
    let messages = audience.speak(&mut limit)?;
    let figures = account.close(server, messages * deliveries, Latencies::default())?;
    Ok(Figures { connections, ..figures })
}

impl Audience {
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

    /// Sends until the limit, the next message when the last one is with everybody.
    fn speak(&mut self, limit: &mut Limit) -> io::Result<u64> {
        let mut messages = 0;
        while limit.take(Instant::now()) {
            let Some((speaker, listeners)) = self.clients.split_first_mut() else { break };
            speaker.send_next(&mut self.message, Instant::now())?;
            let (sequence, sender) = (speaker.sequence, speaker.id());
            listeners.iter_mut().for_each(|listener| listener.expect(sequence));
            let mut waiting = listeners.len() as u64;
            while waiting > 0 {
                if !self.poller.wait()? {
                    return Err(hung(waiting));
                }
                for key in self.poller.keys() {
                    if key == 0 {
                        self.clients[0].flush(&mut self.message)?;
                    } else if self.clients[key].receive(sender, &mut self.message, &mut self.buffer)? {
                        waiting -= 1;
                    }
                }
            }
            messages += 1;
            if self.is_in_step {
                thread::sleep(PAUSE);
            }
        }
        Ok(messages)
    }
}
