//! The loops of a program that tells its own loop something while that is awake.

use std::io;

use crate::micro::{WAKES, measure};
use crate::options::Options;

/// How many messages there are to a poll.
const MESSAGES: u64 = 64;

/// A readiness layer with something that a program makes ready itself.
pub trait User {
    /// Tells the loop that there is something, while it may know already.
    fn tell(&mut self) -> io::Result<()>;
    /// The same, after what there was is taken.
    fn tell_anew(&mut self) -> io::Result<()>;
    /// Sends a message.
    fn send(&mut self, message: u64) -> io::Result<()>;
    /// Takes a message; none if there is none left.
    fn receive(&mut self) -> io::Result<Option<u64>>;
    /// Polls without waiting, and says how many events there were.
    fn poll(&mut self) -> io::Result<usize>;
}

/// Runs the loop that `options` name; false if there is none of that name.
pub fn run<U: User>(options: &Options, new: impl FnOnce() -> io::Result<U>) -> io::Result<bool> {
    let tell = match options.job.as_str() {
        "user_event_awake" => U::tell,
        "user_event_taken" => U::tell_anew,
        "channel_awake" => {
            channel(new()?, options.rounds)?;
            return Ok(true);
        }
        _ => return Ok(false),
    };
    events(new()?, tell, options.rounds)?;
    Ok(true)
}

/// Tells a loop that is awake something, again and again, until it looks.
fn events<U: User>(mut user: U, tell: fn(&mut U) -> io::Result<()>, rounds: u64) -> io::Result<()> {
    measure(rounds, WAKES, || {
        for _ in 0..WAKES {
            tell(&mut user)?;
        }
        match user.poll()? {
            1 => Ok(()),
            count => Err(io::Error::other(format!("{count} events instead of one"))),
        }
    })
}

/// Sends some messages, polls, and takes them.
fn channel<U: User>(mut user: U, rounds: u64) -> io::Result<()> {
    let mut number = 0;
    measure(rounds, MESSAGES, || {
        let first = number;
        for _ in 0..MESSAGES {
            user.send(number)?;
            number += 1;
        }
        if user.poll()? == 0 {
            return Err(io::Error::other("messages came without an event"));
        }
        for expected in first..number {
            if user.receive()? != Some(expected) {
                return Err(io::Error::other(format!("message {expected} did not come in its turn")));
            }
        }
        match user.receive()? {
            None => Ok(()),
            Some(message) => Err(io::Error::other(format!("message {message} came twice"))),
        }
    })
}
