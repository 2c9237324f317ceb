//! A server on monoio, a task per connection, in a runtime as its builder makes it.

mod server;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;
use bench_kit::server::Relay;
use monoio::{IoUringDriver, RuntimeBuilder};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The entries of its ring: enough for all clients of a case.
const ENTRIES: u32 = 4096;

fn main() -> io::Result<()> {
    let relay = Relay::parse(&Options::of_process()?.job)?;
    let mut runtime = RuntimeBuilder::<IoUringDriver>::new().with_entries(ENTRIES).build()?;
    runtime.block_on(server::run(relay))
}
