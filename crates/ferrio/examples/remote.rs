//! Other threads that submit operations, wake the loop and cancel.
//!
//! `cargo run --example remote --features proactor`. A proactor belongs to its thread. A `Remote`
//! is what others have: it may be cloned and sent, and what it is asked for is done in the thread
//! of the proactor, which it wakes.

use std::error::Error;
use std::io::Read;
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use ferrio::proactor::{Completions, Kind, Remote, is_cancelled, op};
use ferrio::{Events, Poll, Token};

#[path = "completion/driver.rs"]
mod driver;
#[path = "completion/pair.rs"]
mod pair;

use driver::{Driver, wait};
use pair::pair;

/// Threads that ask a proactor for operations.
#[derive(Parser)]
struct Options {
    /// What does the operations.
    #[arg(long, value_enum, default_value = "auto")]
    driver: Driver,
}

const RECEIVE: Token = Token(0);
const SEND: Token = Token(1);
const FINISHED: Token = Token(2);

const THREADS: usize = 4;
const LINES: usize = 100;

pub(crate) fn main() -> ExitCode {
    match run(Options::parse().driver) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("remote: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(driver: Driver) -> Result<(), Box<dyn Error>> {
    let mut proactor = driver.proactor(Poll::new()?)?;
    let mut events = Events::with_capacity(16);
    let mut completions = Completions::with_capacity(64);
    let (stream, mut peer) = pair()?;
    let handle = proactor.attach(stream);
    proactor.submit(RECEIVE, op::RecvMany { handle })?;
    let remote = proactor.remote()?;
    let mut threads = Vec::new();
    for number in 0..THREADS {
        let remote = remote.clone();
        threads.push(thread::spawn(move || -> std::io::Result<()> {
            for line in 0..LINES {
                let text = format!("line {line} of thread {number}\n");
                remote.submit(SEND, op::Send::new(handle, text))?;
            }
            // Behind the sends: what one thread asks for is done in the order of its calls.
            remote.wake(FINISHED)
        }));
    }
    let reader = thread::spawn(move || {
        let mut text = String::new();
        peer.read_to_string(&mut text).map(|_| text)
    });

    let (mut sent, mut finished, mut is_cancelled_by_remote) = (0, 0, false);
    while sent < THREADS * LINES || !is_cancelled_by_remote {
        wait(&mut proactor, &mut events, &mut completions, None)?;
        while let Some(completion) = completions.next() {
            match completion.kind {
                Kind::Done(mut done) => {
                    if let Some((result, _)) = done.take::<op::Send<String>>() {
                        result?;
                        sent += 1;
                    }
                }
                Kind::Woken => {
                    finished += 1;
                    if finished == THREADS {
                        cancel(remote.clone());
                    }
                }
                Kind::Ended(Err(error)) if is_cancelled(&error) => is_cancelled_by_remote = true,
                Kind::Ended(result) => return Err(format!("an end: {result:?}").into()),
                _ => {}
            }
        }
    }
    for thread in threads {
        thread.join().map_err(|_| "a thread panicked")??;
    }
    proactor.close(handle);
    let text = reader.join().map_err(|_| "the reader panicked")??;
    println!("{} lines of {THREADS} threads", text.lines().count());
    println!("{finished} threads have finished, and the receive was cancelled by another");
    drop(proactor);
    let error = remote.wake(FINISHED).err().ok_or("a wake of nobody")?;
    println!("afterwards: {error}");
    Ok(())
}

/// From a thread of its own, as anything else might.
fn cancel(remote: Remote) {
    thread::spawn(move || remote.cancel_token(RECEIVE));
}
