//! A supervisor: it starts programs, prefixes what they print, and starts them anew when they end.
//!
//! `cargo run --example supervisor -- 'clock=while date; do sleep 1; done' 'fails=exit 1'`, or with
//! `--config FILE`, whose lines are of the same kind. SIGHUP or a change of that file reloads it;
//! SIGINT and SIGTERM stop everything. The chapter *a supervisor* of the book says how it is
//! built.
//!
//! | file | what it holds |
//! |---|---|
//! | `supervisor.rs` | the loop: signals, the file, deadlines, exits |
//! | `reload.rs` | what a new configuration changes, and how services are stopped |
//! | `service.rs`, `output.rs` | a program, and what it prints |
//! | `config.rs` | what is to run |
//! | `metrics.rs`, `scrape.rs` | the counters, and a request for them |

mod config;
mod metrics;
mod output;
mod reload;
mod scrape;
mod service;
mod supervisor;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::supervisor::Supervisor;

/// Keeps programs running.
#[derive(Parser)]
#[command(name = "supervisor", version)]
struct Options {
    /// Programs to run: a name, and a command for the shell.
    #[arg(value_name = "NAME=COMMAND")]
    services: Vec<String>,
    /// A file with more of them, one in each line.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Loopback address for /metrics; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    metrics: Option<String>,
    /// How long a program has to end after SIGTERM, before SIGKILL.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds, allow_negative_numbers = true)]
    stop_max: Duration,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("supervisor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), Box<dyn Error>> {
    Supervisor::new(options)?.run()?;
    Ok(())
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or("give a number of seconds, like 5 or 0.5")
}
