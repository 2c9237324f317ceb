//! The command line.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::supervisor::Supervisor;

/// Keeps programs running.
#[derive(Parser)]
#[command(name = "supervisor", version)]
pub(crate) struct Options {
    /// Programs to run: a name, and a command for the shell.
    #[arg(value_name = "NAME=COMMAND")]
    pub(crate) services: Vec<String>,
    /// A file with more of them, one in each line.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Loopback address for /metrics; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    pub(crate) metrics: Option<String>,
    /// How long a program has to end after SIGTERM, before SIGKILL.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) stop_max: Duration,
}

pub(crate) fn main() -> ExitCode {
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
