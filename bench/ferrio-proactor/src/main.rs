//! A server on Ferrio's completion, by a ring or by readiness.

mod server;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    server::main(&Options::of_process()?)
}
