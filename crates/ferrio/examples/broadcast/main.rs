//! A broadcast server: each line of a client goes to all others, byte for byte.
//!
//! `cargo run --release --example broadcast -- --help` lists the options. TCP
//! and Unix clients share one hub. A last line without a newline is not relayed.
//! A client that ends its sending still receives, until it is gone, or is idle
//! while descriptors are short. SIGINT and SIGTERM drain, a second one ends at
//! once; the final statistics are the ledger: `due = delivered + dropped`.

mod client;
mod door;
mod options;
mod server;
mod statistics;

use std::{io, process};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{options::Options, server::Server, statistics::say};

fn main() {
    let options = Options::read();
    if let Err(error) = raise_descriptor_limit().and_then(|()| Server::new(options)?.run()) {
        eprintln!("broadcast: {error}");
        process::exit(1);
    }
}

/// Raises the soft limit to the hard one: each client costs a descriptor.
fn raise_descriptor_limit() -> io::Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    let show = |limit: Option<u64>| limit.map_or_else(|| "none".into(), |n| n.to_string());
    say(format!("descriptor limit {}, was {}", show(maximum), show(current)));
    Ok(())
}
