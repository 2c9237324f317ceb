//! Datagrams: numbered ones that go out in batches, some of them in pieces that the kernel
//! divides, and which of them came, how often, and what errors named.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ferrio_poll::net::UdpSocket;
use ferrio_poll::net::udp::{RecvBatch, SendBatch, Transmit};
use ferrio_poll::{Interest, Token};

use crate::turns::Turns;

/// How often there is something to send, and after how many times a batch knows nothing
/// any more.
const ROUNDS: usize = 120;
const NEW_BATCH: usize = 6;
/// What a round sends: the lengths of all contents, and of the datagrams of each.
const SHAPES: [(usize, usize); 4] = [(6_800, 700), (200, 200), (5_000, 1_200), (64, 64)];
/// In some rounds one is longer than any datagram can be, and no error of strace.
const TOO_LONG: usize = 65_508;
/// The one after which it stands.
const LONG_PLACE: usize = 1;
/// How long something may be on its way.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long to wait where an event may have been lied away.
const TICK: Duration = Duration::from_millis(2);
/// How many tries of one thing are too many.
const TRIES_MAX: u64 = 1000;
/// No round has more datagrams.
const ROUND_MAX: usize = 32;
/// The receiver of batches, which may be joined, and the one of single datagrams.
const BATCHES: Token = Token(0);
const SINGLES: Token = Token(1);
const SENDER: Token = Token(2);

/// The sockets and their account.
struct Loop {
    turns: Turns,
    sender: UdpSocket,
    batches: UdpSocket,
    singles: UdpSocket,
    inbound: RecvBatch,
    /// By number, how often it came.
    seen: Vec<u8>,
    /// By number, whether an error named it.
    named: Vec<bool>,
    /// The number after that of the last one that came.
    next: usize,
    /// Whether there was an event since the receiver had nothing any more: of batches, of
    /// single ones.
    is_announced: [bool; 2],
    account: Account,
}

/// What happened, beside what is kept by number.
#[derive(Debug, Default)]
struct Account {
    /// Errors that named one that is too long, and others.
    overlong: u64,
    made_up: u64,
    /// Datagrams that went out by calls whose first message was to be divided.
    divided: u64,
    /// Batches whose messages are no longer divided.
    singly: u64,
    /// Sends and receives that would have blocked or were interrupted, and other errors of receives.
    blocked: u64,
    troubles: u64,
    /// Datagrams that came changed, or after a later one.
    changed: u64,
    disordered: u64,
    /// Receives of something of which there was no event.
    unannounced: u64,
    /// Sends that sent nothing and said that all was well.
    idle: u64,
}

/// Does the job and says what happened.
pub(crate) fn run() -> io::Result<()> {
    let mut this = Loop::new()?;
    let mut batch = SendBatch::with_capacity(16);
    for round in 0..ROUNDS {
        if round % NEW_BATCH == 0 {
            this.account.singly += u64::from(batch.segments_max() == Some(1));
            batch = SendBatch::with_capacity(16);
        }
        if round % 3 == 2 {
            this.send_singles()?;
        } else {
            this.send_batch(&mut batch, round)?;
        }
        this.receive()?;
    }
    this.account.singly += u64::from(batch.segments_max() == Some(1));
    // What comes twice may come late.
    let (sent, begin) = (this.seen.len(), Instant::now());
    while begin.elapsed() < PATIENCE / 5 {
        this.take()?;
    }
    let fates = || this.seen.iter().zip(&this.named);
    let lost = fates().filter(|(count, named)| **count == 0 && !**named).count();
    let twice = fates().filter(|(count, _)| **count > 1).count();
    let denied = fates().filter(|(count, named)| **count > 0 && **named).count();
    let impossible = (0..ROUNDS).filter(|round| has_long(*round)).count();
    let Account {
        overlong,
        made_up,
        divided,
        singly,
        blocked,
        troubles,
        changed,
        disordered,
        unannounced,
        idle,
    } = this.account;
    println!(
        "final: sent={sent} lost={lost} twice={twice} impossible={impossible} overlong={overlong} made_up={made_up} denied={denied} \
         divided={divided} singly={singly} blocked={blocked} troubles={troubles} changed={changed} \
         disordered={disordered} unannounced={unannounced} idle={idle}"
    );
    Ok(())
}

impl Loop {
    fn new() -> io::Result<Self> {
        let turns = Turns::new()?;
        let bind = || UdpSocket::bind_to("127.0.0.1:0");
        let (mut sender, mut batches, mut singles) = (bind()?, bind()?, bind()?);
        batches.set_recv_offload(true)?;
        let registry = turns.poll.registry();
        registry.register(&mut sender, SENDER, Interest::WRITABLE)?;
        registry.register(&mut batches, BATCHES, Interest::READABLE)?;
        registry.register(&mut singles, SINGLES, Interest::READABLE)?;
        Ok(Self {
            turns,
            sender,
            batches,
            singles,
            inbound: RecvBatch::with_capacity(8, 65_535),
            seen: Vec::new(),
            named: Vec::new(),
            next: 0,
            is_announced: [false; 2],
            account: Account::default(),
        })
    }

    /// Sends a round by batches; an error names the first one that is left.
    fn send_batch(&mut self, batch: &mut SendBatch, round: usize) -> io::Result<()> {
        let to = self.batches.local_addr()?;
        let contents = self.contents(has_long(round));
        let mut transmits: Vec<_> = contents.iter().map(|(bytes, size)| transmit(to, bytes, *size)).collect();
        let (mut left, mut tries) = (&mut transmits[..], 0);
        while let Some(first) = left.first() {
            let (is_several, is_long) = (first.datagrams() > 1, first.contents().len() == TOO_LONG);
            match self.sender.send_batch(batch, left) {
                Ok(datagrams) => {
                    self.account.idle += u64::from(datagrams == 0);
                    let is_divided = is_several && batch.segments_max() != Some(1);
                    self.account.divided += if is_divided { datagrams as u64 } else { 0 };
                    self.extend(datagrams, false);
                    Transmit::advance(&mut left, datagrams);
                }
                Err(error) if is_passing(&error) => self.pause()?,
                Err(_) => {
                    self.account.overlong += u64::from(is_long);
                    self.account.made_up += u64::from(!is_long);
                    self.extend(1, true);
                    Transmit::advance(&mut left, 1);
                }
            }
            count(&mut tries)?;
        }
        Ok(())
    }

    /// The same, each by a call of its own.
    fn send_singles(&mut self) -> io::Result<()> {
        let to = self.singles.local_addr()?;
        for (bytes, size) in self.contents(false) {
            for datagram in bytes.chunks(size) {
                let mut tries = 0;
                let is_named = loop {
                    match self.sender.send_to(datagram, to) {
                        Ok(_) => break false,
                        Err(error) if is_passing(&error) => self.pause()?,
                        Err(_) => break true,
                    }
                    count(&mut tries)?;
                };
                self.account.made_up += u64::from(is_named);
                self.extend(1, is_named);
            }
        }
        Ok(())
    }

    /// The contents of a round, and how long the datagrams of each are.
    fn contents(&self, has_long: bool) -> Vec<(Vec<u8>, usize)> {
        let mut number = self.seen.len();
        let mut shapes = SHAPES.to_vec();
        if has_long {
            shapes.insert(LONG_PLACE, (TOO_LONG, TOO_LONG));
        }
        let mut all = Vec::new();
        for (len, size) in shapes {
            let mut bytes = vec![0; len];
            for datagram in bytes.chunks_mut(size) {
                fill(datagram, number);
                number += 1;
            }
            all.push((bytes, size));
        }
        all
    }

    /// The next `count` were sent, or named by an error.
    fn extend(&mut self, count: usize, is_named: bool) {
        self.seen.extend((0..count).map(|_| 0));
        self.named.extend((0..count).map(|_| is_named));
    }

    /// Waits for a while: an event need not come, as the kernel never said that it blocks.
    fn pause(&mut self) -> io::Result<()> {
        self.account.blocked += 1;
        self.look(TICK)
    }

    fn look(&mut self, time: Duration) -> io::Result<()> {
        self.turns.within(time)?;
        for event in &self.turns.events {
            if event.token() != SENDER {
                self.is_announced[event.token().0] = true;
            }
        }
        Ok(())
    }

    /// Takes all that has been sent by now.
    fn receive(&mut self) -> io::Result<()> {
        let begin = Instant::now();
        while self.is_waiting() && begin.elapsed() < PATIENCE {
            self.take()?;
        }
        Ok(())
    }

    /// Whether something of this round is to come.
    fn is_waiting(&self) -> bool {
        let mut fates = self.seen.iter().zip(&self.named).rev().take(ROUND_MAX);
        fates.any(|(count, named)| *count == 0 && !*named)
    }

    /// Waits for a moment, and takes what is there, also without an event.
    fn take(&mut self) -> io::Result<()> {
        self.look(TICK)?;
        let mut errors = 0;
        while self.take_batch(&mut errors)? {}
        while self.take_single(&mut errors)? {}
        Ok(())
    }

    /// Takes a batch; false if there is none.
    fn take_batch(&mut self, errors: &mut u64) -> io::Result<bool> {
        match self.batches.recv_batch(&mut self.inbound) {
            Ok(_) => {
                self.announce(BATCHES);
                let segments = self.inbound.iter().flat_map(|received| received.segments());
                let datagrams: Vec<Vec<u8>> = segments.map(<[u8]>::to_vec).collect();
                datagrams.iter().for_each(|datagram| self.see(datagram));
                Ok(true)
            }
            Err(error) => self.heed(BATCHES, &error, errors),
        }
    }

    /// The same for a single one.
    fn take_single(&mut self, errors: &mut u64) -> io::Result<bool> {
        let mut buf = [0; 2048];
        match self.singles.recv_from(&mut buf) {
            Ok((len, _)) => {
                self.announce(SINGLES);
                self.see(&buf[..len]);
                Ok(true)
            }
            Err(error) => self.heed(SINGLES, &error, errors),
        }
    }

    /// Something came: then more may, without another event.
    fn announce(&mut self, token: Token) {
        self.account.unannounced += u64::from(!self.is_announced[token.0]);
        self.is_announced[token.0] = true;
    }

    /// Whether to go on after an error of a receiver.
    fn heed(&mut self, token: Token, error: &io::Error, errors: &mut u64) -> io::Result<bool> {
        if error.kind() == ErrorKind::WouldBlock {
            self.is_announced[token.0] = false;
            return Ok(false);
        }
        self.account.troubles += 1;
        count(errors)?;
        Ok(true)
    }

    /// Enters what came.
    fn see(&mut self, datagram: &[u8]) {
        let number = datagram.first_chunk().map_or(usize::MAX, |bytes| u32::from_le_bytes(*bytes) as usize);
        let mut well = vec![0; datagram.len()];
        fill(&mut well, number);
        match self.seen.get_mut(number) {
            Some(seen) if well == datagram => *seen = seen.saturating_add(1),
            _ => self.account.changed += 1,
        }
        self.account.disordered += u64::from(number < self.next);
        self.next = number.saturating_add(1);
    }
}

/// The bytes of the datagram `number`: that, its length, and what is of no other.
fn fill(datagram: &mut [u8], number: usize) {
    let len = datagram.len();
    for (at, byte) in datagram.iter_mut().enumerate() {
        *byte = match at {
            0..4 => (number as u32).to_le_bytes()[at],
            4..8 => (len as u32).to_le_bytes()[at - 4],
            _ => (number * 31 + at * 7) as u8,
        };
    }
}

fn transmit(to: SocketAddr, bytes: &[u8], size: usize) -> Transmit<'_> {
    let transmit = Transmit::to(to, bytes);
    if bytes.len() > size { transmit.with_segment_size(size) } else { transmit }
}

/// Whether a datagram of this round is too long: in no rhythm that the injected errors have too.
fn has_long(round: usize) -> bool {
    round * round % 11 == 5 && round % 3 != 2
}

/// True for an error that asks for another try and is of no datagram.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Counts what must not go on for ever.
fn count(tries: &mut u64) -> io::Result<()> {
    *tries += 1;
    if *tries > TRIES_MAX { Err(io::Error::other("it does not come to an end")) } else { Ok(()) }
}
