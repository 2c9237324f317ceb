//! A server on Ferrio, by the same sources as the one on mio, and what mio has not.

// The engine calls its dependency by the name of the original.
extern crate mio as ferrio_poll;

mod datagrams;
mod drains;
#[path = "../../mio/src/engine.rs"]
mod engine;
mod statistics;
mod timers;
mod user;
#[path = "../../mio/src/waits.rs"]
mod waits;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;
use bench_kit::server;

use crate::engine::{Mio, Tcp, Unix};
use crate::user::Sources;
use crate::waits::Loop;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    let options = Options::of_process()?;
    if timers::run(&options)? || statistics::run(&options)? {
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
