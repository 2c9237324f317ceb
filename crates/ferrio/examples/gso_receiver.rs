//! Receives a stream of numbered datagrams, many by one call and many in one piece, and tells
//! its sender how far it is.
//!
//! `cargo run --release --example gso_receiver -- [ADDR]`, by default 127.0.0.1:7314; port 0 lets
//! the kernel choose. Then `cargo run --release --example gso_sender`.

use std::env;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::process::ExitCode;

use ferrio::net::UdpSocket;
use ferrio::net::udp::{Received, RecvBatch};
use ferrio::{Events, Interest, Poll, Token};

const SOCKET: Token = Token(0);
/// How many messages one call may bring.
const MESSAGES: usize = 32;

fn main() -> ExitCode {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7314".into());
    match serve(&address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gso_receiver: {address}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(address: &str) -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let mut socket = UdpSocket::bind(address.parse()?)?;
    // A message of joined datagrams is as long as the longest datagram there can be.
    let bytes_each = match socket.set_recv_offload(true) {
        Ok(()) => 65_535,
        Err(error) if error.kind() == ErrorKind::Unsupported => 1500,
        Err(error) => return Err(error.into()),
    };
    let mut batch = RecvBatch::with_capacity(MESSAGES, bytes_each);
    poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
    println!("listening on {}", socket.local_addr()?);
    let mut stream = None;
    loop {
        poll.wait(&mut events, None)?;
        if events.iter().any(|event| event.token() == SOCKET) {
            receive_all(&socket, &mut batch, &mut stream)?;
        }
    }
}

/// Receives until there is nothing left. Only after that does the next event come.
fn receive_all(socket: &UdpSocket, batch: &mut RecvBatch, stream: &mut Option<Stream>) -> io::Result<()> {
    loop {
        match socket.recv_batch(batch) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            // A sender has gone before an answer came.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => continue,
            Err(error) => return Err(error),
        }
        for received in &*batch {
            let Some(source) = received.source() else { continue };
            // One stream at a time. Another sender begins a new one, and so does data after an end;
            // an end may come twice, for its answer may be lost.
            let stream = match stream {
                Some(stream) if stream.source == source && !(stream.has_ended && has_data(&received)) => {
                    stream
                }
                _ => stream.insert(Stream::new(source)),
            };
            stream.take(&received);
        }
        if let Some(stream) = stream {
            stream.answer(socket);
        }
    }
}

/// True unless it is the end of a stream.
fn has_data(received: &Received<'_>) -> bool {
    !received.bytes().is_empty()
}

/// The datagrams of one sender.
struct Stream {
    source: SocketAddr,
    /// One more than the highest number that came.
    next: u64,
    datagrams: u64,
    bytes: u64,
    messages: u64,
    cut: u64,
    has_ended: bool,
}

impl Stream {
    fn new(source: SocketAddr) -> Stream {
        Stream { source, next: 0, datagrams: 0, bytes: 0, messages: 0, cut: 0, has_ended: false }
    }

    /// Takes a message: one datagram, or several that the system joined.
    fn take(&mut self, received: &Received<'_>) {
        self.messages += 1;
        self.cut += u64::from(received.is_truncated());
        for datagram in received.segments() {
            match datagram.first_chunk() {
                Some(number) => {
                    self.next = self.next.max(u64::from_be_bytes(*number).saturating_add(1));
                    self.datagrams += 1;
                    self.bytes += datagram.len() as u64;
                }
                // An empty one ends the stream.
                None if !self.has_ended => self.end(),
                None => {}
            }
        }
    }

    fn end(&mut self) {
        self.has_ended = true;
        println!(
            "{}: datagrams={} bytes={} messages={} cut={}",
            self.source, self.datagrams, self.bytes, self.messages, self.cut
        );
    }

    /// Tells the sender how far this is, and how many datagrams came.
    fn answer(&self, socket: &UdpSocket) {
        let mut answer = [0; 16];
        answer[..8].copy_from_slice(&self.next.to_be_bytes());
        answer[8..].copy_from_slice(&self.datagrams.to_be_bytes());
        if let Err(error) = socket.send_to(&answer, self.source) {
            // It is lost, as any datagram may be. The next one says the same and more.
            eprintln!("gso_receiver: an answer to {}: {error}", self.source);
        }
    }
}
