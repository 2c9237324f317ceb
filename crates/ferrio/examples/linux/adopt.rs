//! The example `adopt.rs`, where the system has what it shows.

#[cfg(target_os = "linux")]
#[path = "../adopt.rs"]
mod adopt;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    adopt::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("adopt: this example shows completion, which is there on Linux only");
    ExitCode::FAILURE
}
