//! The clients, and who gets what by which way.

use std::collections::HashMap;
use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferrio::Token;
use ferrio::proactor::{Chunk, Done, Handle, OpId, Proactor, op};

use super::TO_ALL;
use super::partial::{Lines, Partial};

pub(crate) struct Relay {
    pub(crate) proactor: Proactor,
    clients: HashMap<Token, Client>,
    /// The clients that get their lines by sends of their own, and since when each has taken
    /// nothing. The others get them together.
    apart: HashMap<Token, Instant>,
    /// Each `send_all` of the last turn that is not over.
    fresh: Vec<OpId>,
    /// No token is used twice.
    next_token: usize,
    queue_max: usize,
    stall_max: Duration,
}

struct Client {
    handle: Handle,
    partial: Partial,
    /// Bytes of sends of its own that are under way.
    queued: usize,
}

impl Relay {
    pub(crate) fn new(proactor: Proactor, queue_max: usize, stall_max: Duration) -> Relay {
        Relay {
            proactor,
            clients: HashMap::new(),
            apart: HashMap::new(),
            fresh: Vec::new(),
            next_token: TO_ALL.0 + 1,
            queue_max,
            stall_max,
        }
    }

    pub(crate) fn welcome(&mut self, stream: TcpStream) -> io::Result<()> {
        let token = Token(self.next_token);
        self.next_token += 1;
        let handle = self.proactor.attach(stream);
        self.proactor.submit(token, op::RecvMany { handle })?;
        self.clients.insert(token, Client { handle, partial: Partial::default(), queued: 0 });
        Ok(())
    }

    /// Sends what is complete of what a client sent to all others.
    pub(crate) fn relay(&mut self, from: Token, chunk: Chunk) -> io::Result<()> {
        let Some(client) = self.clients.get_mut(&from) else { return Ok(()) };
        match client.partial.add(chunk) {
            Ok(None) => {}
            // No line of another client comes between the pieces: nothing else is submitted here,
            // and the sends of a socket keep their order.
            Ok(Some(Lines::Pieces(pieces))) => {
                for piece in pieces {
                    self.send_piece(from, piece)?;
                }
            }
            Ok(Some(Lines::Joined(line))) => {
                let others: Vec<Token> =
                    self.clients.keys().copied().filter(|token| *token != from).collect();
                self.send_apart(&others, &line)?;
            }
            Err(_) => self.close(from, "a line that is too long"),
        }
        Ok(())
    }

    fn send_piece(&mut self, from: Token, piece: Chunk) -> io::Result<()> {
        let slow: Vec<Token> = self.apart.keys().copied().filter(|token| *token != from).collect();
        if !slow.is_empty() {
            // One copy for all of them: they keep no buffer of the pool.
            self.send_apart(&slow, &Arc::from(&*piece))?;
        }
        let others = self.clients.iter().filter(|(token, _)| **token != from);
        let prompt = others.filter(|(token, _)| !self.apart.contains_key(*token));
        let id = self.proactor.send_all(TO_ALL, prompt.map(|(_, client)| client.handle), piece)?;
        self.fresh.push(id);
        Ok(())
    }

    /// Sends to each of these clients by itself.
    fn send_apart(&mut self, to: &[Token], bytes: &Arc<[u8]>) -> io::Result<()> {
        for token in to {
            let Some(client) = self.clients.get_mut(token) else { continue };
            client.queued += bytes.len();
            if client.queued > self.queue_max {
                self.close(*token, "too slow, its queue is full");
                continue;
            }
            self.apart.entry(*token).or_insert_with(Instant::now);
            self.proactor.submit(*token, op::Send::new(client.handle, bytes.clone()))?;
        }
        Ok(())
    }

    /// A send is over.
    pub(crate) fn sent(&mut self, token: Token, id: OpId, mut done: Done<'_>) {
        if let Some((_, to_all)) = done.take::<op::SendAll>() {
            self.fresh.retain(|fresh| *fresh != id);
            let failed: Vec<Handle> = to_all.failures().map(|(handle, _)| handle).collect();
            if !failed.is_empty() {
                self.close_each(|client| failed.contains(&client.handle));
            }
        } else if let Some((result, send)) = done.take::<op::Send<Arc<[u8]>>>() {
            let Some(client) = self.clients.get_mut(&token) else { return };
            client.queued -= send.buf.len();
            if result.is_err() {
                self.close(token, "it cannot be sent to");
            } else if client.queued == 0 {
                // The sends of a socket are over in their order, so those before are too.
                self.apart.remove(&token);
            } else {
                self.apart.insert(token, Instant::now());
            }
        }
    }

    /// Finds those who have not taken what the last turn has sent them, and parts from those who
    /// have taken nothing for too long.
    pub(crate) fn find_slow_clients(&mut self) {
        let now = Instant::now();
        if !self.fresh.is_empty() {
            self.fresh.clear();
            for (token, client) in &self.clients {
                if is_sending(&self.proactor, client) {
                    self.apart.entry(*token).or_insert(now);
                }
            }
        }
        let Relay { proactor, clients, apart, .. } = self;
        apart.retain(|token, _| {
            clients.get(token).is_some_and(|client| client.queued > 0 || is_sending(proactor, client))
        });
        let is_over = |since: &Instant| now.duration_since(*since) >= self.stall_max;
        let stalled: Vec<Token> =
            self.apart.iter().filter(|(_, since)| is_over(since)).map(|(token, _)| *token).collect();
        for token in stalled {
            self.close(token, "too slow, it takes nothing");
        }
    }

    /// Until the first slow client has had its time.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        let first = *self.apart.values().min()?;
        Some((first + self.stall_max).saturating_duration_since(Instant::now()))
    }

    fn close_each(&mut self, is_meant: impl Fn(&Client) -> bool) {
        let meant = self.clients.iter().filter(|(_, client)| is_meant(client));
        let tokens: Vec<Token> = meant.map(|(token, _)| *token).collect();
        for token in tokens {
            self.close(token, "it cannot be sent to");
        }
    }

    pub(crate) fn close(&mut self, token: Token, why: &str) {
        if let Some(client) = self.clients.remove(&token) {
            self.apart.remove(&token);
            self.proactor.close(client.handle);
            println!("client {}: {why}", token.0);
        }
    }
}

/// Whether sends to the client are under way. It sends no byte: where some are, it would block.
fn is_sending(proactor: &Proactor, client: &Client) -> bool {
    let sent = proactor.send_now(client.handle, b"");
    sent.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}
