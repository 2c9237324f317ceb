//! The example `adopt.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../adopt.rs"]
mod adopt;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    adopt::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("adopt: this example shows completion, which only a Unix has");
    ExitCode::FAILURE
}
