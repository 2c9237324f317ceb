//! A broadcast server: each line of a client goes to all other clients, byte for byte.
//!
//! `cargo run --release --example broadcast`, then `nc 127.0.0.1 7300` in two terminals.
//! With `-- --help` it lists its options and says how it treats its clients.
//!
//! | file | what it holds |
//! |---|---|
//! | `server.rs` | the loop: waits, accepts, gives each client its turn |
//! | `relay.rs` | from one client to all others, and who waits for whom |
//! | `client.rs` | one connection: its unfinished line, its queue, its limits |
//! | `listener.rs` | listeners behind one trait, and those of TCP |
//! | `unix.rs`, `windows.rs` | Unix sockets, limits and signals |
//! | `options.rs`, `statistics.rs` | the command line, and what is counted |

mod client;
mod listener;
mod options;
mod relay;
mod server;
mod statistics;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::{io, process};

#[cfg(unix)]
pub(crate) use unix as system;
#[cfg(windows)]
pub(crate) use windows as system;

use crate::options::Options;
use crate::server::Server;
use crate::statistics::say;

fn main() {
    if let Err(error) = run(Options::read()) {
        eprintln!("broadcast: {error}");
        process::exit(1);
    }
}

fn run(options: Options) -> io::Result<()> {
    let limit = system::raise_descriptor_limit()?;
    let server = Server::new(options)?;
    let limit =
        limit.map_or_else(|| "no limit of descriptors".into(), |limit| format!("{limit} descriptors"));
    say(format!("{limit}, one for each client"));
    server.run()
}
