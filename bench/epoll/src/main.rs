//! A server on epoll.

mod engine;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::family::{Tcp, Unix};
use bench_kit::options::Options;
use bench_kit::server;

use crate::engine::Epoll;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    server::main::<Epoll<Tcp>, Epoll<Unix>>(&Options::of_process()?)
}
