//! An HTTP/1.1 server: keep-alive, pipelining, partial writes, limits on size and time.
//!
//! `cargo run --example http`, then `curl -v http://127.0.0.1:7311/` or, for an answer that is
//! longer than a socket holds, `curl -o /dev/null http://127.0.0.1:7311/numbers`.
//!
//! | file | what it holds |
//! |---|---|
//! | `server.rs` | the loop: waits, accepts, gives each connection its turn |
//! | `connection.rs` | one connection: its input, its output, its deadline |
//! | `request.rs` | what a request is, and what is wrong with one |
//! | `answer.rs` | what is served |

mod answer;
mod connection;
mod request;
mod server;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

/// Serves HTTP/1.1.
#[derive(Parser)]
#[command(name = "http", version)]
struct Options {
    /// TCP address to listen on, by number or by name; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7311")]
    listen: String,
    /// How long a client may take for a request, or between two.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    idle: Duration,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    server::Server::new(&options.listen, options.idle)?.run()
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|time| !time.is_zero()).ok_or("give a number of seconds above 0, like 10 or 0.5")
}
