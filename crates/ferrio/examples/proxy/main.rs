//! A TCP proxy: each client gets a connection of its own to another server.
//!
//! `cargo run --example proxy -- --to localhost:7301`, beside `cargo run --example tcp_server`;
//! then `nc 127.0.0.1 7310`. The chapter *a proxy* of the book says how it is built.
//!
//! | file | what it holds |
//! |---|---|
//! | `proxy.rs` | the loop: waits, accepts, gives each pair its turn, closes idle ones |
//! | `pair.rs` | two connections, and what is on its way from one to the other |

mod pair;
mod proxy;

use std::error::Error;
use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::proxy::Proxy;

/// Passes connections on to another server.
#[derive(Parser)]
#[command(name = "proxy", version)]
struct Options {
    /// TCP address to listen on, by number or by name; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7310")]
    listen: String,
    /// The server to connect to, as HOST:PORT.
    #[arg(long, value_name = "ADDR")]
    to: String,
    /// How long a pair may be idle before it is closed.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds, allow_negative_numbers = true)]
    idle: Duration,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("proxy: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    // Looked up once: a lookup blocks, and the loop must not.
    let targets = options.to.to_socket_addrs().map_err(|error| format!("--to {}: {error}", options.to))?;
    let targets: Vec<SocketAddr> = targets.collect();
    if targets.is_empty() {
        return Err(format!("--to {}: there is no such host", options.to).into());
    }
    Proxy::new(&options.listen, targets, options.idle)?.run()?;
    Ok(())
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|time| !time.is_zero()).ok_or("give a number of seconds above 0, like 60 or 0.5")
}
