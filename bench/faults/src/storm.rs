//! A server with an `Acceptor` whose accepts fail: for lack of descriptors, which it really
//! lacks, or because they are made to.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use ferrio_poll::net::{Acceptor, TcpListener, TcpStream};
use ferrio_poll::{Interest, Token};
use rustix::time::{ClockId, clock_gettime};

use crate::crowd::{Crowd, Report};
use crate::proc::{descriptors, limit};
use crate::turns::{PATIENCE, Turns};

/// How many clients come to a server whose descriptors are few, and to one whose are not.
const CLIENTS: usize = 200;
const FLOOD: usize = 64;
/// How many descriptors it may have.
const LIMIT: u64 = 64;
/// How long it is watched while it has none left.
const FULL: Duration = Duration::from_millis(1500);
/// How many clients it sends away then.
const CLOSED: usize = 20;
/// After how long it refuses those that wait, if it does.
const REFUSE_AFTER: Duration = Duration::from_millis(300);
/// How many come after the shortage.
const LATE: usize = 10;
/// The longest wait of the loop.
const TICK: Duration = Duration::from_millis(50);
const ACCEPTOR: Token = Token(usize::MAX);

/// The server.
struct Server {
    turns: Turns,
    acceptor: Acceptor<TcpListener>,
    /// By token; none once it is closed.
    clients: Vec<Option<Client>>,
    /// How many were answered.
    served: usize,
    /// When an accept failed last.
    failed_at: Option<Instant>,
}

/// A connection.
struct Client {
    stream: TcpStream,
    is_served: bool,
}

/// There are fewer descriptors than clients: all of them wait, and are served once there are
/// more. Nobody is refused.
pub(crate) fn storm() -> io::Result<()> {
    let before = descriptors()?;
    let mut server = Server::new(None)?;
    let crowd = server.meet(CLIENTS)?;
    limit(Some(LIMIT))?;
    server.until(|server| server.acceptor.is_paused())?;

    let (begin, cpu, pauses) = (Instant::now(), cpu_us(), server.acceptor.stats().pauses);
    server.run(FULL)?;
    let (full_us, cpu) = (us(begin), cpu_us() - cpu);
    let pauses = server.acceptor.stats().pauses - pauses;

    // Some leave, and the acceptor is told.
    let (begin, goal) = (Instant::now(), server.served + CLOSED);
    server.close(CLOSED);
    server.until(|server| server.served >= goal)?;
    let resumed_us = us(begin);
    // Nobody tells it that there are more descriptors.
    server.run(FULL / 4)?;
    limit(None)?;
    let begin = Instant::now();
    server.until(|server| server.served >= CLIENTS)?;
    let recovered_us = us(begin);

    let Report { answered, ended, slowest_us } = crowd.end()?;
    let (stats, served) = (server.acceptor.stats(), server.served);
    drop(server);
    let leaked = descriptors()?.abs_diff(before);
    println!(
        "final: clients={CLIENTS} served={served} answered={answered} closed={CLOSED} ended={ended} \
         accepted={} failed={} refused={} pauses={} full_us={full_us} full_pauses={pauses} cpu_us={cpu} \
         resumed_us={resumed_us} recovered_us={recovered_us} slowest_us={slowest_us} leaked={leaked}",
        stats.accepted, stats.failed, stats.refused, stats.pauses
    );
    Ok(())
}

/// The same, but those that wait are refused after a while; clients that come when there are
/// descriptors again are served.
pub(crate) fn refuse() -> io::Result<()> {
    let before = descriptors()?;
    let mut server = Server::new(Some(REFUSE_AFTER))?;
    let crowd = server.meet(CLIENTS)?;
    limit(Some(LIMIT))?;
    server.until(|server| server.acceptor.is_paused())?;

    let (begin, cpu, pauses) = (Instant::now(), cpu_us(), server.acceptor.stats().pauses);
    let count = |server: &Server| server.acceptor.stats().refused as usize + server.served;
    server.until(|server| count(server) >= CLIENTS)?;
    let refused_us = us(begin);
    server.run(FULL.saturating_sub(begin.elapsed()))?;
    let (full_us, cpu) = (us(begin), cpu_us() - cpu);
    let pauses = server.acceptor.stats().pauses - pauses;

    limit(None)?;
    let served = server.served;
    let late = server.meet(LATE)?;
    let begin = Instant::now();
    server.until(|server| server.served >= served + LATE)?;
    let recovered_us = us(begin);

    let (first, late) = (crowd.end()?, late.end()?);
    let (stats, all) = (server.acceptor.stats(), server.served);
    drop(server);
    let leaked = descriptors()?.abs_diff(before);
    let (answered, ended) = (first.answered + late.answered, first.ended + late.ended);
    println!(
        "final: clients={} served={all} answered={answered} closed=0 ended={ended} accepted={} failed={} \
         refused={} pauses={} full_us={full_us} full_pauses={pauses} cpu_us={cpu} resumed_us={refused_us} \
         recovered_us={recovered_us} slowest_us={} leaked={leaked}",
        CLIENTS + LATE,
        stats.accepted,
        stats.failed,
        stats.refused,
        stats.pauses,
        first.slowest_us.max(late.slowest_us)
    );
    Ok(())
}

/// There is nothing that it lacks, but some accepts fail.
pub(crate) fn flood() -> io::Result<()> {
    let before = descriptors()?;
    let mut server = Server::new(None)?;
    let begin = Instant::now();
    let crowd = server.meet(FLOOD)?;
    server.until(|server| server.served >= FLOOD)?;
    let failing_us = server.failed_at.map_or(0, |at| at.duration_since(begin).as_micros() as u64);
    let recovered_us = server.failed_at.map_or(0, us);
    let Report { answered, ended, slowest_us } = crowd.end()?;
    let (stats, served) = (server.acceptor.stats(), server.served);
    drop(server);
    let leaked = descriptors()?.abs_diff(before);
    println!(
        "final: clients={FLOOD} served={served} answered={answered} closed=0 ended={ended} accepted={} \
         failed={} refused={} pauses={} failing_us={failing_us} recovered_us={recovered_us} \
         slowest_us={slowest_us} leaked={leaked}",
        stats.accepted, stats.failed, stats.refused, stats.pauses
    );
    Ok(())
}

impl Server {
    fn new(refuse_after: Option<Duration>) -> io::Result<Self> {
        let turns = Turns::new()?;
        let listener = TcpListener::bind_to("127.0.0.1:0")?;
        let mut acceptor = Acceptor::new(listener).refuse_after(refuse_after);
        turns.poll.registry().register(&mut acceptor, ACCEPTOR, Interest::READABLE)?;
        Ok(Self { turns, acceptor, clients: Vec::new(), served: 0, failed_at: None })
    }

    /// Has `count` clients come.
    fn meet(&self, count: usize) -> io::Result<Crowd> {
        Crowd::start(self.acceptor.listener().local_addr()?, count)
    }

    /// Closes the first `count` connections.
    fn close(&mut self, count: usize) {
        for place in self.clients.iter_mut().filter(|place| place.is_some()).take(count) {
            *place = None;
            self.acceptor.resume();
        }
    }

    /// Serves for `time`.
    fn run(&mut self, time: Duration) -> io::Result<()> {
        let begin = Instant::now();
        while let Some(left) = time.checked_sub(begin.elapsed()) {
            self.turn(left.min(TICK))?;
        }
        Ok(())
    }

    /// Serves until `is_done`, or for so long that it will never be; the account shows it then.
    fn until(&mut self, is_done: impl Fn(&Self) -> bool) -> io::Result<()> {
        let begin = Instant::now();
        while !is_done(self) && begin.elapsed() < PATIENCE {
            self.turn(TICK)?;
        }
        Ok(())
    }

    /// Does what the events ask for.
    fn turn(&mut self, time: Duration) -> io::Result<()> {
        self.turns.within(time)?;
        let tokens: Vec<Token> = self.turns.events.iter().map(|event| event.token()).collect();
        for token in tokens {
            match token {
                ACCEPTOR => self.accept()?,
                Token(place) => self.serve(place),
            }
        }
        Ok(())
    }

    fn accept(&mut self) -> io::Result<()> {
        let failures = |server: &Self| server.acceptor.stats().failed + server.acceptor.stats().pauses;
        let before = failures(self);
        while let Some((mut stream, _)) = self.acceptor.accept()? {
            let token = Token(self.clients.len());
            self.turns.poll.registry().register(&mut stream, token, Interest::READABLE)?;
            self.clients.push(Some(Client { stream, is_served: false }));
        }
        if failures(self) != before {
            self.failed_at = Some(Instant::now());
        }
        Ok(())
    }

    /// Answers a client. One that is gone is seen by the clients' own account.
    fn serve(&mut self, place: usize) {
        let Some(client) = &mut self.clients[place] else { return };
        let mut buf = [0; 64];
        loop {
            match client.stream.read(&mut buf) {
                Ok(count) if count > 0 && client.stream.write_all(&buf[..count]).is_ok() => {
                    self.served += usize::from(!client.is_served);
                    client.is_served = true;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        self.clients[place] = None;
        self.acceptor.resume();
    }
}

/// How long this process has run.
fn cpu_us() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1000
}

fn us(since: Instant) -> u64 {
    since.elapsed().as_micros() as u64
}
