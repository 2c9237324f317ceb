//! Signals: bursts of them from another process, some taken while they come and some
//! only afterwards, and what was reported of each.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::signal::{SIGUSR1, SIGUSR2, Signals, real_time};
use ferrio_poll::unix::pipe::Receiver;
use ferrio_poll::{Interest, Token};

use crate::beat::Beat;
use crate::turns::{PATIENCE, Turns};

const SIGNALS: Token = Token(0);
const ANSWERS: Token = Token(1);
const BEAT: Token = Token(2);

/// How often the timer beside them ticks, and how long the loop is busy with a tick.
const INTERVAL: Duration = Duration::from_millis(2);
const BUSY: Duration = Duration::from_micros(500);

/// Its arguments are signals. A line of its input says how many of the last one it sends
/// first, and then how many rounds of one of each; it answers by a line after them.
const SENDER: &str = "\
for last; do :; done
while read -r flood rounds; do
    while [ $flood -gt 0 ]; do
        kill -$last $PPID || exit 1
        flood=$((flood - 1))
    done
    while [ $rounds -gt 0 ]; do
        for signal; do kill -$signal $PPID || exit 1; done
        rounds=$((rounds - 1))
    done
    echo
done";

/// How many signals may wait to be taken before only their numbers are kept.
const ROOM: u64 = 64;

/// What is sent, and whether it is taken while it comes.
struct Burst {
    /// How many of the last signal come first.
    flood: u64,
    /// How many of each come then.
    rounds: u64,
    eager: bool,
}

/// The bursts: of 500, beyond what is counted, of 60, of one of each, and of those that
/// come when there is no room.
const BURSTS: &[Burst] = &[
    Burst { flood: 0, rounds: 100, eager: false },
    Burst { flood: 0, rounds: 12, eager: true },
    Burst { flood: 0, rounds: 100, eager: true },
    Burst { flood: 0, rounds: 1, eager: true },
    Burst { flood: 0, rounds: 1, eager: false },
    Burst { flood: 100, rounds: 1, eager: false },
];
/// How often all of them come.
const TIMES: u64 = 10;

/// A loop, and the process that sends to it.
struct Loop {
    turns: Turns,
    signals: Signals,
    beat: Beat,
    sender: Child,
    orders: ChildStdin,
    answers: Receiver,
    /// What is sent.
    numbers: Vec<i32>,
    /// The real-time signals among them.
    counted: Vec<i32>,
    /// By number, what was reported of this burst.
    got: BTreeMap<i32, u64>,
    /// Reports of this burst without a sender.
    nameless: u64,
    /// There was an event, and not all was taken since.
    ready: bool,
    /// The sender has answered.
    answered: bool,
    account: Account,
}

/// What happened.
#[derive(Debug, Default)]
struct Account {
    bursts: u64,
    /// Signals that were sent, and reports of them.
    sent: u64,
    reported: u64,
    /// Numbers that were not reported in a burst that had them.
    missing: u64,
    /// Reports of numbers that were not sent, or not that often.
    invented: u64,
    /// Bursts and numbers in them of which not all was kept that there is room for.
    miscounted: u64,
    /// Reports that name somebody else.
    strangers: u64,
    /// Reports that name nobody, though there was room for the name.
    nameless: u64,
    /// Signals that were there without an event.
    stranded: u64,
}

/// Does the job and says what happened.
pub(crate) fn run() -> io::Result<()> {
    let mut this = Loop::new()?;
    for burst in (0..TIMES).flat_map(|_| BURSTS) {
        this.burst(burst)?;
    }
    // All that is due by now comes before the timer stops.
    let now = Instant::now();
    this.turns.look()?;
    this.heed()?;
    let due = this.beat.stop(now);
    let Loop { turns, mut sender, orders, beat, account, .. } = this;
    // The end of its input ends it.
    drop(orders);
    let status = sender.wait()?;
    if !status.success() {
        return Err(io::Error::other(format!("the sender ended with {status}")));
    }
    let Account { bursts, sent, reported, missing, invented, miscounted, strangers, nameless, stranded } =
        account;
    let (turns, interrupted, ticks) = (turns.count, turns.interrupted, beat.ticks);
    let (lost, early, empty) = (due.saturating_sub(ticks), beat.early, beat.empty);
    println!(
        "final: turns={turns} interrupted={interrupted} bursts={bursts} sent={sent} reported={reported} \
         missing={missing} invented={invented} miscounted={miscounted} strangers={strangers} \
         nameless={nameless} stranded={stranded} due={due} ticks={ticks} lost={lost} early={early} \
         empty={empty}"
    );
    Ok(())
}

impl Loop {
    fn new() -> io::Result<Self> {
        let turns = Turns::new()?;
        let registry = turns.poll.registry();
        let counted: Vec<i32> = real_time().take(3).collect();
        let numbers = [&[SIGUSR1, SIGUSR2], &counted[..]].concat();
        // One more than is sent: it must stay silent.
        let never = real_time().nth(3);
        let mut signals = Signals::new(numbers.iter().copied().chain(never))?;
        registry.register(&mut signals, SIGNALS, Interest::READABLE)?;
        let mut command = Command::new("sh");
        command.args(["-c", SENDER, "sh"]).args(numbers.iter().map(i32::to_string));
        let mut sender = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let missing = || io::Error::other("a pipe of the sender is missing");
        let orders = sender.stdin.take().ok_or_else(missing)?;
        let mut answers = Receiver::from(sender.stdout.take().ok_or_else(missing)?);
        answers.set_nonblocking(true)?;
        registry.register(&mut answers, ANSWERS, Interest::READABLE)?;
        let beat = Beat::start(registry, BEAT, INTERVAL)?;
        let (got, account) = (BTreeMap::new(), Account::default());
        let (nameless, ready, answered) = (0, false, false);
        Ok(Self {
            turns,
            signals,
            beat,
            sender,
            orders,
            answers,
            numbers,
            counted,
            got,
            nameless,
            ready,
            answered,
            account,
        })
    }

    /// Has a burst sent, takes it, and enters what came.
    fn burst(&mut self, burst: &Burst) -> io::Result<()> {
        self.got.clear();
        (self.nameless, self.answered) = (0, false);
        writeln!(self.orders, "{} {}", burst.flood, burst.rounds)?;
        let begin = Instant::now();
        while !self.answered {
            if begin.elapsed() > PATIENCE {
                return Err(io::Error::other("the sender does not answer"));
            }
            self.turns.turn()?;
            self.heed()?;
            if burst.eager {
                self.take();
            }
        }
        self.settle()?;
        self.enter(burst);
        Ok(())
    }

    /// Takes what is left. The sender is silent, and what it sent before its answer has
    /// reached this process, which has one thread: nothing comes that is not there yet.
    fn settle(&mut self) -> io::Result<()> {
        loop {
            self.take();
            self.turns.look()?;
            self.heed()?;
            if !self.ready {
                break;
            }
        }
        self.ready = true;
        self.account.stranded += self.take();
        Ok(())
    }

    /// Looks at the events.
    fn heed(&mut self) -> io::Result<()> {
        let (now, mut ticked) = (Instant::now(), false);
        for event in &self.turns.events {
            match event.token() {
                SIGNALS => self.ready = true,
                ANSWERS => self.answered |= answer(&mut self.answers)?,
                _ => {
                    self.beat.take(now);
                    ticked = true;
                }
            }
        }
        if ticked {
            thread::sleep(BUSY);
        }
        Ok(())
    }

    /// Takes all signals, if there was an event; returns how many.
    fn take(&mut self) -> u64 {
        let mut count = 0;
        while self.ready {
            let Some(received) = self.signals.take() else {
                self.ready = false;
                break;
            };
            count += 1;
            *self.got.entry(received.signal()).or_default() += 1;
            match received.origin() {
                Some(sender) => self.account.strangers += u64::from(sender.pid != self.sender.id()),
                None => self.nameless += 1,
            }
        }
        count
    }

    /// Compares what was sent with what was reported.
    fn enter(&mut self, burst: &Burst) {
        let sent = burst.flood + burst.rounds * self.numbers.len() as u64;
        let reported = self.got.values().sum::<u64>();
        let account = &mut self.account;
        account.bursts += 1;
        account.sent += sent;
        account.reported += reported;
        for number in &self.numbers {
            let count = self.got.remove(number).unwrap_or_default();
            let is_last = self.numbers.last() == Some(number);
            let most = burst.rounds + if is_last { burst.flood } else { 0 };
            let is_exact = sent <= ROOM && self.counted.contains(number);
            account.missing += u64::from(count == 0);
            account.invented += count.saturating_sub(most);
            account.miscounted += u64::from(is_exact && count != most);
        }
        // What is left is of numbers that nobody sent.
        account.invented += self.got.values().sum::<u64>();
        if sent <= ROOM {
            account.nameless += self.nameless;
        } else if !burst.eager {
            account.miscounted += u64::from(reported - self.nameless < ROOM);
        }
    }
}

/// True if there was an answer.
fn answer(answers: &mut Receiver) -> io::Result<bool> {
    let mut answered = false;
    loop {
        match answers.read(&mut [0; 8]) {
            Ok(0) => return Err(io::Error::other("the sender is gone")),
            Ok(_) => answered = true,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(answered),
            Err(error) => return Err(error),
        }
    }
}
