//! Timers in ordered collections, as programs keep them that have no wheel, datagrams by a call
//! for each, and files by threads that block.

mod binary_heap;
mod btree_map;
mod send_recv;
mod thread_pool;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;
use bench_kit::timers::{run_cancel, run_expire, run_memory};

use crate::binary_heap::Heap;
use crate::btree_map::Map;
use crate::send_recv::Sockets;
use crate::thread_pool::Pool;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    let options = Options::of_process()?;
    let has_run = match options.variant.as_str() {
        "btreemap" => run_cancel(&options, Map::new)? || run_memory(&options, Map::new)?,
        "binary_heap" => run_expire(&options, Heap::new)?,
        "send_recv" => bench_kit::datagrams::run(&options, Sockets::new)?,
        "thread_pool" => bench_kit::files::run(&options, Pool::new)?,
        _ => false,
    };
    if has_run {
        return Ok(());
    }
    let text = format!("no job `{}` of `{}`", options.job, options.variant);
    Err(io::Error::new(io::ErrorKind::InvalidInput, text))
}
