//! Datagrams by quinn-udp.

mod datagrams;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;

use crate::datagrams::Sockets;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    let options = Options::of_process()?;
    if bench_kit::datagrams::run(&options, Sockets::new)? {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("no job `{}`", options.job)))
}
