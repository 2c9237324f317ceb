//! A server on a completion ring, written by hand: what is possible without a library.
//!
//! | file | what it holds |
//! |---|---|
//! | `server.rs` | the loop, and what becomes of each completion |
//! | `connection.rs` | a client, and what was not sent to it yet |
//! | `operation.rs` | what a completion belongs to, and the entries that are submitted |
//! | `ring.rs` | the two queues |
//! | `buffers.rs` | the buffers that the kernel receives into |

mod buffers;
mod connection;
mod operation;
mod ring;
mod server;

use std::io;

use bench_kit::allocations::Counting;
use bench_kit::options::Options;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> io::Result<()> {
    server::main(&Options::of_process()?)
}
