//! Servers on completion, for clients that number their lines: which driver they were given, what
//! they were told of failed calls, and an account of lines, operations, buffers and descriptors.

mod limits;
pub(crate) mod openings;
mod relay;

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::net::TcpListener;
use ferrio_poll::{Backend, Poll};
use ferrio_proactor::{Capabilities, Choice, Config, DriverKind, Proactor};

use crate::completion::relay::{Job, Relay};
use crate::proc::descriptors;
use crate::turns::PATIENCE;

/// How often a driver is asked for that could not be made for want of something.
const ATTEMPTS: u64 = 20;
/// After how long it is asked for again.
const REST: Duration = Duration::from_millis(1);
/// Few, so that a turn often has more entries than the ring has places, and that receivers
/// starve.
const ENTRIES: u32 = 8;
const BUFFERS: u16 = 16;

/// Serves until SIGTERM. `arguments` are the driver, the job, and what the system denies.
pub(crate) fn serve(arguments: &[&str]) -> io::Result<()> {
    let [driver, job, limits @ ..] = arguments else { return Err(unknown("serve")) };
    let (choice, job) = (choice(driver)?, Job::of(job).ok_or_else(|| unknown(job))?);
    limits::impose(limits)?;
    let before = descriptors()?;
    let (mut proactor, capabilities, told) = open(choice)?;
    let listener = TcpListener::bind_to("127.0.0.1:0")?;
    println!("{}", capabilities.to_string().lines().next().unwrap_or_default());
    println!("listening on {}", listener.local_addr()?);
    let listener = proactor.attach(listener);
    let mut relay = Relay::new(proactor, listener, job)?;
    relay.serve()?;
    relay.drain(Instant::now() + PATIENCE)?;

    let stats = relay.proactor.stats();
    let account = relay.end();
    let leaked = descriptors()?.abs_diff(before);
    let ring = u64::from(capabilities.driver() == DriverKind::Ring);
    let explained = u64::from(capabilities.reason().is_some_and(|reason| !reason.is_empty()));
    println!(
        "final: {account} submitted={} completed={} held={} handles={} ring={ring} explained={explained} \
         told={told} leaked={leaked}",
        stats.submitted,
        stats.completed,
        BUFFERS - stats.buffers_free,
        stats.handles
    );
    Ok(())
}

/// A proactor on the backend that the environment names, and how often there was an error first.
/// After one there is no limit of memory any more.
fn open(driver: Choice) -> io::Result<(Proactor, Capabilities, u64)> {
    let poll = Poll::builder().backend(Backend::from_env()?).build()?;
    let config = Config { driver, entries: ENTRIES, buffers: BUFFERS, ..Config::default() };
    let mut proactor = Proactor::new(poll, config)?;
    let mut told = 0;
    loop {
        match proactor.capabilities() {
            Ok(capabilities) => return Ok((proactor, capabilities, told)),
            Err(error) if told == ATTEMPTS => return Err(error),
            Err(_) => told += 1,
        }
        limits::lift()?;
        thread::sleep(REST);
    }
}

fn choice(name: &str) -> io::Result<Choice> {
    match name {
        "auto" => Ok(Choice::Auto),
        "ring" => Ok(Choice::Ring),
        "readiness" => Ok(Choice::Readiness),
        _ => Err(unknown(name)),
    }
}

fn unknown(word: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("`{word}` is no such argument, or lacks one"))
}
