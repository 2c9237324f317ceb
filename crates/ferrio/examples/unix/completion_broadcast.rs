//! The example `completion_broadcast.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../completion_broadcast.rs"]
mod completion_broadcast;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    completion_broadcast::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("completion_broadcast: this example shows completion, which only a Unix has");
    ExitCode::FAILURE
}
