//! A server on compio, a task per connection, in a runtime as its builder makes it.

mod server;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;
use bench_kit::server::Relay;
use compio::driver::ProactorBuilder;
use compio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The entries of its ring: enough for all clients of a case.
const ENTRIES: u32 = 4096;

fn main() -> io::Result<()> {
    let relay = Relay::parse(&Options::of_process()?.job)?;
    let mut proactor = ProactorBuilder::new();
    proactor.capacity(ENTRIES);
    let runtime = Runtime::builder().with_proactor(proactor).build()?;
    if !runtime.driver_type().is_iouring() {
        return Err(io::Error::other("compio does without io_uring here"));
    }
    runtime.block_on(server::run(relay))
}
