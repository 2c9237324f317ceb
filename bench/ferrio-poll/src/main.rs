//! A server on Ferrio, by the same sources as the one on mio, and what mio has not.

// The engine calls its dependency by the name of the original.
extern crate mio as ferrio_poll;

mod acceptor;
#[path = "../../mio/src/accepts.rs"]
mod accepts;
mod datagrams;
mod drains;
#[path = "../../mio/src/engine.rs"]
mod engine;
mod proxy;
mod statistics;
mod timers;
mod user;
#[path = "../../mio/src/waits.rs"]
mod waits;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;
use bench_kit::server;
use ferrio_poll::net::splice::Splice;

use crate::acceptor::Accepting;
use crate::accepts::AcceptLoop;
use crate::engine::{Mio, Tcp, Unix};
use crate::proxy::{Copying, Pairs};
use crate::user::Sources;
use crate::waits::Loop;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The variant that accepts by hand.
const ACCEPTS_BY_HAND: &str = "loop";
/// The variant whose proxy reads and writes.
const COPIES: &str = "copy";

fn main() -> io::Result<()> {
    let options = Options::of_process()?;
    if timers::run(&options)? || statistics::run(&options)? {
        return Ok(());
    }
    if accept(&options)? || relay(&options)? {
        return Ok(());
    }
    if bench_kit::datagrams::run(&options, datagrams::Sockets::new)? {
        return Ok(());
    }
    if bench_kit::user::run(&options, Sources::new)? || bench_kit::waits::run::<Loop>(&options)? {
        return Ok(());
    }
    server::main::<Mio<Tcp>, Mio<Unix>>(&options)
}

/// Runs the accept loop, if `options` name it; false if not.
fn accept(options: &Options) -> io::Result<bool> {
    match options.variant.as_str() {
        ACCEPTS_BY_HAND => bench_kit::accepts::run::<AcceptLoop>(options),
        _ => bench_kit::accepts::run::<Accepting>(options),
    }
}

/// Runs the proxy, if `options` name it; false if not.
fn relay(options: &Options) -> io::Result<bool> {
    match options.variant.as_str() {
        COPIES => bench_kit::proxy::run::<Pairs<Copying>>(options),
        _ => bench_kit::proxy::run::<Pairs<Splice>>(options),
    }
}
