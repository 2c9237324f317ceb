//! A server on mio, or on what is called so: `bench/ferrio-poll` builds these
//! sources with the dependency renamed.

mod engine;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::server;

use crate::engine::{Mio, Tcp, Unix};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    server::main::<Mio<Tcp>, Mio<Unix>>()
}
