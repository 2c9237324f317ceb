//! An echo server by completion.
//!
//! `cargo run --example completion_echo --features proactor`, then `nc 127.0.0.1 7321`. Two
//! operations that go on by themselves do the receiving: `AcceptMany` on the listener, and
//! `RecvMany` on each connection. An answer goes out at once by `send_now`; what the socket does
//! not take is copied into a `Send`, and the client is not read until that is over.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use ferrio::net::SocketBuilder;
use ferrio::proactor::{Chunk, Completion, Completions, Handle, Kind, OpId, Proactor, is_cancelled, op};
use ferrio::{Events, Poll, Token};

#[path = "completion/driver.rs"]
mod driver;

use driver::{Driver, wait};

/// An echo server by completion.
#[derive(Parser)]
struct Options {
    /// Where it listens.
    #[arg(default_value = "127.0.0.1:7321")]
    address: SocketAddr,
    /// What does the operations.
    #[arg(long, value_enum, default_value = "auto")]
    driver: Driver,
}

/// The tokens of clients follow. None is used twice, so what comes for one that is gone finds
/// nobody.
const LISTENER: Token = Token(0);

/// How long the listener rests after an error, for instance when there are no descriptors left.
const REST: Duration = Duration::from_millis(100);

struct Client {
    handle: Handle,
    /// The receive; `None` while it is over.
    receive: Option<OpId>,
    /// Answers that are under way.
    sends: usize,
    /// It sends no more.
    is_ended: bool,
}

struct Server {
    proactor: Proactor,
    listener: Handle,
    clients: HashMap<Token, Client>,
    next_token: usize,
}

pub(crate) fn main() -> ExitCode {
    match serve(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("completion_echo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &Options) -> io::Result<()> {
    let mut proactor = options.driver.proactor(Poll::new()?)?;
    // What it accepts has the option too: no answer waits for an acknowledgement.
    let listener = SocketBuilder::new().no_delay(true).tcp_listener(options.address)?;
    println!("listening on {}", listener.local_addr()?);
    let listener = proactor.attach(listener);
    proactor.submit(LISTENER, op::AcceptMany { handle: listener })?;
    let mut server = Server { proactor, listener, clients: HashMap::new(), next_token: 1 };
    let mut events = Events::with_capacity(16);
    let mut completions = Completions::with_capacity(256);
    loop {
        wait(&mut server.proactor, &mut events, &mut completions, None)?;
        while let Some(completion) = completions.next() {
            server.take(completion)?;
        }
    }
}

impl Server {
    fn take(&mut self, completion: Completion<'_>) -> io::Result<()> {
        let token = completion.token;
        match completion.kind {
            Kind::Accepted(stream) => self.welcome(stream.into())?,
            Kind::Received(chunk) => self.answer(token, &chunk)?,
            Kind::Done(mut done) => {
                if let Some((result, _)) = done.take::<op::Send<Vec<u8>>>() {
                    self.sent(token, result)?;
                }
            }
            Kind::Ended(result) if token == LISTENER => self.resume(result)?,
            Kind::Ended(result) => self.ended(token, result)?,
            _ => {}
        }
        Ok(())
    }

    /// Accepts again: after a rest if it failed.
    fn resume(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) => {
                eprintln!("completion_echo: accept: {error}");
                self.proactor.submit(LISTENER, op::Timeout::at(Instant::now() + REST))?;
            }
            Ok(()) => drop(self.proactor.submit(LISTENER, op::AcceptMany { handle: self.listener })?),
        }
        Ok(())
    }

    fn welcome(&mut self, stream: TcpStream) -> io::Result<()> {
        let token = Token(self.next_token);
        self.next_token += 1;
        let handle = self.proactor.attach(stream);
        let receive = Some(self.proactor.submit(token, op::RecvMany { handle })?);
        self.clients.insert(token, Client { handle, receive, sends: 0, is_ended: false });
        Ok(())
    }

    fn answer(&mut self, token: Token, chunk: &Chunk) -> io::Result<()> {
        let Some(client) = self.clients.get_mut(&token) else { return Ok(()) };
        let sent = match self.proactor.send_now(client.handle, chunk) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(_) => {
                self.close(token);
                return Ok(());
            }
        };
        if sent < chunk.len() {
            // A copy, since a chunk that waited would keep a buffer of the pool from the others.
            let rest = chunk[sent..].to_vec();
            self.proactor.submit(token, op::Send::new(client.handle, rest))?;
            client.sends += 1;
            // A client that does not read is not read from. Nothing is lost: the rest stays in the
            // socket.
            if let Some(receive) = client.receive {
                self.proactor.cancel(receive);
            }
        }
        Ok(())
    }

    fn sent(&mut self, token: Token, result: io::Result<u32>) -> io::Result<()> {
        let Some(client) = self.clients.get_mut(&token) else { return Ok(()) };
        client.sends -= 1;
        if result.is_err() {
            self.close(token);
            return Ok(());
        }
        self.go_on(token)
    }

    /// The receive of a client is over.
    fn ended(&mut self, token: Token, result: io::Result<()>) -> io::Result<()> {
        let Some(client) = self.clients.get_mut(&token) else { return Ok(()) };
        client.receive = None;
        match result {
            Ok(()) => client.is_ended = true,
            Err(error) if is_cancelled(&error) => {}
            Err(_) => {
                self.close(token);
                return Ok(());
            }
        }
        self.go_on(token)
    }

    /// Receives again, or closes, once everything was sent.
    fn go_on(&mut self, token: Token) -> io::Result<()> {
        let Some(client) = self.clients.get_mut(&token) else { return Ok(()) };
        if client.sends > 0 || client.receive.is_some() {
            return Ok(());
        }
        if client.is_ended {
            self.close(token);
        } else {
            client.receive = Some(self.proactor.submit(token, op::RecvMany { handle: client.handle })?);
        }
        Ok(())
    }

    fn close(&mut self, token: Token) {
        if let Some(client) = self.clients.remove(&token) {
            self.proactor.close(client.handle);
        }
    }
}
