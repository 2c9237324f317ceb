//! A server on mio.

mod accepts;
mod drains;
mod engine;
mod user;
mod waits;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;
use bench_kit::server;

use crate::accepts::AcceptLoop;
use crate::engine::{Mio, Tcp, Unix};
use crate::user::Wakes;
use crate::waits::Loop;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    let options = Options::of_process()?;
    if bench_kit::user::run(&options, Wakes::new)? || bench_kit::waits::run::<Loop>(&options)? {
        return Ok(());
    }
    if bench_kit::accepts::run::<AcceptLoop>(&options)? {
        return Ok(());
    }
    server::main::<Mio<Tcp>, Mio<Unix>>(&options)
}
