//! The example `drain.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../drain.rs"]
mod drain;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    drain::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("drain: this example shows completion, which only a Unix has");
    ExitCode::FAILURE
}
