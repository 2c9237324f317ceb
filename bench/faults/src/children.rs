//! Children: short-lived ones that die while the loop is busy, and how often and how
//! each exit was seen.

use std::io::{self, ErrorKind};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ferrio_poll::process::ChildExit;
use ferrio_poll::{Interest, Token, Waker};

use crate::beat::Beat;
use crate::proc::{descriptors, offspring};
use crate::turns::{PATIENCE, Turns};

/// How many there are, and how many are born at a tick.
const COUNT: usize = 60;
const BIRTHS: usize = 4;
/// The tokens; each child has its place.
const BEAT: Token = Token(COUNT);
const WAKER: Token = Token(COUNT + 1);
/// How often a tick comes, and how long each turn with events is busy.
const INTERVAL: Duration = Duration::from_millis(2);
const BUSY: Duration = Duration::from_millis(4);

/// The place of a child, and how it ended.
type Exit = (usize, ExitStatus);

/// A child, and what watches for its exit.
struct Watched {
    child: Child,
    exit: ChildExit,
}

/// A loop and the children that it started.
struct Loop {
    turns: Turns,
    beat: Beat,
    /// By place, those that are watched.
    watched: Vec<Option<Watched>>,
    /// Those that are not watched yet.
    unwatched: Vec<(usize, Child)>,
    /// For those that cannot be watched: a thread waits, and wakes the loop.
    waker: Arc<Waker>,
    threads: Vec<JoinHandle<()>>,
    exits: Receiver<Exit>,
    exits_to: Sender<Exit>,
    /// By place, how often its exit was seen.
    seen: Vec<u64>,
    account: Account,
}

/// What happened.
#[derive(Debug, Default)]
struct Account {
    spawned: u64,
    /// Exits that `Child::wait`, `reap` and a thread were told of.
    waited: u64,
    reaped: u64,
    threads: u64,
    /// Exits with another status than they had.
    wrong: u64,
    /// Events of children that had not exited.
    empty: u64,
    /// Events of children that were no longer watched.
    stale: u64,
    /// Children that could not be watched, and errors of that which do not say why.
    refused: u64,
    unnamed: u64,
    /// Children that the system knew of after the first were born.
    offspring: u64,
}

/// Does the job and says what happened.
pub(crate) fn run() -> io::Result<()> {
    let before = descriptors()?;
    let mut this = Loop::new()?;
    let begin = Instant::now();
    while this.seen.contains(&0) && begin.elapsed() < PATIENCE {
        this.turns.turn()?;
        this.heed()?;
    }
    this.turns.look()?;
    this.heed()?;
    let missing = this.seen.iter().filter(|count| **count == 0).count();
    let twice = this.seen.iter().filter(|count| **count > 1).count();
    let (turns, interrupted, ticks) = (this.turns.count, this.turns.interrupted, this.beat.ticks);
    let Account { spawned, waited, reaped, threads, wrong, empty, stale, refused, unnamed, offspring: first } =
        this.account;
    if missing == 0 {
        // Their part of the waker goes with them.
        this.threads.into_iter().for_each(|thread| thread.join().expect("it has sent its exit"));
    }
    drop((this.turns, this.beat, this.watched, this.waker));
    let (left, leaked) = (offspring()?, descriptors()?.abs_diff(before));
    println!(
        "final: turns={turns} interrupted={interrupted} ticks={ticks} spawned={spawned} waited={waited} \
         reaped={reaped} threads={threads} missing={missing} twice={twice} wrong={wrong} empty={empty} \
         stale={stale} refused={refused} unnamed={unnamed} offspring={first} left={left} leaked={leaked}"
    );
    Ok(())
}

impl Loop {
    fn new() -> io::Result<Self> {
        let turns = Turns::new()?;
        let registry = turns.poll.registry();
        let waker = Arc::new(Waker::new(registry, WAKER)?);
        let beat = Beat::start(registry, BEAT, INTERVAL)?;
        let (exits_to, exits) = mpsc::channel();
        Ok(Self {
            turns,
            beat,
            watched: Vec::new(),
            unwatched: Vec::new(),
            waker,
            threads: Vec::new(),
            exits,
            exits_to,
            seen: vec![0; COUNT],
            account: Account::default(),
        })
    }

    /// Does what the events ask for, and is busy then.
    fn heed(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let tokens: Vec<Token> = self.turns.events.iter().map(|event| event.token()).collect();
        for token in &tokens {
            match *token {
                BEAT => {
                    self.beat.take(now);
                    self.bear()?;
                }
                WAKER => {
                    while let Ok((place, status)) = self.exits.try_recv() {
                        self.account.threads += 1;
                        self.see(place, status);
                    }
                }
                Token(place) => self.bury(place)?,
            }
        }
        if !tokens.is_empty() {
            thread::sleep(BUSY);
        }
        // Most of these have exited by now.
        while let Some((place, child)) = self.unwatched.pop() {
            self.watch(place, child)?;
        }
        Ok(())
    }

    /// Starts some children, half of which are watched later.
    fn bear(&mut self) -> io::Result<()> {
        let first = self.watched.len();
        for place in first..COUNT.min(first + BIRTHS) {
            let child = Command::new("sh").args(["-c", &script(place)]).spawn()?;
            self.account.spawned += 1;
            self.watched.push(None);
            if place / 2 % 2 == 0 {
                self.watch(place, child)?;
            } else {
                self.unwatched.push((place, child));
            }
        }
        if first == 0 {
            self.account.offspring = offspring()?;
        }
        Ok(())
    }

    /// Watches for the exit of a child, or has a thread wait for it.
    fn watch(&mut self, place: usize, mut child: Child) -> io::Result<()> {
        match ChildExit::new(&child) {
            Ok(mut exit) => {
                self.turns.poll.registry().register(&mut exit, Token(place), Interest::READABLE)?;
                self.watched[place] = Some(Watched { child, exit });
            }
            Err(error) => {
                self.account.refused += 1;
                let (text, pid) = (error.to_string(), child.id().to_string());
                let is_named = ["pidfd", "Linux before 5.4", &pid].iter().all(|word| text.contains(*word));
                let is_well = is_named && error.kind() == ErrorKind::Unsupported;
                self.account.unnamed += u64::from(!is_well);
                let (waker, exits) = (Arc::clone(&self.waker), self.exits_to.clone());
                // Its advice.
                self.threads.push(thread::spawn(move || {
                    let status = child.wait().expect("a child that is waited for once");
                    exits.send((place, status)).expect("the loop is there");
                    waker.wake().expect("the loop is there");
                }));
            }
        }
        Ok(())
    }

    /// Waits for a child of which there was an event.
    fn bury(&mut self, place: usize) -> io::Result<()> {
        let Some(Watched { child, exit }) = &mut self.watched[place] else {
            self.account.stale += 1;
            return Ok(());
        };
        let status = if place % 2 == 0 { exit.reap()? } else { exit.try_wait()? };
        let Some(status) = status else {
            self.account.empty += 1;
            return Ok(());
        };
        if place % 2 == 0 {
            self.account.reaped += 1;
        } else {
            self.account.waited += 1;
            self.account.wrong += u64::from(child.wait()? != status);
        }
        self.turns.poll.registry().deregister(exit)?;
        self.watched[place] = None;
        self.see(place, status);
        Ok(())
    }

    fn see(&mut self, place: usize, status: ExitStatus) {
        self.seen[place] += 1;
        self.account.wrong += u64::from(status != expected(place));
    }
}

/// What a child does: it exits with its place, or is killed.
fn script(place: usize) -> String {
    if is_killed(place) { "kill -KILL $$".to_owned() } else { format!("exit {place}") }
}

/// How it ends, as wait(2) tells it.
fn expected(place: usize) -> ExitStatus {
    const SIGKILL: i32 = 9;
    ExitStatus::from_raw(if is_killed(place) { SIGKILL } else { (place as i32) << 8 })
}

fn is_killed(place: usize) -> bool {
    place % 10 == 7
}
