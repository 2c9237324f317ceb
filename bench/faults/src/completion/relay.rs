//! The server itself: each line of a client goes to all others, or back to the client.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::signal::{SIGTERM, Signals};
use ferrio_poll::{Events, Interest, Token};
use ferrio_proactor::{Chunk, Completions, Done, Handle, Kind, Proactor, op};

/// How long the listener rests after an error.
const REST: Duration = Duration::from_millis(20);
/// How long the loop rests after an error of a wait, which may come again at once.
const BREATH: Duration = Duration::from_millis(1);
/// The longest wait of a loop that waits for an end.
const TICK: Duration = Duration::from_millis(10);
/// The parts of a message, no divisors of anything.
const PARTS: [usize; 2] = [331, 1709];

const SIGNAL: Token = Token(0);
const LISTENER: Token = Token(1);
/// The token of what is sent. What has completed says itself to whom it went.
const SENT: Token = Token(2);
/// The token of a rest that nothing follows.
const END: Token = Token(3);
/// Clients have these and the following, each its own.
const FIRST: usize = 4;

/// What a server does with what it receives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Job {
    /// Whole lines go to all others, from the very buffer if they are whole there.
    Broadcast,
    /// All goes back.
    Echo,
    /// All goes back, by messages of several parts.
    Messages,
}

/// A server, and what it has counted.
pub(super) struct Relay {
    pub(super) proactor: Proactor,
    job: Job,
    listener: Handle,
    signals: Signals,
    events: Events,
    completions: Completions,
    clients: HashMap<Token, Client>,
    next_token: usize,
    /// Sends that are not over.
    sending: usize,
    is_over: bool,
    /// The rest at the end is over.
    has_ended: bool,
    account: Account,
}

struct Client {
    handle: Handle,
    /// The beginning of a line.
    partial: Vec<u8>,
}

/// What happened.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Whole lines that came.
    lines: u64,
    /// Lines that were to go out, each to each who was to get it, and what became of them.
    due: u64,
    delivered: u64,
    dropped: u64,
    /// Bytes that went out.
    bytes: u64,
    /// Waits that failed, and waits that were interrupted.
    troubles: u64,
    interrupted: u64,
    /// Accepts that failed.
    shortages: u64,
}

impl Job {
    pub(super) fn of(name: &str) -> Option<Job> {
        match name {
            "broadcast" => Some(Job::Broadcast),
            "echo" => Some(Job::Echo),
            "messages" => Some(Job::Messages),
            _ => None,
        }
    }
}

impl Relay {
    pub(super) fn new(mut proactor: Proactor, listener: Handle, job: Job) -> io::Result<Relay> {
        let mut signals = Signals::new([SIGTERM])?;
        proactor.registry().register(&mut signals, SIGNAL, Interest::READABLE)?;
        proactor.submit(LISTENER, op::AcceptMany { handle: listener })?;
        Ok(Relay {
            proactor,
            job,
            listener,
            signals,
            events: Events::with_capacity(16),
            completions: Completions::with_capacity(16),
            clients: HashMap::new(),
            next_token: FIRST,
            sending: 0,
            is_over: false,
            has_ended: false,
            account: Account::default(),
        })
    }

    /// Serves until SIGTERM.
    pub(super) fn serve(&mut self) -> io::Result<()> {
        while !self.is_over {
            self.turn(None)?;
        }
        Ok(())
    }

    /// Lets what is sent come to its end, then ends all else, unless that takes too long; the
    /// account shows it then.
    pub(super) fn drain(&mut self, deadline: Instant) -> io::Result<()> {
        while self.sending > 0 && Instant::now() < deadline {
            self.turn(Some(TICK))?;
        }
        for (_, client) in self.clients.drain() {
            self.proactor.close(client.handle);
        }
        self.proactor.close(self.listener);
        // Buffers that came back last are taken in by a wait for something.
        self.proactor.submit(END, op::Timeout::at(Instant::now() + TICK))?;
        let is_open = |relay: &Self| {
            let stats = relay.proactor.stats();
            !relay.has_ended || stats.completed < stats.submitted
        };
        while is_open(self) && Instant::now() < deadline {
            self.turn(Some(TICK))?;
        }
        Ok(())
    }

    /// Ends the server itself.
    pub(super) fn end(self) -> Account {
        self.account
    }

    fn turn(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        match self.proactor.poll(&mut self.events, &mut self.completions, timeout) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => self.account.interrupted += 1,
            Err(_) => {
                self.account.troubles += 1;
                thread::sleep(BREATH);
            }
        }
        if self.events.iter().any(|event| event.token() == SIGNAL) {
            self.is_over |= self.signals.take().is_some();
        }
        let mut completions = std::mem::replace(&mut self.completions, Completions::with_capacity(1));
        while let Some(completion) = completions.next() {
            let token = completion.token;
            match completion.kind {
                Kind::Accepted(stream) => self.welcome(stream)?,
                Kind::Received(chunk) => self.received(token, chunk)?,
                Kind::Done(done) => self.done(token, done)?,
                Kind::Ended(result) => self.ended(token, result)?,
                kind => return Err(io::Error::other(format!("nobody asked for {kind:?}"))),
            }
        }
        self.completions = completions;
        Ok(())
    }

    fn welcome(&mut self, stream: OwnedFd) -> io::Result<()> {
        let (token, handle) = (Token(self.next_token), self.proactor.attach(stream));
        self.next_token += 1;
        self.clients.insert(token, Client { handle, partial: Vec::new() });
        if self.job == Job::Messages {
            let parts = PARTS.map(Vec::with_capacity).into();
            self.proactor.submit(token, op::RecvMsg::new(handle, parts))?;
        } else {
            self.proactor.submit(token, op::RecvMany { handle })?;
        }
        Ok(())
    }

    fn received(&mut self, token: Token, chunk: Chunk) -> io::Result<()> {
        let Some(client) = self.clients.get_mut(&token) else { return Ok(()) };
        if self.job == Job::Echo {
            self.account.came(lines(&chunk), 1);
            self.sending += 1;
            self.proactor.submit(SENT, op::Send::new(client.handle, chunk))?;
            return Ok(());
        }
        let others = self.clients.iter().filter(|(other, _)| **other != token);
        let others: Vec<Handle> = others.map(|(_, client)| client.handle).collect();
        let partial = &mut self.clients.get_mut(&token).expect("it is there").partial;
        if partial.is_empty() && chunk.ends_with(b"\n") {
            self.account.came(lines(&chunk), others.len());
            self.sending += 1;
            self.proactor.send_all(SENT, others, chunk)?;
            return Ok(());
        }
        let whole = chunk.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let mut joined = std::mem::replace(partial, chunk[whole..].to_vec());
        joined.extend_from_slice(&chunk[..whole]);
        if whole == 0 {
            joined.append(partial);
            *partial = joined;
            return Ok(());
        }
        let joined: Arc<[u8]> = joined.into();
        self.account.came(lines(&joined), others.len());
        for handle in others {
            self.sending += 1;
            self.proactor.submit(SENT, op::Send::new(handle, Arc::clone(&joined)))?;
        }
        Ok(())
    }

    fn done(&mut self, token: Token, mut done: Done<'_>) -> io::Result<()> {
        if let Some((result, all)) = done.take::<op::SendAll>() {
            let (chunk, sent) = (all.chunk(), u64::from(result?));
            self.sending -= 1;
            self.account.went(lines(chunk) * sent, chunk.len() as u64 * sent);
            for (handle, _) in all.failures() {
                self.account.dropped += lines(chunk);
                self.give_up(handle);
            }
        } else if let Some((result, send)) = done.take::<op::Send<Chunk>>() {
            self.sent(send.handle, &send.buf, result);
        } else if let Some((result, send)) = done.take::<op::Send<Arc<[u8]>>>() {
            self.sent(send.handle, &send.buf, result);
        } else if let Some((result, send)) = done.take::<op::SendMsg<Vec<u8>>>() {
            let (handle, mut parts) = (send.handle, send.into_buffers());
            self.sent(handle, &parts.concat(), result);
            parts.iter_mut().for_each(Vec::clear);
            if let Some((token, _)) = self.clients.iter().find(|(_, client)| client.handle == handle) {
                self.proactor.submit(*token, op::RecvMsg::new(handle, parts))?;
            }
        } else if let Some((result, recv)) = done.take::<op::RecvMsg<Vec<u8>>>() {
            let handle = recv.handle;
            if !result.is_ok_and(|count| count > 0) {
                self.give_up(handle);
            } else if self.clients.contains_key(&token) {
                let parts = recv.into_buffers();
                self.account.came(lines(&parts.concat()), 1);
                self.sending += 1;
                self.proactor.submit(SENT, op::SendMsg::new(handle, parts))?;
            }
        }
        Ok(())
    }

    /// One send to one client is over.
    fn sent(&mut self, handle: Handle, bytes: &[u8], result: io::Result<u32>) {
        self.sending -= 1;
        if result.is_ok_and(|sent| sent as usize == bytes.len()) {
            return self.account.went(lines(bytes), bytes.len() as u64);
        }
        self.account.dropped += lines(bytes);
        self.give_up(handle);
    }

    fn ended(&mut self, token: Token, result: io::Result<()>) -> io::Result<()> {
        match (token, result) {
            (END, _) => self.has_ended = true,
            (LISTENER, _) if self.is_over => {}
            // Its rest is over.
            (LISTENER, Ok(())) => {
                self.proactor.submit(LISTENER, op::AcceptMany { handle: self.listener })?;
            }
            (LISTENER, Err(_)) => {
                self.account.shortages += 1;
                self.proactor.submit(LISTENER, op::Timeout::at(Instant::now() + REST))?;
            }
            _ => {
                if let Some(client) = self.clients.remove(&token) {
                    self.proactor.close(client.handle);
                }
            }
        }
        Ok(())
    }

    /// Parts from a client whose call has failed.
    fn give_up(&mut self, handle: Handle) {
        self.clients.retain(|_, client| client.handle != handle);
        self.proactor.close(handle);
    }
}

impl Account {
    /// Lines came for so many receivers.
    fn came(&mut self, lines: u64, receivers: usize) {
        self.lines += lines;
        self.due += lines * receivers as u64;
    }

    fn went(&mut self, lines: u64, bytes: u64) {
        self.delivered += lines;
        self.bytes += bytes;
    }
}

impl Display for Account {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Account { lines, due, delivered, dropped, bytes, troubles, interrupted, shortages } = self;
        write!(
            f,
            "lines={lines} due={due} delivered={delivered} dropped={dropped} bytes={bytes} \
             troubles={troubles} interrupted={interrupted} shortages={shortages}"
        )
    }
}

/// How many lines end there.
fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
