//! The loops without a client, as far as tokio has a counterpart.
#![allow(unsafe_code, reason = "AsyncFd cannot know that the descriptor outlives it")]

use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread;

use bench_kit::control::Meter;
use bench_kit::machine;
use bench_kit::micro::{SOURCES, WAKES};
use bench_kit::options::Options;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

use crate::runtime;

/// Runs the loop that `options` names; false if there is none of that name.
pub(crate) fn run(options: &Options) -> io::Result<bool> {
    match options.job.as_str() {
        "register" => register(options.rounds)?,
        "wake_redundant" => wake_redundant(options.rounds)?,
        "wake_sleeping" => wake_sleeping(options)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Registers all sources, then takes all out, and so on. The driver turns once a
/// round: it is there that tokio frees what was taken out.
fn register(rounds: u64) -> io::Result<()> {
    let runtime = runtime()?;
    let _inside = runtime.enter();
    let sources = machine::within_descriptor_limit(SOURCES, 2)?;
    let streams = connect(sources)?;
    let mut registered = Vec::with_capacity(sources);
    let mut round = || -> io::Result<()> {
        for (stream, _client) in &streams {
            // SAFETY: the streams stay open and in place as long as their registrations.
            let fd = unsafe { AsyncFd::register_with_interest(stream.as_fd(), Interest::READABLE) };
            registered.push(fd.map_err(|error| error.into_parts().1)?);
        }
        registered.clear();
        runtime.block_on(tokio::task::yield_now());
        Ok(())
    };
    round()?;
    let meter = Meter::start()?;
    for _ in 0..rounds {
        round()?;
    }
    meter.stop(rounds * sources as u64)
}

/// Gives tasks from outside to a runtime that is not asleep: each wakes its driver.
/// The cost of the task is part of it.
fn wake_redundant(rounds: u64) -> io::Result<()> {
    let runtime = runtime()?;
    let round = || {
        for _ in 0..WAKES {
            drop(runtime.spawn(async {}));
        }
        runtime.block_on(tokio::task::yield_now());
    };
    round();
    let meter = Meter::start()?;
    for _ in 0..rounds {
        round();
    }
    meter.stop(rounds * WAKES)?;
    // What is given to it last is done, after all that was given to it before.
    runtime.block_on(runtime.spawn(async {})).map_err(io::Error::other)
}

/// Two runtimes on two threads wake each other in turn.
fn wake_sleeping(options: &Options) -> io::Result<()> {
    let (rounds, core, pause) = (options.rounds, options.cores.1, options.pause);
    let (here, there) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (to_wake, own) = (Arc::clone(&here), Arc::clone(&there));
    let other = thread::spawn(move || -> io::Result<()> {
        machine::pin(core)?;
        runtime()?.block_on(async {
            for _ in 0..=rounds {
                own.notified().await;
                machine::pause(pause);
                to_wake.notify_one();
            }
        });
        Ok(())
    });
    runtime()?.block_on(async {
        let round = async || {
            machine::pause(pause);
            there.notify_one();
            here.notified().await;
        };
        round().await;
        let meter = Meter::start()?;
        for _ in 0..rounds {
            round().await;
        }
        meter.stop(rounds * 2)
    })?;
    other.join().expect("the other thread does not panic")
}

/// `count` connections of the loopback.
fn connect(count: usize) -> io::Result<Vec<(TcpStream, TcpStream)>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let mut connections = Vec::new();
    for _ in 0..count {
        let client = TcpStream::connect(address)?;
        let (server, _) = listener.accept()?;
        server.set_nonblocking(true)?;
        connections.push((server, client));
    }
    Ok(connections)
}
