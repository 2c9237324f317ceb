//! The example `completion_broadcast.rs`, where the system has what it shows.

#[cfg(any(unix, windows))]
#[path = "../completion_broadcast.rs"]
mod completion_broadcast;

use std::process::ExitCode;

#[cfg(any(unix, windows))]
fn main() -> ExitCode {
    completion_broadcast::main()
}

#[cfg(not(any(unix, windows)))]
fn main() -> ExitCode {
    eprintln!("completion_broadcast: this example shows completion, which Unix and Windows have");
    ExitCode::FAILURE
}
