//! Connections that are made by the connectors: to a listener, past an address that refuses,
//! and to a Unix listener whose queue is full at first. Whether each comes to an end, and
//! to which.

use std::env;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::os::unix::net::SocketAddr;
use std::process;
use std::time::{Duration, Instant};

use ferrio_poll::event::Source;
use ferrio_poll::net::{Connector, TcpListener, TcpStream, UnixConnector, UnixListener, UnixStream};
use ferrio_poll::{Interest, Token};

use crate::proc::descriptors;
use crate::turns::Turns;

/// How often each kind of connection is made.
const TIMES: usize = 8;
/// When there must be an outcome.
const PATIENCE: Duration = Duration::from_secs(3);
/// The timeout of the connectors, and from one address to the next.
const TIMEOUT: Duration = Duration::from_millis(150);
const DELAY: Duration = Duration::from_millis(40);
/// How long the queue of the Unix listener stays full, and how many it takes at most.
const FULL: Duration = Duration::from_millis(30);
const QUEUE: u32 = 1;
/// The longest wait of the loop, and with how many events one connection spins.
const TICK: Duration = Duration::from_millis(5);
const EVENTS_MAX: u64 = 100;
const CONNECTOR: Token = Token(0);

/// A connector of either kind.
trait Connecting: Source {
    /// What it gives.
    type Stream: Write;

    fn go_on(&mut self) -> io::Result<Option<Self::Stream>>;
}

/// What happened.
#[derive(Debug, Default)]
struct Account {
    begun: u64,
    connected: u64,
    /// Those that ended in an error, and those of them that had nothing to fail by.
    failed: u64,
    unexpected: u64,
    /// Errors that do not name each address.
    unnamed: u64,
    /// Errors of a kind that asks to go on, though nothing goes on.
    vague: u64,
    /// Those that only the timeout ended.
    late: u64,
    /// Connections that the listener knows nothing of.
    broken: u64,
    /// Those without an outcome, and those with a second one.
    hung: u64,
    again: u64,
    /// Those that had many events while there was nothing to do.
    spinning: u64,
    /// The longest time to an outcome.
    slowest_ms: u64,
}

/// To TCP listeners.
pub(crate) fn internet() -> io::Result<()> {
    run(Account::internet)
}

/// To a Unix listener.
pub(crate) fn unix() -> io::Result<()> {
    run(Account::unix)
}

/// Makes the connections and says what happened.
fn run(make: impl FnOnce(&mut Account, &mut Turns) -> io::Result<()>) -> io::Result<()> {
    let (mut turns, mut account) = (Turns::new()?, Account::default());
    let before = descriptors()?;
    make(&mut account, &mut turns)?;
    let leaked = descriptors()?.abs_diff(before);
    let Account { begun, connected, failed, unexpected, unnamed, vague, .. } = account;
    let Account { late, broken, hung, again, spinning, slowest_ms, .. } = account;
    println!(
        "final: begun={begun} connected={connected} failed={failed} unexpected={unexpected} unnamed={unnamed} \
         vague={vague} late={late} broken={broken} hung={hung} again={again} spinning={spinning} slowest_ms={slowest_ms} \
         leaked={leaked}"
    );
    Ok(())
}

impl Account {
    /// To a listener alone, before and behind an address that refuses, and to that alone.
    fn internet(&mut self, turns: &mut Turns) -> io::Result<()> {
        let listener = TcpListener::bind_to("127.0.0.1:0")?;
        let (open, closed) = (listener.local_addr()?, closed_address()?);
        let mut listening = Listening::new(|| listener.accept().map(|(stream, _)| stream));
        for addresses in [&[open][..], &[closed, open], &[open, closed], &[closed]] {
            for _ in 0..TIMES {
                let connector = Connector::new(addresses.iter().copied());
                let connector = connector.attempt_delay(DELAY).timeout(TIMEOUT);
                let is_open = addresses.contains(&open);
                let result = self.connect(turns, connector, &mut listening, Duration::ZERO)?;
                if let Some(error) = result {
                    let text = error.to_string();
                    let is_named = addresses.iter().all(|address| text.contains(&address.to_string()));
                    self.unnamed += u64::from(!is_named);
                    self.unexpected += u64::from(is_open);
                }
            }
        }
        Ok(())
    }

    /// To a Unix listener, half of the times with a full queue.
    fn unix(&mut self, turns: &mut Turns) -> io::Result<()> {
        let path = env::temp_dir().join(format!("ferrio-faults-{}", process::id()));
        // What is left of another process of this number.
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind_with_backlog(&path, QUEUE)?;
        let mut listening = Listening::new(|| listener.accept().map(|(stream, _)| stream));
        for time in 0..2 * TIMES {
            // More than there is room for, but for those that are made to fail.
            let crowd: Vec<_> = (0..4 * QUEUE).filter_map(|_| UnixStream::connect(&path).ok()).collect();
            let connector = UnixConnector::new(SocketAddr::from_pathname(&path)?).timeout(TIMEOUT);
            let full = if time % 2 == 0 { FULL } else { Duration::ZERO };
            let result = self.connect(turns, connector, &mut listening, full)?;
            self.unexpected += u64::from(result.is_some());
            drop(crowd);
        }
        fs::remove_file(&path)
    }

    /// Makes one connection and tries it out; gives the error if there is none. The listener
    /// accepts after `full`.
    fn connect<S: Read>(
        &mut self,
        turns: &mut Turns,
        mut connector: impl Connecting,
        listening: &mut Listening<'_, S>,
        full: Duration,
    ) -> io::Result<Option<io::Error>> {
        self.begun += 1;
        let registry = turns.poll.registry().try_clone()?;
        registry.register(&mut connector, CONNECTOR, Interest::WRITABLE)?;
        let (begin, mut events, mut result) = (Instant::now(), 0, Ok(None));
        while begin.elapsed() < PATIENCE && matches!(result, Ok(None)) {
            turns.within(TICK)?;
            if begin.elapsed() >= full {
                listening.drain();
            }
            if !turns.events.is_empty() {
                events += 1;
                result = connector.go_on();
            }
        }
        self.slowest_ms = self.slowest_ms.max(begin.elapsed().as_millis() as u64);
        self.spinning += u64::from(events > EVENTS_MAX);
        // What was on its way.
        turns.within(TICK)?;
        self.again += u64::from(!matches!(connector.go_on(), Ok(None)));
        registry.deregister(&mut connector)?;
        let error = match result {
            Ok(Some(stream)) => {
                self.connected += 1;
                self.broken += u64::from(!listening.hears(stream));
                None
            }
            Ok(None) => {
                self.hung += 1;
                None
            }
            Err(error) => {
                self.failed += 1;
                self.late += u64::from(error.kind() == ErrorKind::TimedOut);
                self.vague +=
                    u64::from(matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock));
                Some(error)
            }
        };
        listening.accepted.clear();
        Ok(error)
    }
}

/// A listener and what it has accepted.
struct Listening<'a, S> {
    accept: Box<dyn Fn() -> io::Result<S> + 'a>,
    accepted: Vec<S>,
}

impl<'a, S: Read> Listening<'a, S> {
    fn new(accept: impl Fn() -> io::Result<S> + 'a) -> Self {
        Self { accept: Box::new(accept), accepted: Vec::new() }
    }

    /// Accepts all that are in the queue.
    fn drain(&mut self) {
        while let Ok(stream) = (self.accept)() {
            self.accepted.push(stream);
        }
    }

    /// Whether one of those that were accepted hears what is said on `stream`.
    fn hears(&mut self, mut stream: impl Write) -> bool {
        let begin = Instant::now();
        if stream.write_all(b"!").is_err() {
            return false;
        }
        while begin.elapsed() < PATIENCE {
            self.drain();
            if self.accepted.iter_mut().any(|accepted| matches!(accepted.read(&mut [0]), Ok(1))) {
                return true;
            }
        }
        false
    }
}

impl Connecting for Connector {
    type Stream = TcpStream;

    fn go_on(&mut self) -> io::Result<Option<TcpStream>> {
        self.advance()
    }
}

impl Connecting for UnixConnector {
    type Stream = UnixStream;

    fn go_on(&mut self) -> io::Result<Option<UnixStream>> {
        self.advance()
    }
}

/// An address that nobody listens at.
fn closed_address() -> io::Result<net::SocketAddr> {
    TcpListener::bind_to("127.0.0.1:0")?.local_addr()
}
