//! The example `drain.rs`, where the system has what it shows.

#[cfg(any(unix, windows))]
#[path = "../drain.rs"]
mod drain;

use std::process::ExitCode;

#[cfg(any(unix, windows))]
fn main() -> ExitCode {
    drain::main()
}

#[cfg(not(any(unix, windows)))]
fn main() -> ExitCode {
    eprintln!("drain: this example shows completion, which Unix and Windows have");
    ExitCode::FAILURE
}
