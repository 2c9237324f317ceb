//! The example `fork.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../fork.rs"]
mod fork;

#[cfg(unix)]
use std::error::Error;
#[cfg(not(unix))]
use std::process::ExitCode;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn Error>> {
    fork::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("fork: this example is about fork(2), which only a Unix has");
    ExitCode::FAILURE
}
