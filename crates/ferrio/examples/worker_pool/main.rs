//! A line server whose jobs run on a pool of threads.
//!
//! `cargo run --example worker_pool`, then `nc 127.0.0.1 7312` and a number in each line: the
//! answer says how many primes there are below it. The answers of a connection come in the
//! order of its lines, whichever thread is first.
//!
//! | file | what it holds |
//! |---|---|
//! | `server.rs` | the loop: waits, accepts, hands jobs over, takes results |
//! | `connection.rs` | one connection: its lines, and its answers in their order |
//! | `pool.rs` | the threads |

mod connection;
mod pool;
mod server;

use std::io;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Parser;

/// Counts primes on a pool of threads.
#[derive(Parser)]
#[command(name = "worker_pool", version)]
struct Options {
    /// TCP address to listen on, by number or by name; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7312")]
    listen: String,
    /// How many threads work.
    #[arg(long, default_value = "2")]
    threads: NonZeroUsize,
    /// How many jobs may wait for a thread.
    #[arg(long, default_value = "16")]
    queue: NonZeroUsize,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("worker_pool: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    server::Server::new(&options.listen, options.threads.get(), options.queue.get())?.run()
}
