//! The loop of a proxy: messages go through it, there and back.
//!
//! The clients and the servers behind it are in the same process. Only what the proxy does
//! counts.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::control::Meter;
use crate::options::Options;

/// How many clients there are, each with a server of its own.
const PAIRS: usize = 64;
/// How long a message is.
pub const MESSAGE: usize = 64 * 1024;
/// When a message that should be there is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A proxy.
pub trait Proxy: Sized {
    /// A proxy without clients.
    fn new() -> io::Result<Self>;
    /// Takes over both its connections for a client, which are non-blocking.
    fn add(&mut self, client: TcpStream, server: TcpStream) -> io::Result<()>;
    /// Polls once, without waiting, and moves what can be moved.
    fn turn(&mut self) -> io::Result<()>;
}

/// Runs the loop, if `options` name it; false if not.
pub fn run<P: Proxy>(options: &Options) -> io::Result<bool> {
    if options.job != "proxy" {
        return Ok(false);
    }
    let (mut proxy, mut clients, mut servers) = connect::<P>()?;
    let mut message = Message::new();
    let mut round = |meter: &mut Meter| {
        there(&mut proxy, &mut clients, &mut servers, &mut message, meter)?;
        there(&mut proxy, &mut servers, &mut clients, &mut message, meter)
    };
    round(&mut Meter::discarded())?;
    let mut meter = Meter::paused()?;
    for _ in 0..options.rounds {
        round(&mut meter)?;
    }
    meter.stop(options.rounds * 2 * PAIRS as u64)?;
    Ok(true)
}

/// A proxy with its connections, and the other ends of those.
fn connect<P: Proxy>() -> io::Result<(P, Vec<End>, Vec<End>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let mut proxy = P::new()?;
    let (mut clients, mut servers) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let pair = || -> io::Result<(TcpStream, TcpStream)> {
            let (end, own) = (TcpStream::connect(address)?, listener.accept()?.0);
            for stream in [&end, &own] {
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
            }
            Ok((end, own))
        };
        let ((client, to_client), (server, to_server)) = (pair()?, pair()?);
        proxy.add(to_client, to_server)?;
        clients.push(End::new(client));
        servers.push(End::new(server));
    }
    Ok((proxy, clients, servers))
}

/// Sends a message of each of `from` to its counterpart in `to`, and verifies it there.
fn there(
    proxy: &mut impl Proxy,
    from: &mut [End],
    to: &mut [End],
    message: &mut Message,
    meter: &mut Meter,
) -> io::Result<()> {
    let first = message.next;
    message.next += from.len() as u64;
    from.iter_mut().chain(to.iter_mut()).for_each(|end| end.done = 0);
    // The clock is read only if they are late.
    let mut start = None;
    while to.iter().any(|end| end.done < MESSAGE) {
        let mut moved = 0;
        for (end, number) in from.iter_mut().zip(first..) {
            moved += end.send(message.of(number))?;
        }
        meter.resume();
        proxy.turn()?;
        meter.pause();
        for (end, number) in to.iter_mut().zip(first..) {
            moved += end.receive(number, message)?;
        }
        let mut is_late = || start.get_or_insert_with(Instant::now).elapsed() > PATIENCE;
        if moved == 0 && is_late() {
            return Err(io::Error::other(format!("a message of {first} and later did not come")));
        }
    }
    Ok(())
}

/// The end of a connection, beyond the proxy.
struct End {
    stream: TcpStream,
    /// How much of a message it has sent or received.
    done: usize,
}

impl End {
    fn new(stream: TcpStream) -> Self {
        Self { stream, done: 0 }
    }

    /// Sends what the socket takes of a message, and says how much that was.
    fn send(&mut self, message: &[u8]) -> io::Result<usize> {
        let mut sent = 0;
        while self.done < MESSAGE {
            match self.stream.write(&message[self.done..]) {
                Ok(count) => {
                    self.done += count;
                    sent += count;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }

    /// Receives what is there of message `number`, and says how much that was.
    fn receive(&mut self, number: u64, message: &mut Message) -> io::Result<usize> {
        let mut received = 0;
        loop {
            match self.stream.read(&mut message.buffer) {
                Ok(0) => return Err(io::Error::other(format!("the proxy has cut message {number} short"))),
                Ok(count) => {
                    message.verify(number, self.done, count)?;
                    self.done += count;
                    received += count;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(received),
                Err(error) => return Err(error),
            }
        }
    }
}

/// What is sent: it begins with its number.
struct Message {
    bytes: Vec<u8>,
    /// What is read into.
    buffer: Vec<u8>,
    /// The number of the next one.
    next: u64,
}

impl Message {
    fn new() -> Self {
        let bytes = (0..MESSAGE).map(|at| (at * 31 + at / 256) as u8).collect();
        // A byte that is too much has room.
        Self { bytes, buffer: vec![0; MESSAGE + 1], next: 0 }
    }

    /// The message with this number.
    fn of(&mut self, number: u64) -> &[u8] {
        self.bytes[..size_of::<u64>()].copy_from_slice(&number.to_le_bytes());
        &self.bytes
    }

    /// Checks the first `count` bytes of the buffer: they have to be what stands in message
    /// `number` from `offset` on.
    fn verify(&mut self, number: u64, offset: usize, count: usize) -> io::Result<()> {
        self.of(number);
        if self.bytes.get(offset..offset + count) == self.buffer.get(..count) {
            return Ok(());
        }
        let text = format!("message {number} is not what was sent, in {count} bytes from {offset}");
        Err(io::Error::other(text))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind, Read, Write};
    use std::net::TcpStream;

    use super::{Message, Proxy, connect, there};
    use crate::control::Meter;

    /// Moves a little at a time, and if it is `FAULTY` turns a bit.
    struct Slow<const FAULTY: bool>(Vec<[TcpStream; 2]>);

    impl<const FAULTY: bool> Proxy for Slow<FAULTY> {
        fn new() -> io::Result<Self> {
            Ok(Self(Vec::new()))
        }

        fn add(&mut self, client: TcpStream, server: TcpStream) -> io::Result<()> {
            self.0.push([client, server]);
            Ok(())
        }

        fn turn(&mut self) -> io::Result<()> {
            for [client, server] in &mut self.0 {
                let mut bytes = [0; 5000];
                match client.read(&mut bytes) {
                    Ok(count) => {
                        bytes[count / 2] ^= u8::from(FAULTY);
                        server.write_all(&bytes[..count])?;
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        }
    }

    fn run<const FAULTY: bool>() -> io::Result<()> {
        let (mut proxy, mut clients, mut servers) = connect::<Slow<FAULTY>>()?;
        there(&mut proxy, &mut clients, &mut servers, &mut Message::new(), &mut Meter::discarded())
    }

    #[test]
    fn a_proxy_that_spoils_a_byte_is_found_out() {
        run::<false>().expect("as it was sent");
        let error = run::<true>().expect_err("a bit turned");
        assert!(error.to_string().contains("message 0 is not what was sent"), "{error}");
    }
}
