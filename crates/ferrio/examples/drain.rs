//! A server that ends well: it accepts nobody any more, finishes what it has begun, and gives up
//! at a deadline.
//!
//! `cargo run --example drain --features proactor`, then `nc 127.0.0.1 7325`, type a line, and
//! press Ctrl-C at the server before the answer is there. A request is a line, and its answer
//! takes half a second of "work", which is a `Timeout` here. The signal is an event of readiness,
//! in the same wait as the completions.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use ferrio::proactor::{Chunk, Completion, Completions, Handle, Kind, OpId, Proactor, is_cancelled, op};
use ferrio::signal::{SIGINT, SIGTERM, Signals};
use ferrio::{Events, Interest, Poll, Token};

#[path = "completion/driver.rs"]
mod driver;

use driver::{Driver, wait};

/// A server with answers that take their time.
#[derive(Parser)]
struct Options {
    /// Where it listens.
    #[arg(default_value = "127.0.0.1:7325")]
    address: SocketAddr,
    /// How long an answer takes, in milliseconds.
    #[arg(long, default_value = "500")]
    work: u64,
    /// How long it goes on at most after a signal, in milliseconds.
    #[arg(long, default_value = "3000")]
    deadline: u64,
    /// What does the operations.
    #[arg(long, value_enum, default_value = "auto")]
    driver: Driver,
}

const SIGNALS: Token = Token(0);
const LISTENER: Token = Token(0);
/// The longest request that waits for its end.
const LINE_MAX: usize = 1024;

struct Client {
    handle: Handle,
    /// The beginning of a request.
    line: Vec<u8>,
    /// Requests whose answers are not sent yet.
    under_way: usize,
    /// It sends no more.
    is_ended: bool,
}

struct Server {
    proactor: Proactor,
    listener: Handle,
    accepts: OpId,
    clients: HashMap<Token, Client>,
    next_token: usize,
    work: Duration,
    /// The end, once a signal has come.
    deadline: Option<Instant>,
    answered: usize,
}

pub(crate) fn main() -> ExitCode {
    match serve(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("drain: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &Options) -> io::Result<()> {
    let poll = Poll::new()?;
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    poll.registry().register(&mut signals, SIGNALS, Interest::READABLE)?;
    let mut proactor = options.driver.proactor(poll)?;
    let listener = TcpListener::bind(options.address)?;
    println!("listening on {}", listener.local_addr()?);
    let listener = proactor.attach(listener);
    let accepts = proactor.submit(LISTENER, op::AcceptMany { handle: listener })?;
    let mut server = Server {
        proactor,
        listener,
        accepts,
        clients: HashMap::new(),
        next_token: 1,
        work: Duration::from_millis(options.work),
        deadline: None,
        answered: 0,
    };
    let patience = Duration::from_millis(options.deadline);
    let mut events = Events::with_capacity(16);
    let mut completions = Completions::with_capacity(64);
    while !server.is_over() {
        let left = server.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        wait(&mut server.proactor, &mut events, &mut completions, left)?;
        while let Some(completion) = completions.next() {
            server.take(completion)?;
        }
        if events.iter().any(|event| event.token() == SIGNALS) && server.deadline.is_none() {
            server.begin_end(Instant::now() + patience);
        }
    }
    let Server { proactor, clients, answered, .. } = server;
    let unanswered: usize = clients.values().map(|client| client.under_way).sum();
    // Cancels what is left, closes every descriptor, and waits until the kernel is done with it.
    let drained = proactor.shutdown(Duration::from_secs(1));
    println!("{answered} answered, {unanswered} not, {} operations left", drained.left);
    Ok(())
}

impl Server {
    fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| self.clients.is_empty() || Instant::now() >= deadline)
    }

    fn begin_end(&mut self, deadline: Instant) {
        println!("draining");
        self.deadline = Some(deadline);
        // A connection that was accepted before the cancel still comes. Closing the listener
        // refuses those that come later.
        self.proactor.cancel(self.accepts);
        self.proactor.close(self.listener);
        let tokens: Vec<Token> = self.clients.keys().copied().collect();
        for token in tokens {
            self.close_if_idle(token);
        }
    }

    fn take(&mut self, completion: Completion<'_>) -> io::Result<()> {
        let token = completion.token;
        match completion.kind {
            Kind::Accepted(stream) if self.deadline.is_none() => self.welcome(stream.into())?,
            Kind::Received(chunk) => self.read(token, &chunk)?,
            Kind::Done(mut done) => {
                if let Some((result, _)) = done.take::<op::Send<&'static str>>() {
                    self.sent(token, result.is_ok());
                }
            }
            Kind::Ended(Err(error)) if token == LISTENER && !is_cancelled(&error) => return Err(error),
            Kind::Ended(result) if token.0 % 2 == 1 => self.ended(token, result.is_ok()),
            // The end of a timeout, whose token is the one behind that of its client.
            Kind::Ended(Ok(())) if token != LISTENER => self.answer(Token(token.0 - 1))?,
            _ => {}
        }
        Ok(())
    }

    fn welcome(&mut self, stream: TcpStream) -> io::Result<()> {
        let token = Token(self.next_token);
        self.next_token += 2;
        let handle = self.proactor.attach(stream);
        self.proactor.submit(token, op::RecvMany { handle })?;
        self.clients.insert(token, Client { handle, line: Vec::new(), under_way: 0, is_ended: false });
        Ok(())
    }

    fn read(&mut self, token: Token, chunk: &Chunk) -> io::Result<()> {
        let is_draining = self.deadline.is_some();
        let Some(client) = self.clients.get_mut(&token).filter(|_| !is_draining) else { return Ok(()) };
        client.line.extend_from_slice(chunk);
        while let Some(end) = client.line.iter().position(|byte| *byte == b'\n') {
            client.line.drain(..=end);
            client.under_way += 1;
            self.proactor.submit(Token(token.0 + 1), op::Timeout::at(Instant::now() + self.work))?;
        }
        if client.line.len() > LINE_MAX {
            self.close(token);
        }
        Ok(())
    }

    /// The work for a request is done.
    fn answer(&mut self, token: Token) -> io::Result<()> {
        if let Some(client) = self.clients.get(&token) {
            self.proactor.submit(token, op::Send::new(client.handle, "done\n"))?;
        }
        Ok(())
    }

    fn sent(&mut self, token: Token, is_ok: bool) {
        let Some(client) = self.clients.get_mut(&token) else { return };
        if is_ok {
            client.under_way -= 1;
            self.answered += 1;
            self.close_if_idle(token);
        } else {
            self.close(token);
        }
    }

    /// The client sends no more.
    fn ended(&mut self, token: Token, is_ok: bool) {
        let Some(client) = self.clients.get_mut(&token) else { return };
        client.is_ended = true;
        if is_ok { self.close_if_idle(token) } else { self.close(token) }
    }

    /// Closes a client that waits for nothing, and from which nothing is to be expected.
    fn close_if_idle(&mut self, token: Token) {
        let is_draining = self.deadline.is_some();
        let is_idle = |client: &&Client| client.under_way == 0 && (client.is_ended || is_draining);
        if self.clients.get(&token).filter(is_idle).is_some() {
            self.close(token);
        }
    }

    fn close(&mut self, token: Token) {
        if let Some(client) = self.clients.remove(&token) {
            self.proactor.close(client.handle);
        }
    }
}
