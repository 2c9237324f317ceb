//! The loops that need no client: registration, wakes, polls.

use std::hint::black_box;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::control::Meter;
use crate::engine::{Engine, WAKER, wait};
use crate::family;
use crate::machine;
use crate::options::Options;

/// How many sources the registration loop has.
pub const SOURCES: usize = 1000;
/// How many wakes go to a loop before it looks.
pub const WAKES: u64 = 1000;
/// How many sources are ready in a poll that finds events.
pub const READY: usize = 64;
/// When a connection or a wake that should be there is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs the loop that `options` names; false if there is none of that name.
pub fn run<E: Engine>(options: &Options) -> io::Result<bool> {
    match options.job.as_str() {
        "register" => register::<E>(options.rounds)?,
        "wake_redundant" => wake_redundant::<E>(options.rounds)?,
        "wake_sleeping" => wake_sleeping::<E>(options)?,
        "statistics" => statistics::<E>(options.rounds)?,
        "poll_empty" => poll_empty::<E>(options.rounds, false)?,
        "poll_empty_waker" => poll_empty::<E>(options.rounds, true)?,
        "poll_events" => poll_events::<E>(options.rounds, false)?,
        "poll_events_waker" => poll_events::<E>(options.rounds, true)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Measures `rounds` rounds of so many `requests` each, after one that does not count.
pub fn measure(rounds: u64, requests: u64, mut round: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    round()?;
    let meter = Meter::start()?;
    for _ in 0..rounds {
        round()?;
    }
    meter.stop(rounds * requests)
}

/// Registers all sources, then takes all out, and so on.
fn register<E: Engine>(rounds: u64) -> io::Result<()> {
    let (mut engine, _events) = E::new(16)?;
    // A stream and its other end.
    let sources = machine::within_descriptor_limit(SOURCES, 2)?;
    let (mut streams, _clients) = connect::<E>(&mut engine, sources)?;
    measure(rounds, sources as u64, || {
        for (key, stream) in streams.iter_mut().enumerate() {
            engine.add(stream, key)?;
        }
        streams.iter_mut().try_for_each(|stream| engine.remove(stream))
    })
}

/// Wakes a loop that is awake: all wakes but the first are redundant.
fn wake_redundant<E: Engine>(rounds: u64) -> io::Result<()> {
    let (mut engine, mut events) = E::new(16)?;
    let waker = engine.waker()?;
    let mut seen = 0;
    measure(rounds, WAKES, || {
        for _ in 0..WAKES {
            E::wake(&waker)?;
        }
        wait(&mut engine, &mut events, Some(Duration::ZERO))?;
        seen += wakes::<E>(&events);
        Ok(())
    })?;
    let expected = if E::WAKE_HAS_EVENT { rounds + 1 } else { 0 };
    if seen != expected {
        return Err(io::Error::other(format!("{seen} rounds of wakes came instead of {expected}")));
    }
    ends_a_wait(&mut engine, &mut events, &waker)
}

/// How many events a wake has left.
fn wakes<E: Engine>(events: &E::Events) -> u64 {
    E::ready(events).filter(|ready| ready.key == WAKER).count() as u64
}

/// Checks that a wake, after all that were redundant, still ends a wait.
fn ends_a_wait<E: Engine>(engine: &mut E, events: &mut E::Events, waker: &E::Waker) -> io::Result<()> {
    let start = Instant::now();
    E::wake(waker)?;
    wait(engine, events, Some(PATIENCE))?;
    if start.elapsed() >= PATIENCE {
        return Err(io::Error::other("the last wake did not come"));
    }
    Ok(())
}

/// Two threads wake each other in turn, so that each wake finds a sleeper.
fn wake_sleeping<E: Engine>(options: &Options) -> io::Result<()> {
    let (mut engine, mut events) = E::new(16)?;
    let waker = engine.waker()?;
    // One round before the measured ones.
    let (rounds, core, pause) = (options.rounds, options.cores.1, options.pause);
    let (send, receive) = std::sync::mpsc::channel();
    let other = thread::spawn(move || -> io::Result<E::Waker> {
        machine::pin(core)?;
        let (mut engine, mut events) = E::new(16)?;
        send.send(engine.waker()?).map_err(io::Error::other)?;
        for _ in 0..=rounds {
            wait(&mut engine, &mut events, None)?;
            machine::pause(pause);
            E::wake(&waker)?;
        }
        // Closed now, mio's waker could take its last wake with it.
        Ok(waker)
    });
    let Ok(waker) = receive.recv() else {
        // It failed before it had one, and says why.
        return other.join().expect("the other thread does not panic").map(drop);
    };
    measure(rounds, 2, || {
        machine::pause(pause);
        E::wake(&waker)?;
        wait(&mut engine, &mut events, None)
    })?;
    other.join().expect("the other thread does not panic")?;
    Ok(())
}

/// Polls a loop in which nothing happens, with whatever it counts meanwhile.
fn statistics<E: Engine>(rounds: u64) -> io::Result<()> {
    let (mut engine, mut events) = E::new(READY)?;
    measure(rounds, 1, || engine.wait(&mut events, Some(Duration::ZERO)))
}

/// Polls a loop in which nothing happens, for valgrind. With a waker it can be woken,
/// as most loops can; nobody does it.
fn poll_empty<E: Engine>(rounds: u64, has_waker: bool) -> io::Result<()> {
    let (mut engine, mut events) = E::new(READY)?;
    let _waker = has_waker.then(|| engine.waker()).transpose()?;
    let _connected = connect::<E>(&mut engine, 1)?;
    let meter = Meter::start()?;
    for _ in 0..rounds {
        measured_poll(&mut engine, &mut events)?;
    }
    meter.stop(rounds)
}

/// Polls a loop in which all sources are ready, but not the waker, if it has one.
fn poll_events<E: Engine>(rounds: u64, has_waker: bool) -> io::Result<()> {
    let (mut engine, mut events) = E::new(READY)?;
    let _waker = has_waker.then(|| engine.waker()).transpose()?;
    let (mut streams, mut clients) = connect::<E>(&mut engine, READY)?;
    for (key, stream) in streams.iter_mut().enumerate() {
        engine.add(stream, key)?;
    }
    let mut seen = 0;
    let meter = Meter::start()?;
    for _ in 0..rounds {
        clients.iter_mut().try_for_each(|client| client.write_all(b"x"))?;
        seen += measured_poll(&mut engine, &mut events)?;
        for stream in &mut streams {
            stream.read_exact(&mut [0])?;
        }
    }
    let expected = rounds * READY as u64;
    if seen != expected {
        return Err(io::Error::other(format!("{seen} events instead of {expected}")));
    }
    meter.stop(seen)
}

/// One poll and a look at each event. Valgrind counts what happens in here, and
/// finds it by this name.
#[inline(never)]
fn measured_poll<E: Engine>(engine: &mut E, events: &mut E::Events) -> io::Result<u64> {
    engine.wait(events, Some(Duration::ZERO))?;
    let mut count = 0;
    for ready in E::ready(events) {
        black_box(ready.key);
        count += 1;
    }
    Ok(count)
}

/// `count` streams, not registered, and their other ends.
fn connect<E: Engine>(engine: &mut E, count: usize) -> io::Result<(Vec<E::Stream>, Vec<TcpStream>)> {
    let (listener, address) = family::tcp()?;
    let listener = engine.listen(listener.into())?;
    let (mut streams, mut clients) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let client = TcpStream::connect(&address)?;
        client.set_nodelay(true)?;
        clients.push(client);
        let start = Instant::now();
        streams.push(loop {
            match E::accept(&listener) {
                Err(error) if error.kind() == ErrorKind::WouldBlock && start.elapsed() < PATIENCE => {
                    thread::yield_now();
                }
                result => break result?,
            }
        });
    }
    Ok((streams, clients))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::TcpStream;
    use std::os::fd::OwnedFd;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use super::wake_redundant;
    use crate::engine::{Engine, Ready, WAKER};

    /// An engine that has nothing but a waker, and loses it if it is `DEAF`.
    struct Waking<const DEAF: bool>(Arc<AtomicBool>);

    impl<const DEAF: bool> Engine for Waking<DEAF> {
        type Listener = ();
        type Stream = TcpStream;
        type Events = Vec<usize>;
        type Waker = Arc<AtomicBool>;

        fn new(_capacity: usize) -> io::Result<(Self, Vec<usize>)> {
            Ok((Self(Arc::default()), Vec::new()))
        }

        fn listen(&mut self, _listener: OwnedFd) -> io::Result<()> {
            Ok(())
        }

        fn accept(_listener: &()) -> io::Result<TcpStream> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn again(&mut self, _listener: &mut ()) -> io::Result<()> {
            Ok(())
        }

        fn add(&mut self, _stream: &mut TcpStream, _key: usize) -> io::Result<()> {
            Ok(())
        }

        fn settle(&mut self, _: &mut TcpStream, _: usize, _had: bool, _wants: bool) -> io::Result<()> {
            Ok(())
        }

        fn remove(&mut self, _stream: &mut TcpStream) -> io::Result<()> {
            Ok(())
        }

        fn wait(&mut self, events: &mut Vec<usize>, _timeout: Option<Duration>) -> io::Result<()> {
            let is_woken = self.0.swap(false, Ordering::Relaxed) && !DEAF;
            *events = is_woken.then_some(WAKER).into_iter().collect();
            Ok(())
        }

        fn ready(events: &Vec<usize>) -> impl Iterator<Item = Ready> + '_ {
            events.iter().map(|&key| Ready { key, is_closing: false })
        }

        fn waker(&mut self) -> io::Result<Arc<AtomicBool>> {
            Ok(Arc::clone(&self.0))
        }

        fn wake(waker: &Arc<AtomicBool>) -> io::Result<()> {
            waker.store(true, Ordering::Relaxed);
            Ok(())
        }
    }

    #[test]
    fn an_engine_that_loses_wakes_is_found_out() {
        wake_redundant::<Waking<false>>(3).expect("one event in each round");
        let error = wake_redundant::<Waking<true>>(3).expect_err("none");
        assert_eq!(error.to_string(), "0 rounds of wakes came instead of 4");
    }
}
