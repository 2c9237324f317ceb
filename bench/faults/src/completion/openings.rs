//! Proactors that are made while calls fail: which driver each gets or which error it is told,
//! whether that driver works, and whether all of it is gone afterwards.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use ferrio_poll::{Backend, Events, Poll, Token};
use ferrio_proactor::{Choice, Completions, Config, DriverKind, Kind, Proactor, op};

use crate::proc::descriptors;

/// How many are made of each choice.
const TIMES: usize = 8;
/// How often one is asked for its driver at most.
const ATTEMPTS: usize = 40;
/// What is sent to each, in this many pieces.
const PIECES: u64 = 5;
const PIECE: &[u8] = b"so many bytes";
/// When a proactor does not answer.
const PATIENCE: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(5);
const BUFFERS: u16 = 4;

/// What happened.
#[derive(Debug, Default)]
struct Account {
    /// Proactors that were made, and those that have a ring.
    made: u64,
    rings: u64,
    /// Those that have none, and say why; those that were to have one and say why they have not.
    fell_back: u64,
    refused: u64,
    /// Errors that came instead of a driver, after which it was asked for again.
    told: u64,
    /// Those that never got a driver.
    driverless: u64,
    /// Those that do without the ring that was asked for; those that say no reason.
    silent: u64,
    unnamed: u64,
    /// Waits that failed, and waits that were interrupted.
    troubles: u64,
    interrupted: u64,
    /// Those that answered something else, or not in time.
    wrong: u64,
    stranded: u64,
    submitted: u64,
    completed: u64,
    /// Buffers, operations and descriptors that were left.
    held: u64,
    left: u64,
    leaked: u64,
}

/// Does the job and says what happened.
pub(crate) fn run() -> io::Result<()> {
    let mut account = Account::default();
    for _ in 0..TIMES {
        for choice in [Choice::Auto, Choice::Ring] {
            let before = descriptors()?;
            account.make(choice)?;
            account.leaked += descriptors()?.abs_diff(before);
        }
    }
    let Account { made, rings, fell_back, refused, told, driverless, silent, unnamed, .. } = account;
    let Account { troubles, interrupted, wrong, stranded, submitted, completed, held, left, leaked, .. } =
        account;
    println!(
        "final: made={made} rings={rings} fell_back={fell_back} refused={refused} told={told} \
         driverless={driverless} silent={silent} unnamed={unnamed} troubles={troubles} \
         interrupted={interrupted} wrong={wrong} stranded={stranded} submitted={submitted} \
         completed={completed} held={held} left={left} leaked={leaked}"
    );
    Ok(())
}

impl Account {
    /// Makes one, and lets it work if it can.
    fn make(&mut self, driver: Choice) -> io::Result<()> {
        let poll = Poll::builder().backend(Backend::from_env()?).build()?;
        let config = Config { driver, buffers: BUFFERS, ..Config::default() };
        let mut proactor = Proactor::new(poll, config)?;
        self.made += 1;
        for _ in 0..ATTEMPTS {
            match proactor.capabilities() {
                Ok(capabilities) => {
                    let is_explained = capabilities.reason().is_some_and(|reason| !reason.is_empty());
                    match capabilities.driver() {
                        DriverKind::Ring => self.rings += 1,
                        _ if driver == Choice::Ring => self.silent += 1,
                        _ if is_explained => self.fell_back += 1,
                        _ => self.unnamed += 1,
                    }
                    return self.work(proactor);
                }
                Err(error) if error.raw_os_error().is_some() => self.told += 1,
                Err(error) => {
                    let is_refusal = error.kind() == ErrorKind::Unsupported && driver == Choice::Ring;
                    let is_explained = error.to_string().starts_with("no ring: the kernel")
                        || error.to_string().starts_with("no ring: a filter");
                    self.refused += u64::from(is_refusal && is_explained);
                    self.unnamed += u64::from(!is_refusal || !is_explained);
                    return Ok(());
                }
            }
        }
        self.driverless += 1;
        Ok(())
    }

    /// Echoes what one peer sends, and ends.
    fn work(&mut self, mut proactor: Proactor) -> io::Result<()> {
        let (ours, mut peer) = UnixStream::pair()?;
        peer.set_nonblocking(true)?;
        let handle = proactor.attach(ours);
        proactor.submit(Token(0), op::RecvMany { handle })?;
        let (mut events, mut completions) = (Events::with_capacity(4), Completions::with_capacity(4));
        let (begin, mut sent, mut got) = (Instant::now(), 0, Vec::new());
        let all = PIECE.repeat(PIECES as usize);
        let mut is_ended = false;
        while !is_ended && begin.elapsed() < PATIENCE {
            if sent < PIECES && got.len() == PIECE.len() * sent as usize {
                peer.write_all(PIECE)?;
                sent += 1;
            }
            match proactor.poll(&mut events, &mut completions, Some(TICK)) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => self.interrupted += 1,
                Err(_) => self.troubles += 1,
            }
            while let Some(completion) = completions.next() {
                match completion.kind {
                    Kind::Received(chunk) => {
                        proactor.submit(Token(1), op::Send::new(handle, chunk))?;
                    }
                    Kind::Ended(_) => is_ended = true,
                    _ => {}
                }
            }
            let mut buf = [0; 64];
            match peer.read(&mut buf) {
                Ok(count) => got.extend_from_slice(&buf[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if got.len() >= all.len() {
                peer.shutdown(std::net::Shutdown::Write)?;
            }
        }
        self.stranded += u64::from(!is_ended);
        self.wrong += u64::from(got != all);
        let stats = proactor.stats();
        self.submitted += stats.submitted;
        self.completed += stats.completed;
        self.held += u64::from(BUFFERS - stats.buffers_free);
        self.left += u64::from(proactor.shutdown(PATIENCE).left);
        Ok(())
    }
}
