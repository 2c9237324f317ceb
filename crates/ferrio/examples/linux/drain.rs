//! The example `drain.rs`, where the system has what it shows.

#[cfg(target_os = "linux")]
#[path = "../drain.rs"]
mod drain;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    drain::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("drain: this example shows completion, which is there on Linux only");
    ExitCode::FAILURE
}
