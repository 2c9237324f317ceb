//! The example `completion_broadcast.rs`, where the system has what it shows.

#[cfg(target_os = "linux")]
#[path = "../completion_broadcast.rs"]
mod completion_broadcast;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    completion_broadcast::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("completion_broadcast: this example shows completion, which is there on Linux only");
    ExitCode::FAILURE
}
