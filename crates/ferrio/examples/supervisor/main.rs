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
//! | `config.rs`, `options.rs` | what is to run, and the command line |
//! | `metrics.rs`, `scrape.rs` | the counters, and a request for them |

#[cfg(unix)]
mod config;
#[cfg(unix)]
mod metrics;
#[cfg(unix)]
mod options;
#[cfg(unix)]
mod output;
#[cfg(unix)]
mod reload;
#[cfg(unix)]
mod scrape;
#[cfg(unix)]
mod service;
#[cfg(unix)]
mod supervisor;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    options::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("supervisor: this example signals groups of processes, which only a Unix has");
    ExitCode::FAILURE
}
