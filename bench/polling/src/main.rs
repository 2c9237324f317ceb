//! A server on polling.

mod engine;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::family::{Tcp, Unix};
use bench_kit::options::Options;
use bench_kit::server;

use crate::engine::Polling;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    server::main::<Polling<Tcp>, Polling<Unix>>(&Options::of_process()?)
}
