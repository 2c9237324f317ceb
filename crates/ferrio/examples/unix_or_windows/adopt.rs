//! The example `adopt.rs`, where the system has what it shows.

#[cfg(any(unix, windows))]
#[path = "../adopt.rs"]
mod adopt;

use std::process::ExitCode;

#[cfg(any(unix, windows))]
fn main() -> ExitCode {
    adopt::main()
}

#[cfg(not(any(unix, windows)))]
fn main() -> ExitCode {
    eprintln!("adopt: this example shows completion, which Unix and Windows have");
    ExitCode::FAILURE
}
