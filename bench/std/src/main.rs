//! Timers in ordered collections, as programs keep them that have no wheel, and datagrams by a call
//! for each.

mod binary_heap;
mod btree_map;
mod send_recv;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;
use bench_kit::timers::{run_cancel, run_expire, run_memory};

use crate::binary_heap::Heap;
use crate::btree_map::Map;
use crate::send_recv::Sockets;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    let options = Options::of_process()?;
    let has_run = match options.variant.as_str() {
        "btreemap" => run_cancel(&options, Map::new)? || run_memory(&options, Map::new)?,
        "binary_heap" => run_expire(&options, Heap::new)?,
        "send_recv" => bench_kit::datagrams::run(&options, Sockets::new)?,
        _ => false,
    };
    if has_run {
        return Ok(());
    }
    let text = format!("no job `{}` of `{}`", options.job, options.variant);
    Err(io::Error::new(io::ErrorKind::InvalidInput, text))
}
