//! A server on tokio, a task per connection, in a runtime of one thread.
//! `bench/tokio-on-ferrio` builds these sources with Ferrio under tokio.

mod micro;
mod server;
mod timers;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;
use bench_kit::server::Relay;
use tokio::runtime::{Builder, Runtime};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    let options = Options::of_process()?;
    if micro::run(&options)? || timers::run(&options)? {
        return Ok(());
    }
    let relay = Relay::parse(&options.job)?;
    runtime()?.block_on(server::run(options.unix.as_deref(), relay))
}

/// A runtime of one thread.
fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_io().build()
}
