//! The example `restart.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../restart.rs"]
mod restart;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    restart::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("restart: this example passes a listener to a new process, which only a Unix has");
    ExitCode::FAILURE
}
