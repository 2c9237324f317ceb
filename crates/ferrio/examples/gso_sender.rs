//! Sends a stream of numbered datagrams, up to 64 of them in one piece, and never more than the
//! receiver has room for.
//!
//! `cargo run --release --example gso_sender -- [ADDR] [DATAGRAMS] [BYTES]`, by default
//! 127.0.0.1:7314, 100000 and 1200, beside `gso_receiver`.

use std::env;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ferrio::net::UdpSocket;
use ferrio::net::udp::{SendBatch, Transmit};
use ferrio::{Events, Interest, Poll, Token};

const SOCKET: Token = Token(0);
/// How many datagrams are sent in one piece.
const BURST: u64 = 64;
/// How many may be on their way: what a receiver has room for if nobody gave it more.
const WINDOW: u64 = 2 * BURST;
/// After so long without an answer, what is on its way is taken for lost.
const PATIENCE: Duration = Duration::from_millis(200);
/// After so many times nobody is taken to be there.
const SILENCES_MAX: u32 = 25;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match send(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gso_sender: {}: {error}", arguments.join(" "));
            ExitCode::FAILURE
        }
    }
}

fn send(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let argument = |at: usize, default: &str| arguments.get(at).cloned().unwrap_or_else(|| default.into());
    let total: u64 = argument(1, "100000").parse()?;
    let bytes: usize = argument(2, "1200").parse()?;
    if !(8..=65_507).contains(&bytes) {
        return Err("a datagram has its number, and so 8 to 65507 bytes".into());
    }
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let mut socket = UdpSocket::bind("0.0.0.0:0".parse()?)?;
    socket.connect(argument(0, "127.0.0.1:7314").parse()?)?;
    poll.registry().register(&mut socket, SOCKET, Interest::READABLE | Interest::WRITABLE)?;

    let mut sender = Sender::new(total, bytes);
    let start = Instant::now();
    while !sender.has_ended {
        sender.send(&socket)?;
        poll.wait(&mut events, Some(PATIENCE))?;
        if events.is_empty() {
            sender.give_up()?;
        }
        sender.receive_answers(&socket)?;
        sender.end(&socket)?;
    }
    let Sender { answered, calls, batch, .. } = &sender;
    println!(
        "datagrams={total} bytes={bytes} calls={calls} lost={} in one piece={} time={:?}",
        total - answered,
        batch.segments_max().unwrap_or(1),
        start.elapsed()
    );
    Ok(())
}

struct Sender {
    /// How many datagrams there are.
    total: u64,
    /// How long each is.
    bytes: usize,
    /// Those that are being sent, one after the other, and how many of them have gone out.
    burst: Vec<u8>,
    gone: u64,
    /// The number of the first of those.
    first: u64,
    /// One more than the highest number that the receiver has, or was given up.
    done: u64,
    /// How many the receiver has.
    answered: u64,
    /// How often there was no answer.
    silences: u32,
    calls: u64,
    batch: SendBatch,
    /// True while the end is on its way.
    is_ending: bool,
    /// True once the receiver knows of it.
    has_ended: bool,
}

impl Sender {
    fn new(total: u64, bytes: usize) -> Sender {
        let (first, done, answered, silences) = (0, 0, 0, 0);
        let batch = SendBatch::with_capacity(8);
        let burst = Vec::with_capacity(BURST as usize * bytes);
        Sender {
            total,
            bytes,
            burst,
            gone: 0,
            first,
            done,
            answered,
            silences,
            calls: 0,
            batch,
            is_ending: false,
            has_ended: false,
        }
    }

    /// Sends what the receiver has room for, until the socket has none.
    fn send(&mut self, socket: &UdpSocket) -> io::Result<()> {
        loop {
            let count = (self.burst.len() / self.bytes) as u64;
            if self.gone == count && !self.begin_burst() {
                return Ok(());
            }
            let rest = &self.burst[self.gone as usize * self.bytes..];
            let transmit = Transmit::connected(rest).with_segment_size(self.bytes);
            match socket.send_batch(&mut self.batch, &[transmit]) {
                Ok(datagrams) => self.gone += datagrams as u64,
                // An event comes when there is room.
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
            self.calls += 1;
        }
    }

    /// Numbers the next datagrams; false if there are none, or no more may be on their way.
    fn begin_burst(&mut self) -> bool {
        let next = self.first + self.gone;
        let count = BURST.min(self.total - next);
        if count == 0 || next + count > self.done + WINDOW {
            return false;
        }
        (self.first, self.gone) = (next, 0);
        self.burst.clear();
        for number in next..next + count {
            self.burst.extend_from_slice(&number.to_be_bytes());
            self.burst.resize(self.burst.len() + self.bytes - 8, 0x5a);
        }
        true
    }

    /// What is on its way is lost, or its answer is.
    fn give_up(&mut self) -> io::Result<()> {
        self.done = self.first + self.gone;
        self.is_ending = false;
        self.silences += 1;
        if self.silences > SILENCES_MAX {
            return Err(io::Error::new(ErrorKind::TimedOut, "there is no answer"));
        }
        Ok(())
    }

    /// Takes all answers.
    fn receive_answers(&mut self, socket: &UdpSocket) -> io::Result<()> {
        let mut answer = [0; 16];
        loop {
            match socket.recv(&mut answer) {
                Ok(16) => {
                    let [next, answered] =
                        [0, 8].map(|at| u64::from_be_bytes(*answer[at..].first_chunk().unwrap()));
                    self.done = self.done.max(next);
                    self.answered = self.answered.max(answered);
                    self.silences = 0;
                    self.has_ended = self.is_ending;
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// After the last datagram an empty one ends the stream, again after each silence.
    fn end(&mut self, socket: &UdpSocket) -> io::Result<()> {
        if self.done == self.total && !self.is_ending {
            socket.send(b"")?;
            self.is_ending = true;
        }
        Ok(())
    }
}
