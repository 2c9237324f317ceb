//! The threads.

use std::io;
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use ferrio::Token;
use ferrio::user::{self, Sender};

/// Something to be done for a connection.
pub(crate) struct Job {
    pub(crate) connection: Token,
    /// Which of the connection's lines it is.
    pub(crate) number: u64,
    pub(crate) line: Vec<u8>,
}

/// What has become of it.
pub(crate) struct Done {
    pub(crate) connection: Token,
    pub(crate) number: u64,
    pub(crate) answer: Vec<u8>,
}

/// A bounded channel to the threads. The results come back by a channel that is a source: the
/// loop hears of them as it hears of sockets.
pub(crate) struct Pool {
    jobs: SyncSender<Job>,
}

impl Pool {
    /// Starts the threads. They end when the pool is dropped.
    pub(crate) fn start(threads: usize, queue: usize) -> io::Result<(Pool, user::Receiver<Done>)> {
        let (jobs, waiting) = mpsc::sync_channel(queue);
        let waiting = Arc::new(Mutex::new(waiting));
        // It needs no bound: there are at most as many results as jobs.
        let (results, done) = user::channel();
        for number in 0..threads {
            let (waiting, results) = (Arc::clone(&waiting), results.clone());
            let thread = thread::Builder::new().name(format!("worker {number}"));
            thread.spawn(move || work(&waiting, &results))?;
        }
        Ok((Pool { jobs }, done))
    }

    /// Hands a job over; gives it back if the queue is full.
    pub(crate) fn submit(&self, job: Job) -> Result<(), Job> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(job) | TrySendError::Disconnected(job) => job,
        })
    }
}

fn work(waiting: &Mutex<Receiver<Job>>, results: &Sender<Done>) {
    loop {
        // The lock is held while this thread waits, and free while it works.
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { connection, number, line }) = job else { return };
        if results.send(Done { connection, number, answer: answer(&line) }).is_err() {
            return;
        }
    }
}

/// What takes so long that the loop must not do it.
fn answer(line: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(line);
    let text = match text.trim().parse::<u32>() {
        Ok(limit) if limit <= LIMIT_MAX => format!("{} primes below {limit}\n", primes_below(limit)),
        Ok(_) => format!("error: give a number up to {LIMIT_MAX}\n"),
        Err(error) => format!("error: {error}\n"),
    };
    text.into_bytes()
}

fn primes_below(limit: u32) -> usize {
    let is_prime = |number: &u32| (2..).take_while(|n| n * n <= *number).all(|n| number % n != 0);
    (2..limit).filter(is_prime).count()
}

/// So that no job takes for ever.
const LIMIT_MAX: u32 = 10_000_000;
