//! The loop of a server that accepts bursts of short connections.
//!
//! The clients are in the same process, so that the length of a burst does not depend on
//! who runs when. Only what the server does to accept them counts.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;

use crate::control::Meter;
use crate::family;
use crate::options::Options;

/// How many clients connect at once, one burst after the other: a lone one, and more than
/// a server may want to take in one turn.
const BURSTS: [usize; 5] = [1, 4, 16, 64, 128];
/// When a connection that should be there is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A readiness layer with a listener in it, and the accept loop of a subject.
pub trait Accepts: Sized {
    /// What is accepted.
    type Stream: Read + Write;

    /// Watches a non-blocking listener.
    fn new(listener: TcpListener) -> io::Result<Self>;
    /// Polls once, without waiting, and accepts what its events tell of.
    fn turn(&mut self, accepted: &mut Vec<Self::Stream>) -> io::Result<()>;
}

/// Runs the loop, if `options` name it; false if not.
pub fn run<A: Accepts>(options: &Options) -> io::Result<bool> {
    if options.job != "accept" {
        return Ok(false);
    }
    let (listener, address) = family::tcp()?;
    let mut server = Server { accepts: A::new(listener)?, address, next: 0 };
    let mut streams = Vec::new();
    let mut round = |meter: &mut Meter| {
        BURSTS.into_iter().try_for_each(|clients| server.burst(clients, &mut streams, meter))
    };
    round(&mut Meter::discarded())?;
    let mut meter = Meter::paused()?;
    for _ in 0..options.rounds {
        round(&mut meter)?;
    }
    meter.stop(options.rounds * BURSTS.into_iter().sum::<usize>() as u64)?;
    Ok(true)
}

/// The accept loop, and what its clients need.
struct Server<A> {
    accepts: A,
    address: String,
    /// The number of the next client.
    next: u64,
}

impl<A: Accepts> Server<A> {
    /// Connects `count` clients, accepts them, and checks that each of them was heard.
    fn burst(&mut self, count: usize, streams: &mut Vec<A::Stream>, meter: &mut Meter) -> io::Result<()> {
        let first = self.next;
        let mut clients = Vec::with_capacity(count);
        for _ in 0..count {
            clients.push(connect(&self.address, self.next)?);
            self.next += 1;
        }
        meter.resume();
        accept_all(&mut self.accepts, count, streams)?;
        // A program would fall asleep in this one.
        self.accepts.turn(streams)?;
        meter.pause();
        answer_all(streams, first, count)?;
        for (client, number) in clients.iter_mut().zip(first..) {
            let mut answer = [0; size_of::<u64>()];
            client.read_exact(&mut answer)?;
            if u64::from_le_bytes(answer) != number {
                return Err(io::Error::other(format!("client {number} got the answer of another one")));
            }
        }
        Ok(())
    }
}

/// A client that has said its number. When it is closed, no port waits for late packets:
/// there are not enough of them.
fn connect(address: &str, number: u64) -> io::Result<TcpStream> {
    let mut client = TcpStream::connect(address)?;
    set_socket_linger(&client, Some(Duration::ZERO))?;
    client.write_all(&number.to_le_bytes())?;
    Ok(client)
}

/// Lets the loop turn until `count` connections are there.
fn accept_all<A: Accepts>(accepts: &mut A, count: usize, streams: &mut Vec<A::Stream>) -> io::Result<()> {
    // The clock is read only if they are late.
    let mut start = None;
    while streams.len() < count {
        let before = streams.len();
        accepts.turn(streams)?;
        let mut is_late = || start.get_or_insert_with(Instant::now).elapsed() > PATIENCE;
        if streams.len() == before && is_late() {
            return Err(io::Error::other(format!("{before} connections came instead of {count}")));
        }
    }
    Ok(())
}

/// Reads the number of each client, sends it back, and closes the connection. Each of
/// `count` numbers from `first` on has to come once.
fn answer_all<S: Read + Write>(streams: &mut Vec<S>, first: u64, count: usize) -> io::Result<()> {
    let mut is_there = vec![false; count];
    for mut stream in streams.drain(..) {
        let number = read_number(&mut stream)?;
        let place = number.checked_sub(first).and_then(|at| is_there.get_mut(at as usize));
        if place.is_none_or(|is_there| std::mem::replace(is_there, true)) {
            return Err(io::Error::other(format!("connection {number} came twice, or out of its burst")));
        }
        stream.write_all(&number.to_le_bytes())?;
    }
    match is_there.iter().position(|is_there| !is_there) {
        None => Ok(()),
        Some(at) => Err(io::Error::other(format!("connection {} did not come", first + at as u64))),
    }
}

/// Reads a number from a non-blocking stream.
fn read_number(stream: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; size_of::<u64>()];
    let start = Instant::now();
    loop {
        match stream.read(&mut bytes) {
            Ok(length) if length == bytes.len() => return Ok(u64::from_le_bytes(bytes)),
            Ok(length) => return Err(io::Error::other(format!("{length} bytes instead of a number"))),
            Err(error) if error.kind() == ErrorKind::WouldBlock && start.elapsed() < PATIENCE => {
                thread::yield_now();
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::io::Cursor;

    use super::{BURSTS, answer_all};

    /// Connections of these numbers, each with room for its answer.
    fn streams(numbers: &[u64]) -> Vec<Cursor<Vec<u8>>> {
        numbers.iter().map(|number| Cursor::new(number.to_le_bytes().to_vec())).collect()
    }

    fn answer(numbers: &[u64]) -> io::Result<()> {
        answer_all(&mut streams(numbers), 7, 3)
    }

    #[test]
    fn connections_that_are_lost_or_doubled_are_found_out() {
        answer(&[7, 9, 8]).expect("each once");
        for numbers in [&[7, 8][..], &[7, 8, 8], &[7, 8, 10], &[6, 7, 8]] {
            assert!(answer(numbers).is_err(), "{numbers:?}");
        }
    }

    #[test]
    fn bursts_are_longer_than_a_turn_of_an_acceptor() {
        assert!(BURSTS.into_iter().any(|clients| clients > 64));
    }
}
